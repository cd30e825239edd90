//! Runs of bytes, looked through eight at a time.

const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
const HIGH: u64 = !LOW;
const ONES: u64 = 0x0101_0101_0101_0101;

/// A word of eight times this byte.
const fn each(byte: u8) -> u64 {
    ONES * byte as u64
}

/// How many letters, digits and underscores `bytes` begin with; where `colons`, these count too.
#[inline]
pub(super) fn name_len(bytes: &[u8], colons: bool) -> usize {
    // The byte behind the digits is the colon.
    let digits_end = if colons { b':' } else { b'9' };
    let others = |word: u64| {
        let (plain, folded) = (word & LOW, (word | each(0x20)) & LOW);
        let letters = between(folded, b'a', b'z');
        let digits = between(plain, b'0', digits_end);
        let underscores = !((plain ^ each(b'_')) + LOW);
        !(letters | digits | underscores) & HIGH | word & HIGH
    };
    let is_other = |byte: u8| !(byte.is_ascii_alphanumeric() || byte == b'_' || colons && byte == b':');
    run(bytes, others, is_other)
}

/// How many bytes stand before the first quote, backslash or line break.
#[inline]
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    let stops = |word: u64| is_byte(word, b'"') | is_byte(word, b'\\') | is_byte(word, b'\n');
    run(bytes, stops, |byte| matches!(byte, b'"' | b'\\' | b'\n'))
}

/// The length of what stands before the first byte whose highest bit `stops` sets, word by word, and then before the
/// first for which `is_stop` says so.
#[inline]
fn run(bytes: &[u8], stops: impl Fn(u64) -> u64, is_stop: impl Fn(u8) -> bool) -> usize {
    let mut len = 0;
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let found = stops(u64::from_le_bytes(*word));
        if found != 0 {
            return len + (found.trailing_zeros() / 8) as usize;
        }
        (len, rest) = (len + word.len(), behind);
    }
    len + rest.iter().position(|byte| is_stop(*byte)).unwrap_or(rest.len())
}

/// The highest bit of each byte, all below 128, that lies between two others, both included.
#[inline]
fn between(word: u64, first: u8, last: u8) -> u64 {
    (word + each(0x80 - first)) & !(word + each(0x7F - last))
}

/// The highest bit of the lowest byte that is this one; behind it other bits may be set too.
#[inline]
fn is_byte(word: u64, byte: u8) -> u64 {
    let zeros = word ^ each(byte);
    zeros.wrapping_sub(ONES) & !zeros & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_byte_is_known_at_each_place_of_a_word() {
        for byte in 0..=255_u8 {
            let is_name = byte.is_ascii_alphanumeric() || byte == b'_';
            let is_stop = matches!(byte, b'"' | b'\\' | b'\n');
            for place in 0..20 {
                let mut bytes = [b'a'; 20];
                bytes[place] = byte;
                assert_eq!(name_len(&bytes, false), if is_name { 20 } else { place }, "{byte} {place}");
                let with_colons = is_name || byte == b':';
                assert_eq!(name_len(&bytes, true), if with_colons { 20 } else { place }, "{byte} {place}");
                assert_eq!(plain_len(&bytes), if is_stop { place } else { 20 }, "{byte} {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn runs_end_where_a_look_at_each_byte_ends_them(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let until = |is_stop: fn(u8) -> bool| bytes.iter().position(|byte| is_stop(*byte)).unwrap_or(bytes.len());
            prop_assert_eq!(name_len(&bytes, false), until(|byte| !byte.is_ascii_alphanumeric() && byte != b'_'));
            prop_assert_eq!(plain_len(&bytes), until(|byte| matches!(byte, b'"' | b'\\' | b'\n')));
        }
    }
}
