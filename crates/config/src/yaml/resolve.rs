//! What a scalar means: YAML 1.1's words, numbers and dates, as the originals' parser reads them.

use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};

use super::{CORE_TAGS, Scalar};

/// As the originals read it: bits behind the last byte may be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The meaning of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer above the range of [`Resolved::Int`].
    Uint(u64),
    Float(f64),
    /// Text that reads as a date; a field that wants text takes it as text.
    Timestamp,
    Text,
    /// Text behind a `!!binary` tag, decoded.
    Binary(Vec<u8>),
    /// The key `<<`.
    Merge,
}

impl Resolved {
    /// The tag of this type in its short form.
    pub(crate) fn short_tag(&self) -> &'static str {
        match self {
            Resolved::Null => "!!null",
            Resolved::Bool(_) => "!!bool",
            Resolved::Int(_) | Resolved::Uint(_) => "!!int",
            Resolved::Float(_) => "!!float",
            Resolved::Timestamp => "!!timestamp",
            Resolved::Text => "!!str",
            Resolved::Binary(_) => "!!binary",
            Resolved::Merge => "!!merge",
        }
    }
}

/// Resolves `scalar` with its tag, if one is written. A tag that does not fit the text leaves it text.
pub(crate) fn resolve(scalar: &Scalar, tag: Option<&str>) -> Resolved {
    match tag.map(|tag| tag.strip_prefix(CORE_TAGS).unwrap_or("")) {
        None if scalar.plain => resolve_plain(&scalar.text),
        Some("binary") => decode_base64(&scalar.text).map_or(Resolved::Text, Resolved::Binary),
        Some("int" | "bool" | "null" | "timestamp") => resolve_plain(&scalar.text),
        Some("float") => match resolve_plain(&scalar.text) {
            Resolved::Int(n) => Resolved::Float(n as f64),
            Resolved::Uint(n) => Resolved::Float(n as f64),
            other => other,
        },
        _ => Resolved::Text,
    }
}

/// Resolves a text written without quotes.
pub(crate) fn resolve_plain(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "<<" => return Resolved::Merge,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Resolved::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Resolved::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let starts_number = |c: u8| c.is_ascii_digit() || matches!(c, b'+' | b'-' | b'.');
    if !text.bytes().next().is_some_and(starts_number) {
        return Resolved::Text;
    }
    if is_timestamp(text) {
        return Resolved::Timestamp;
    }
    resolve_number(&text.replace('_', ""))
}

fn resolve_number(text: &str) -> Resolved {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = radix_of(digits);
    if digits.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && let Ok(magnitude) = u64::from_str_radix(digits, radix)
    {
        let signed =
            if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() };
        return match signed {
            Some(n) => Resolved::Int(n),
            None if negative => Resolved::Float(-(magnitude as f64)),
            None => Resolved::Uint(magnitude),
        };
    }
    if is_decimal_float(text)
        && let Ok(number) = text.parse::<f64>()
    {
        return Resolved::Float(number);
    }
    Resolved::Text
}

/// The base that a prefix names: `0x`, `0b`, `0o`, or a bare leading zero for octal.
fn radix_of(digits: &str) -> (u32, &str) {
    let Some(rest) = digits.strip_prefix('0').filter(|rest| !rest.is_empty()) else { return (10, digits) };
    for (prefix, radix) in [(['x', 'X'], 16), (['b', 'B'], 2), (['o', 'O'], 8)] {
        if let Some(rest) = rest.strip_prefix(prefix) {
            return (radix, rest);
        }
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) { (8, rest) } else { (10, digits) }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |s: &str| s.bytes().all(|c| c.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
        None => !mantissa.is_empty() && digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    mantissa_fits && exponent_fits
}

/// Whether `text` reads as a date, alone or with a time of day behind it.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |from: usize, digits: std::ops::RangeInclusive<usize>| {
        let count = bytes.iter().skip(from).take_while(|c| c.is_ascii_digit()).count();
        digits.contains(&count).then_some(from + count)
    };
    let dash = |at: usize| (bytes.get(at) == Some(&b'-')).then_some(at + 1);
    let end = number(0, 4..=4).and_then(dash).and_then(|at| number(at, 1..=2)).and_then(dash);
    let Some(end) = end.and_then(|at| number(at, 1..=2)) else { return false };
    match bytes.get(end) {
        None => text.len() == "2006-01-02".len(),
        Some(b'T' | b't' | b' ') => {
            let colon = |at: usize| (bytes.get(at) == Some(&b':')).then_some(at + 1);
            let time =
                number(end + 1, 1..=2).and_then(colon).and_then(|at| number(at, 1..=2)).and_then(colon);
            time.and_then(|at| number(at, 1..=2)).is_some()
        }
        Some(_) => false,
    }
}

/// Standard base64 with padding, line breaks allowed between.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace(['\r', '\n'], "")).ok()
}
