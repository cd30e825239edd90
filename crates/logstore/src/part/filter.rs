//! Which short pieces stand in a text: a filter for questions after substrings.
//!
//! Every [`STRIDE`]th piece of [`GRAM`] bytes is taken, counted from the beginning of the text; each sets one bit of a set
//! that is folded until about a third of it is set. Where a text holds a needle, the pieces of the needle that were taken
//! are those of one of [`STRIDE`] ways to count, so that a needle is absent where every way has a piece whose bit is not
//! set. A needle of [`NEEDLE_MIN`] bytes has a piece in each way. ASCII letters count the same in either case.
//!
//! Words are shorter: of parts that are merged the set also has every [`LETTERS`] letters that follow each other. A text has
//! few of these that differ, so that each may set [`BITS_OF_LETTERS`] bits and they are found in a second set, of the letters
//! themselves, which takes one step for each byte.

/// Bytes of a piece.
const GRAM: usize = 6;
/// Of so many pieces in a row one is taken.
const STRIDE: usize = 3;
/// Every needle of so many bytes has a piece that the filter knows of, wherever it stands.
pub(crate) const NEEDLE_MIN: usize = GRAM + STRIDE - 1;
/// A needle is looked up by at most so many pieces in each way to count.
const PIECES_MAX: usize = 12;

/// So many letters are a piece of a word, and set so many bits.
const LETTERS: u32 = 4;
const BITS_OF_LETTERS: usize = 3;
/// Bits of a letter's number, of those of a piece, and how many pieces there may be.
const LETTER_BITS: u32 = 5;
const CODE_MASK: u32 = (1 << (LETTER_BITS * LETTERS)) - 1;
const CODES: usize = 1 << (LETTER_BITS * LETTERS);

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

/// The number of a letter in either case, from 1 on; 0 of any other byte.
#[inline]
fn letter(byte: u8) -> u32 {
    let number = (byte | 0x20).wrapping_sub(b'a' - 1);
    if number <= 26 { u32::from(number) } else { 0 }
}

/// The bits of four letters, each by its number, in the largest set; `None` where one of them is no letter.
fn bits_of_letters(code: u32) -> Option<[u32; BITS_OF_LETTERS]> {
    let mut letters = (0..LETTERS).map(|place| code >> (LETTER_BITS * place) & 31);
    if !letters.all(|number| (1..=26).contains(&number)) {
        return None;
    }
    let mixed = u64::from(code).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    Some([1, 22, 43].map(|from| (mixed >> from) as u32 & ((1 << LOG_MAX) - 1)))
}

/// Builds filters, one after the other.
pub(crate) struct FilterBuilder {
    words: Vec<u64>,
    /// A bit for every four letters, where pieces of words are wanted.
    codes: Option<Box<[u64; CODES / 64]>>,
}

impl FilterBuilder {
    /// Of filters that have the pieces of words too, or not.
    pub(crate) fn new(knows_words: bool) -> Self {
        let codes = knows_words.then(|| Box::new([0; CODES / 64]));
        Self { words: vec![0; 1 << (LOG_MAX - 6)], codes }
    }

    /// Appends the filter of a text, and gives the power of two of its bits.
    pub(crate) fn build(&mut self, text: &[u8], out: &mut Vec<u8>) -> u8 {
        let mut log = log_of(text.len(), self.codes.is_some());
        let mut len = (1 << log) / 64;
        self.words.iter_mut().take(len).for_each(|word| *word = 0);
        self.set_bits(text, log);
        self.set_bits_of_words(text, log);
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

    /// Sets the bits of the letters of a text. Which letters there are is found first: what a byte costs then does not depend on
    /// the text either, and few of the pieces differ.
    fn set_bits_of_words(&mut self, text: &[u8], log: u32) {
        let Some(codes) = &mut self.codes else { return };
        codes.fill(0);
        let mut code = 0_u32;
        for byte in text {
            code = code << LETTER_BITS | letter(*byte);
            let place = code & CODE_MASK;
            if let Some(word) = codes.get_mut(place as usize / 64) {
                *word |= 1 << (place % 64);
            }
        }
        let mask = (1_u32 << log) - 1;
        for (number, word) in (0_u32..).zip(codes.iter()) {
            let mut rest = *word;
            while rest != 0 {
                let code = number * 64 + rest.trailing_zeros();
                rest &= rest - 1;
                for bit in bits_of_letters(code).into_iter().flatten() {
                    if let Some(word) = self.words.get_mut((bit & mask) as usize / 64) {
                        *word |= 1 << ((bit & mask) % 64);
                    }
                }
            }
        }
    }
}

/// The power of two of bits that are more than enough for a text of so many bytes: a set of so many is the same as a larger
/// one that was folded. Where it knows words each byte may set three bits more.
fn log_of(text_bytes: usize, knows_words: bool) -> u32 {
    let log = text_bytes.max(1).next_power_of_two().ilog2();
    (if knows_words { log + 4 } else { log }).clamp(LOG_MIN, LOG_MAX)
}

/// The filter of a text as its description says, for comparison.
#[cfg(test)]
pub(super) fn folded(text: &[u8], knows_words: bool) -> Vec<u8> {
    let mut bits = vec![false; 1 << LOG_MAX];
    let words = text.windows(LETTERS as usize).filter(|_| knows_words);
    for bit in words.filter_map(|piece| bits_of_letters(code_of(piece))).flatten() {
        bits[bit as usize] = true;
    }
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

/// The number of some letters.
fn code_of(piece: &[u8]) -> u32 {
    piece.iter().fold(0, |code, byte| code << LETTER_BITS | letter(*byte))
}

/// The pieces that a text must have to hold a needle; none where the needle is too short to tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces {
    /// By the ways to count them: all pieces of one way are there.
    ways: Vec<Vec<u32>>,
    /// Bits of words, all of which are there.
    words: Vec<u32>,
}

impl Pieces {
    /// The pieces of a needle.
    pub(crate) fn of(needle: &[u8]) -> Self {
        let pieces = needle.windows(LETTERS as usize).filter_map(|piece| bits_of_letters(code_of(piece)));
        let words = pieces.take(PIECES_MAX).flatten().collect();
        if needle.len() < NEEDLE_MIN {
            return Self { ways: Vec::new(), words };
        }
        let way = |first: usize| {
            needle.windows(GRAM).skip(first).step_by(STRIDE).take(PIECES_MAX).map(bit_of).collect()
        };
        Self { ways: (0..STRIDE).map(way).collect(), words }
    }

    /// Whether a text with this filter, which knows the pieces of words or does not, surely does not hold the needle.
    pub(crate) fn are_absent(&self, filter: &[u8], knows_words: bool) -> bool {
        // The length is a power of two.
        let mask = (filter.len() as u32).wrapping_mul(8).wrapping_sub(1);
        let is_unset = |bit: &u32| {
            let bit = bit & mask;
            filter.get(bit as usize / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 0)
        };
        let has_no_way = !self.ways.is_empty() && self.ways.iter().all(|way| way.iter().any(is_unset));
        has_no_way || (knows_words && self.words.iter().any(is_unset))
    }
}
