//! Which short pieces stand in a text: a filter for questions after substrings.
//!
//! Every [`STRIDE`]th piece of [`GRAM`] bytes is taken, counted from the beginning of the text; each sets one bit of a set
//! that is folded until about a third of it is set. Where a text holds a needle, the pieces of the needle that were taken
//! are those of one of [`STRIDE`] ways to count, so that a needle is absent where every way has a piece whose bit is not
//! set. A needle of [`NEEDLE_MIN`] bytes has a piece in each way. ASCII letters count the same in either case.

/// Bytes of a piece.
const GRAM: usize = 6;
/// Of so many pieces in a row one is taken.
const STRIDE: usize = 3;
/// Every needle of so many bytes has a piece that the filter knows of, wherever it stands.
pub(crate) const NEEDLE_MIN: usize = GRAM + STRIDE - 1;
/// A needle is looked up by at most so many pieces in each way to count.
const PIECES_MAX: usize = 12;

/// The largest and the smallest set, in powers of two of bits.
const LOG_MAX: u32 = 21;
const LOG_MIN: u32 = 6;
/// A set is folded while no more than this percentage of its bits would be set.
const FULL_PERCENT: u64 = 40;

/// The bit of the piece that eight bytes begin with, in the largest set: letters in either case (and a few signs) are alike.
#[inline]
fn bit(bytes: [u8; 8]) -> u32 {
    const MASK: u64 = (1 << (GRAM * 8)) - 1;
    const CASE: u64 = 0x2020_2020_2020_2020;
    let folded = (u64::from_le_bytes(bytes) | CASE) & MASK;
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32 & ((1 << LOG_MAX) - 1)
}

/// The bit of the piece that a text begins with.
fn bit_of(text: &[u8]) -> u32 {
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(text.iter().take(GRAM)).for_each(|(to, from)| *to = *from);
    bit(bytes)
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

    /// Sets the bits of a text in a set of a power of two of bits: what writing a part costs beside its compression, so
    /// nothing in it depends on the text.
    fn set_bits(&mut self, text: &[u8], log: u32) {
        let mask = (1_u32 << log) - 1;
        let words = &mut self.words;
        let mut set = |bit: u32| {
            let bit = bit & mask;
            if let Some(word) = words.get_mut(bit as usize / 64) {
                *word |= 1 << (bit % 64);
            }
        };
        let mut next = 0;
        for piece in text.windows(8).step_by(STRIDE) {
            if let Some(bytes) = piece.first_chunk::<8>() {
                set(bit(*bytes));
            }
            next += STRIDE;
        }
        // The last pieces have fewer than eight bytes from their start.
        while let Some(piece) = text.get(next..next + GRAM) {
            set(bit_of(piece));
            next += STRIDE;
        }
    }
}

/// The power of two of bits that are more than enough for a text of so many bytes: a set of so many is the same as a larger
/// one that was folded.
fn log_of(text_bytes: usize) -> u32 {
    text_bytes.max(1).next_power_of_two().ilog2().clamp(LOG_MIN, LOG_MAX)
}

/// The filter of a text as its description says, for comparison.
#[cfg(test)]
pub(super) fn folded(text: &[u8]) -> Vec<u8> {
    let mut bits = vec![false; 1 << LOG_MAX];
    for piece in text.windows(GRAM).step_by(STRIDE) {
        bits.iter_mut().skip(bit_of(piece) as usize).take(1).for_each(|bit| *bit = true);
    }
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

/// The pieces that a text must have to hold a needle, by the ways to count them; none where the needle is too short to
/// tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces {
    ways: Vec<Vec<u32>>,
}

impl Pieces {
    /// The pieces of a needle.
    pub(crate) fn of(needle: &[u8]) -> Self {
        if needle.len() < NEEDLE_MIN {
            return Self::default();
        }
        let way = |first: usize| {
            needle.windows(GRAM).skip(first).step_by(STRIDE).take(PIECES_MAX).map(bit_of).collect()
        };
        Self { ways: (0..STRIDE).map(way).collect() }
    }

    /// Whether a text with this filter surely does not hold the needle.
    pub(crate) fn are_absent(&self, filter: &[u8]) -> bool {
        // The length is a power of two.
        let mask = (filter.len() as u32).wrapping_mul(8).wrapping_sub(1);
        let is_unset = |bit: &u32| {
            let bit = bit & mask;
            filter.get(bit as usize / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 0)
        };
        !self.ways.is_empty() && self.ways.iter().all(|way| way.iter().any(is_unset))
    }
}
