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
    let tail_from = text.len().saturating_sub(7);
    for (number, hash) in tail_hashes(text).into_iter().take(tail_count(text.len())).enumerate() {
        step(hash, tail_from + number, &mut hashes, &mut place, &mut last, &mut take);
    }
}

/// How many of the last pieces have fewer than eight bytes behind their start.
fn tail_count(text_bytes: usize) -> usize {
    (text_bytes.min(7) + 1).saturating_sub(GRAM)
}

/// The hashes of these pieces; what lies behind the text is no part of them.
fn tail_hashes(text: &[u8]) -> [u32; 8 - GRAM] {
    let mut padded = [0_u8; 16];
    let tail = text.get(text.len().saturating_sub(7)..).unwrap_or_default();
    padded.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    let mut hashes = [0; 8 - GRAM];
    hashes.iter_mut().zip(padded.windows(8)).for_each(|(to, piece)| *to = hash(piece));
    hashes
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

/// Pieces that are hashed at once.
const CHUNK: usize = 1024;

/// Builds filters, one after the other.
pub(crate) struct FilterBuilder {
    words: Vec<u64>,
    /// The hashes of some pieces, behind those of the last ones before them.
    hashes: Vec<u32>,
    /// The smallest hash of each window.
    smallest: Vec<u32>,
    /// Those of them that are not that of the window before.
    taken: Vec<u32>,
}

impl FilterBuilder {
    pub(crate) fn new() -> Self {
        Self {
            words: vec![0; 1 << (LOG_MAX - 6)],
            hashes: Vec::with_capacity(CHUNK + WINDOW),
            smallest: vec![0; CHUNK],
            taken: vec![0; CHUNK],
        }
    }

    /// Appends the filter of a text, and gives the power of two of its bits.
    pub(crate) fn build(&mut self, text: &[u8], out: &mut Vec<u8>) -> u8 {
        let mut log = log_of(text.len());
        let mut len = (1 << log) / 64;
        self.words.iter_mut().take(len).for_each(|word| *word = 0);
        self.set_bits(text, log);
        let words = &mut self.words;
        while log > LOG_MIN {
            let half = len / 2;
            let Some((low, high)) = words.get_mut(..len).and_then(|words| words.split_at_mut_checked(half))
            else {
                break;
            };
            let ones: u64 = low.iter().zip(high.iter()).map(|(a, b)| u64::from((a | b).count_ones())).sum();
            if ones * 100 > (half as u64 * 64) * FULL_PERCENT {
                break;
            }
            low.iter_mut().zip(high.iter()).for_each(|(a, b)| *a |= *b);
            len = half;
            log -= 1;
        }
        for word in words.iter().take(len) {
            out.extend_from_slice(&word.to_le_bytes());
        }
        log as u8
    }

    /// Sets the bits of a text in a set of a power of two of bits.
    ///
    /// What [`sample`] does piece by piece is done here in steps over some pieces at once, none of which has a branch that
    /// depends on the text: that is what writing a part costs beside its compression.
    fn set_bits(&mut self, text: &[u8], log: u32) {
        let mask = (1_usize << log) - 1;
        let mut last = None;
        self.hashes.clear();
        let mut from = 0;
        loop {
            let end = (from + CHUNK + 7).min(text.len());
            self.hashes.extend(text.get(from..end).unwrap_or_default().windows(8).map(hash));
            from += CHUNK;
            let is_last = from + 7 >= text.len();
            if is_last {
                self.hashes.extend(tail_hashes(text).iter().take(tail_count(text.len())));
            }
            self.set_smallest(&mut last, mask);
            if is_last {
                return;
            }
            // The windows that begin with the last pieces are not yet whole.
            let begun = self.hashes.len().saturating_sub(WINDOW - 1);
            self.hashes.drain(..begun);
        }
    }

    /// Sets the bits of the smallest hash of each whole window.
    fn set_smallest(&mut self, last: &mut Option<u32>, mask: usize) {
        let windows = self.hashes.windows(WINDOW);
        let count = windows.len();
        self.smallest.resize(count, 0);
        self.taken.resize(count + 1, 0);
        for (smallest, window) in self.smallest.iter_mut().zip(windows) {
            if let [a, b, c, d] = window {
                *smallest = (*a).min(*b).min((*c).min(*d));
            }
        }
        // The first one is compared with that of the piece before; any other one will do where there was none.
        let mut before = last.unwrap_or_else(|| !self.smallest.first().copied().unwrap_or_default());
        let mut count = 0;
        for smallest in &self.smallest {
            if let Some(place) = self.taken.get_mut(count) {
                *place = *smallest;
            }
            count += usize::from(*smallest != before);
            before = *smallest;
        }
        *last = self.smallest.last().copied().or(*last);
        for hash in self.taken.iter().take(count) {
            let bit = bit(*hash) & mask;
            if let Some(word) = self.words.get_mut(bit / 64) {
                *word |= 1 << (bit % 64);
            }
        }
    }
}

/// The power of two of bits that are more than enough for a text of so many bytes: a set of so many is the same as a larger
/// one that was folded.
fn log_of(text_bytes: usize) -> u32 {
    (2 * text_bytes.max(1)).next_power_of_two().ilog2().clamp(LOG_MIN, LOG_MAX)
}

/// The filter of a text as its description says, for comparison.
#[cfg(test)]
pub(super) fn folded(text: &[u8]) -> Vec<u8> {
    let mut bits = vec![false; 1 << LOG_MAX];
    sample(text, |hash| bits.iter_mut().skip(bit(hash)).take(1).for_each(|bit| *bit = true));
    while bits.len() > 1 << LOG_MIN {
        let (low, high) = bits.split_at(bits.len() / 2);
        let half: Vec<bool> = low.iter().zip(high).map(|(a, b)| *a || *b).collect();
        let ones = half.iter().filter(|bit| **bit).count();
        if ones * 100 > half.len() * FULL_PERCENT as usize {
            break;
        }
        bits = half;
    }
    bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit))).collect()
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
