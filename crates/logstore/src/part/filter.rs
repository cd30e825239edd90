//! Which short pieces stand in a text: a filter for questions after substrings.
//!
//! Of every [`WINDOW`] pieces of [`GRAM`] bytes that follow each other the one with the smallest hash is taken, so that
//! any needle of [`NEEDLE_MIN`] bytes or more has a taken piece wherever it is cut. Each taken piece sets one bit of a
//! set that is folded until about half of it is set: a needle is longer than one piece, and each of its pieces must be
//! there. ASCII letters count the same in either case.

/// Bytes of a piece.
const GRAM: usize = 6;
/// Of so many pieces in a row one is taken.
const WINDOW: usize = 4;
/// Every needle of so many bytes has a piece that the filter knows of.
pub(crate) const NEEDLE_MIN: usize = GRAM + WINDOW - 1;
/// A needle is looked up by at most so many pieces.
const PIECES_MAX: usize = 16;

/// The largest and the smallest set, in powers of two of bits.
const LOG_MAX: u32 = 21;
const LOG_MIN: u32 = 6;
/// A set is folded while no more than this percentage of its bits would be set.
const FULL_PERCENT: u64 = 55;

/// Calls `take` with the hash of each taken piece; neighbours that are the same piece come once.
fn sample(text: &[u8], mut take: impl FnMut(u32)) {
    let mut hashes = [u32::MAX; WINDOW];
    let mut last = None;
    let mut place = 0;
    for (number, piece) in text.windows(8).enumerate() {
        step(hash(piece), number, &mut hashes, &mut place, &mut last, &mut take);
    }
    // The last pieces have fewer than eight bytes behind their start.
    let tail_from = text.len().saturating_sub(7);
    let mut padded = [0_u8; 16];
    let tail = text.get(tail_from..).unwrap_or_default();
    for (to, from) in padded.iter_mut().zip(tail) {
        *to = *from;
    }
    for (number, piece) in padded.windows(8).take((tail.len() + 1).saturating_sub(GRAM)).enumerate() {
        step(hash(piece), tail_from + number, &mut hashes, &mut place, &mut last, &mut take);
    }
}

#[inline]
fn step(
    hash: u32,
    number: usize,
    hashes: &mut [u32; WINDOW],
    place: &mut usize,
    last: &mut Option<u32>,
    take: &mut impl FnMut(u32),
) {
    if let Some(slot) = hashes.get_mut(*place % WINDOW) {
        *slot = hash;
    }
    *place = (*place + 1) % WINDOW;
    if number + 1 >= WINDOW {
        let smallest = hashes.iter().copied().fold(u32::MAX, u32::min);
        if *last != Some(smallest) {
            *last = Some(smallest);
            take(smallest);
        }
    }
}

/// The hash of the first bytes of a piece, letters in either case (and a few signs) alike.
#[inline]
fn hash(piece: &[u8]) -> u32 {
    const MASK: u64 = (1 << (GRAM * 8)) - 1;
    const CASE: u64 = 0x2020_2020_2020_2020;
    let bytes = piece.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let folded = (bytes | CASE) & MASK;
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// The bit of a taken piece in the largest set: small hashes are taken, so they are spread anew.
#[inline]
fn bit(hash: u32) -> usize {
    let spread = u64::from(hash).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32;
    (spread & ((1 << LOG_MAX) - 1)) as usize
}

/// Builds filters, one after the other.
pub(crate) struct FilterBuilder {
    words: Vec<u64>,
}

impl FilterBuilder {
    pub(crate) fn new() -> Self {
        Self { words: vec![0; 1 << (LOG_MAX - 6)] }
    }

    /// Appends the filter of a text, and gives the power of two of its bits.
    pub(crate) fn build(&mut self, text: &[u8], out: &mut Vec<u8>) -> u8 {
        let words = &mut self.words;
        words.fill(0);
        sample(text, |hash| {
            let bit = bit(hash);
            if let Some(word) = words.get_mut(bit / 64) {
                *word |= 1 << (bit % 64);
            }
        });
        let mut log = LOG_MAX;
        let mut len = words.len();
        while log > LOG_MIN {
            let half = len / 2;
            let (low, high) = words.split_at_mut(half);
            let ones: u64 = low.iter().zip(high.iter()).map(|(a, b)| u64::from((a | b).count_ones())).sum();
            if ones * 100 > (half as u64 * 64) * FULL_PERCENT {
                break;
            }
            low.iter_mut().zip(high.iter()).take(half).for_each(|(a, b)| *a |= *b);
            len = half;
            log -= 1;
        }
        for word in words.iter().take(len) {
            out.extend_from_slice(&word.to_le_bytes());
        }
        log as u8
    }
}

/// Bytes of a filter.
pub(crate) fn filter_bytes(log: u8) -> Option<usize> {
    (LOG_MIN..=LOG_MAX).contains(&u32::from(log)).then(|| (1 << log) / 8)
}

/// The pieces that a text must have to hold a needle; none where the needle is too short to tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces(Vec<u32>);

impl Pieces {
    /// The pieces of a needle.
    pub(crate) fn of(needle: &[u8]) -> Self {
        let mut pieces = Vec::new();
        if needle.len() >= NEEDLE_MIN {
            sample(needle, |hash| {
                if pieces.len() < PIECES_MAX {
                    pieces.push(bit(hash) as u32);
                }
            });
        }
        Self(pieces)
    }

    /// Whether a text with this filter surely does not hold the needle.
    pub(crate) fn are_absent(&self, filter: &[u8]) -> bool {
        // The length is a power of two.
        let mask = (filter.len() as u32).wrapping_mul(8).wrapping_sub(1);
        self.0.iter().any(|bit| {
            let bit = bit & mask;
            filter.get(bit as usize / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 0)
        })
    }
}
