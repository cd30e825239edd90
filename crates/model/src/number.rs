//! Floating-point numbers as Go reads and writes them.

mod parse;
#[cfg(test)]
mod tests;

use std::fmt::Write;

pub use parse::parse_float;

/// Writes the shortest digits that read back as `value`, never with an exponent (Go's `'f', -1`).
pub fn push_plain(out: &mut String, value: f64) {
    if push_whole(out, value) || push_special(out, value) {
        return;
    }
    let start = out.len();
    let mut buffer = zmij::Buffer::new();
    let digits = buffer.format_finite(value);
    let may_have_exponent = !MIDDLING.contains(&value.abs());
    if may_have_exponent && digits.contains('e') {
        // Writing to a String cannot fail, here and below.
        let _ = write!(out, "{value}");
    } else if may_have_exponent {
        out.push_str(digits.strip_suffix(".0").unwrap_or(digits));
    } else {
        // Whole numbers of this size were written above.
        out.push_str(digits);
    }
    if value.abs() >= LARGE_MIN && binary_places(value) > LARGE_TIE_PLACES_MAX {
        return;
    }
    let decimals = out.get(start..).and_then(|text| text.split_once('.')).map_or(0, |(_, part)| part.len());
    if is_tie(value, decimals) {
        out.truncate(start);
        let _ = write!(out, "{value:.decimals$}");
    }
}

/// Numbers that nobody writes with an exponent; whole ones among them are exact.
const MIDDLING: std::ops::Range<f64> = 1e-3..1e15;

/// Most numbers are not below this, and can be a tie only with few binary places: of at most 17 digits that tell a
/// number from all others no more than 22 stand behind the point.
const LARGE_MIN: f64 = 1e-6;
const LARGE_TIE_PLACES_MAX: usize = 24;

/// Whether a number lies in the middle between two with `decimals` decimals that both read back as it. Go takes the
/// one with the even last digit then, which is what rounding to these decimals gives.
fn is_tie(value: f64, decimals: usize) -> bool {
    // A number with so many binary places has as many decimal ones.
    decimals > 0 && binary_places(value) == decimals + 1
}

/// How many binary places a number has behind the point.
fn binary_places(value: f64) -> usize {
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let mantissa = bits & ((1 << 52) - 1);
    let places = match exponent {
        0 => 1074 - i64::from(mantissa.trailing_zeros()),
        _ => 1075 - exponent - i64::from((mantissa | 1 << 52).trailing_zeros()),
    };
    usize::try_from(places).unwrap_or(0)
}

/// Writes what is a whole number and small enough to be one exactly: most of what is counted.
fn push_whole(out: &mut String, value: f64) -> bool {
    const EXACT_MAX: u64 = 1 << f64::MANTISSA_DIGITS;
    let whole = value as i64;
    let is_whole = whole as f64 == value && whole.unsigned_abs() <= EXACT_MAX;
    if !is_whole || (whole == 0 && value.is_sign_negative()) {
        return false;
    }
    out.push_str(itoa::Buffer::new().format(whole));
    true
}

/// The shortest digits that read back as `value`, never with an exponent (Go's `'f', -1`).
pub fn format_plain(value: f64) -> String {
    let mut out = String::new();
    push_plain(&mut out, value);
    out
}

/// Writes a sample value as the API does: with an exponent only below 1e-6 and from 1e21 on.
pub fn push_api(out: &mut String, value: f64) {
    let magnitude = value.abs();
    if magnitude != 0.0 && magnitude.is_finite() && !(1e-6..1e21).contains(&magnitude) {
        push_exponent(out, value);
    } else {
        push_plain(out, value);
    }
}

/// Writes the shortest digits with an exponent of at least two digits (Go's `'e', -1`): `1.5e+06`.
pub fn push_exponent(out: &mut String, value: f64) {
    if !push_special(out, value) {
        let start = out.len();
        let _ = write!(out, "{value:e}");
        widen_exponent(out, start);
    }
}

/// The shortest digits with an exponent of at least two digits (Go's `'e', -1`): `1.5e+06`.
pub fn format_exponent(value: f64) -> String {
    let mut out = String::new();
    push_exponent(&mut out, value);
    out
}

/// The shortest digits, with an exponent below 1e-4 and from 1e6 on (Go's `%v` and `%g` without precision):
/// `1e+06`, `123456`, `1.2345e-05`.
pub fn format_general(value: f64) -> String {
    let mut out = String::new();
    if push_special(&mut out, value) {
        return out;
    }
    if value != 0.0 && !(-4..6).contains(&power_of_ten(&format!("{value:e}"))) {
        push_exponent(&mut out, value);
    } else {
        push_plain(&mut out, value);
    }
    out
}

/// `value` with at most `precision` significant digits, without trailing zeros (Go's `%.4g`).
pub fn format_significant(value: f64, precision: usize) -> String {
    let mut out = String::new();
    if push_special(&mut out, value) {
        return out;
    }
    let precision = precision.max(1);
    let rounded = format!("{value:.*e}", precision - 1);
    let exponent = power_of_ten(&rounded);
    let limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= limit {
        let (mantissa, power) = rounded.split_once('e').unwrap_or((&rounded, "0"));
        let _ = write!(out, "{}e{power}", trim_zeros(mantissa));
        widen_exponent(&mut out, 0);
    } else {
        let decimals = usize::try_from(limit - 1 - exponent).unwrap_or(0);
        out.push_str(trim_zeros(&format!("{value:.decimals$}")));
    }
    out
}

/// Writes what has no digits: `NaN`, `+Inf`, `-Inf`.
fn push_special(out: &mut String, value: f64) -> bool {
    let text = match value {
        _ if value.is_nan() => "NaN",
        f64::INFINITY => "+Inf",
        f64::NEG_INFINITY => "-Inf",
        _ => return false,
    };
    out.push_str(text);
    true
}

/// The power of ten of a text in Rust's `{:e}` form.
fn power_of_ten(text: &str) -> i32 {
    text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0)
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Turns the exponent behind `start` from Rust's form (`e6`, `e-7`) into Go's (`e+06`, `e-07`).
fn widen_exponent(out: &mut String, start: usize) {
    let Some(position) = out.get(start..).and_then(|text| text.find('e')).map(|found| start + found) else {
        return;
    };
    let exponent = out.split_off(position);
    let power = exponent.get(1..).unwrap_or("0");
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    let _ = write!(out, "e{sign}{power:0>2}");
}
