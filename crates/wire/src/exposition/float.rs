//! Sample values as Go reads them, fast for the forms that exporters write.

use model::number::parse_float;
use model::sample::NORMAL_NAN_BITS;

use super::error::quote_bytes;

/// Powers of ten that a float holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];
/// The powers of ten that fit.
const WHOLE_POWERS: [u64; DIGITS_MAX + 1] = {
    let mut powers = [1; DIGITS_MAX + 1];
    let mut power = 1;
    while power <= DIGITS_MAX {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; the loop ends at the length")]
        {
            powers[power] = powers[power - 1] * 10;
        }
        power += 1;
    }
    powers
};
/// So many digits always fit.
const DIGITS_MAX: usize = 19;
/// Whole numbers up to here are floats without rounding.
const EXACT_WHOLE_MAX: u64 = 1 << 53;

/// Reads a sample value; every NaN is the normal NaN.
///
/// # Errors
/// The reason in the original's words, without the line.
pub(super) fn parse_value(bytes: &[u8]) -> Result<f64, String> {
    match parse_common(bytes) {
        Some(value) => Ok(value),
        None => parse_any(bytes),
    }
}

/// Decimal numbers that are exact in one multiplication or division, as most are; `None` says nothing.
fn parse_common(bytes: &[u8]) -> Option<f64> {
    let (value, len) = parse_leading(bytes)?;
    (len == bytes.len()).then_some(value)
}

/// The decimal number that `bytes` begin with and its length, where it is exact in one multiplication or division;
/// `None` says nothing.
#[inline]
pub(super) fn parse_leading(bytes: &[u8]) -> Option<(f64, usize)> {
    let (negative, mut rest) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, bytes),
    };
    let (mut whole, mut digits) = read_digits(rest);
    rest = rest.get(digits..)?;
    let mut decimals = 0;
    if let Some((b'.', behind)) = rest.split_first() {
        let (fraction, len) = read_digits(behind);
        // Nineteen digits cannot overflow.
        whole = whole.wrapping_mul(*WHOLE_POWERS.get(len)?).wrapping_add(fraction);
        (digits, decimals) = (digits + len, len as i32);
        rest = behind.get(len..)?;
    }
    if digits == 0 || digits > DIGITS_MAX || whole > EXACT_WHOLE_MAX {
        return None;
    }
    let (exponent, len) = match rest.split_first() {
        Some((b'e' | b'E', power)) => {
            let (exponent, len) = parse_power(power)?;
            (exponent, bytes.len() - power.len() + len)
        }
        _ => (0, bytes.len() - rest.len()),
    };
    let power = exponent - decimals;
    let scale = *EXACT_POWERS.get(power.unsigned_abs() as usize)?;
    let value = if power < 0 { whole as f64 / scale } else { whole as f64 * scale };
    Some((if negative { -value } else { value }, len))
}

/// The number that the digits in front make, and how many they are; of no meaning where they are more than
/// [`DIGITS_MAX`].
#[inline]
fn read_digits(mut bytes: &[u8]) -> (u64, usize) {
    let (mut whole, mut count) = (0_u64, 0);
    while let Some(word) = bytes.first_chunk() {
        let (value, len) = digits_of_word(u64::from_le_bytes(*word));
        let power = WHOLE_POWERS.get(len).copied().unwrap_or(0);
        whole = whole.wrapping_mul(power).wrapping_add(value);
        count += len;
        if len < 8 {
            return (whole, count);
        }
        bytes = bytes.get(len..).unwrap_or_default();
    }
    for digit in bytes.iter().map(|byte| byte.wrapping_sub(b'0')).take_while(|digit| *digit < 10) {
        whole = whole.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    (whole, count)
}

/// The same for a word of eight bytes, the first one lowest: all of them at once.
#[inline]
fn digits_of_word(word: u64) -> (u64, usize) {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let digits = word ^ 0x3030_3030_3030_3030;
    // The highest bit of each byte that is no digit; none carries into the next byte.
    let others = (((digits & LOW) + 0x7676_7676_7676_7676) | digits) & !LOW;
    let len = (others.trailing_zeros() / 8) as usize;
    if len == 0 {
        return (0, 0);
    }
    // The digits move to the end, behind zeros; then neighbours become pairs, pairs fours, and fours the whole.
    let digits = digits << (64 - 8 * len);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    let whole = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF;
    (whole, len)
}

/// An exponent of one to three digits with an optional sign, and its length.
fn parse_power(bytes: &[u8]) -> Option<(i32, usize)> {
    let (negative, digits) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, bytes),
    };
    let len = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    if !(1..=3).contains(&len) {
        return None;
    }
    let power = digits.iter().take(len).fold(0, |power, digit| power * 10 + i32::from(digit - b'0'));
    Some((if negative { -power } else { power }, bytes.len() - digits.len() + len))
}

#[cold]
fn parse_any(bytes: &[u8]) -> Result<f64, String> {
    if bytes.iter().any(|byte| matches!(byte, b'p' | b'P' | b'_')) {
        return Err("unsupported character in float".to_owned());
    }
    match std::str::from_utf8(bytes).ok().and_then(parse_float) {
        Some(value) if value.is_nan() => Ok(f64::from_bits(NORMAL_NAN_BITS)),
        Some(value) => Ok(value),
        None => {
            let out_of_range = std::str::from_utf8(bytes)
                .is_ok_and(|text| text.parse::<f64>().is_ok_and(f64::is_infinite))
                && bytes.iter().any(u8::is_ascii_digit);
            let reason = if out_of_range { "value out of range" } else { "invalid syntax" };
            Err(format!("strconv.ParseFloat: parsing {}: {reason}", quote_bytes(bytes)))
        }
    }
}

/// Writes a bound or quantile in the one form that OpenMetrics knows: `1` and `1.00` as `1.0`.
///
/// `None` where the text is no number: it stays as it is.
pub(super) fn normal_bound(text: &str) -> Option<String> {
    let value = parse_float(text).or_else(|| parse_float(&without_underscores(text)?))?;
    Some(bound_text(value))
}

/// A bound or quantile in the one form that OpenMetrics knows.
pub(super) fn bound_text(value: f64) -> String {
    let mut text = model::number::format_general(value);
    if value.is_finite() && !text.contains(['.', 'e']) {
        text.push_str(".0");
    }
    text
}

/// The text without the underscores that Go allows between digits; `None` where one stands elsewhere.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |position: usize| bytes.get(position).is_some_and(u8::is_ascii_digit);
    let between_digits = |position: usize| position > 0 && is_digit(position - 1) && is_digit(position + 1);
    let all_between =
        bytes.iter().enumerate().all(|(position, byte)| *byte != b'_' || between_digits(position));
    all_between.then(|| text.replace('_', ""))
}
