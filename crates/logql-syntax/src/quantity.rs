//! Durations and sizes as filters, conversions and offsets read and write them.

#[cfg(test)]
mod tests;

use std::fmt::Write;

/// Units of Go's durations with their nanoseconds, longer names first.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Why a text is no number, in the words of Go's `strconv.ParseFloat`.
pub fn float_complaint(text: &str) -> String {
    // Of what is written rightly only numbers that are too large are refused.
    let is_too_large = text.parse::<f64>().is_ok_and(f64::is_infinite);
    let reason = if is_too_large { "value out of range" } else { "invalid syntax" };
    format!("strconv.ParseFloat: parsing {}: {reason}", model::quote::quote(text))
}

/// Reads a duration of Go (`1h15m30.9s`) or of Prometheus (`1d`), with an optional sign, to nanoseconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    parse_go_duration(text).or_else(|| {
        let duration = model::duration::parse_duration(text).ok()?;
        i64::try_from(duration.as_nanos()).ok()
    })
}

/// Reads a duration of Go to nanoseconds: numbers with a unit each, and an optional sign.
pub fn parse_go_duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number_end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, behind) = rest.split_at_checked(number_end)?;
        let (unit, nanos) = UNITS.iter().find(|(unit, _)| behind.starts_with(unit))?;
        total = total.checked_add(i64::try_from(scaled(number, *nanos)?).ok()?)?;
        rest = behind.get(unit.len()..)?;
    }
    Some(sign * total)
}

/// A decimal number of units, in whole parts of a unit; in integers, so that nothing is lost.
fn scaled(number: &str, unit: u64) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u64>().ok() };
    // What is beyond is less than a part of the largest unit.
    let fraction = fraction.get(..FRACTION_DIGITS_MAX).unwrap_or(fraction);
    let part = u128::from(digits(fraction)?) * u128::from(unit) / 10u128.pow(fraction.len() as u32);
    (u128::from(digits(whole)?) * u128::from(unit)).checked_add(part)
}

/// So many decimals fit a number.
const FRACTION_DIGITS_MAX: usize = 19;

/// Writes nanoseconds as Go does: `1h0m0s`, `1.5ms`, `0s`.
pub fn format_go_duration(nanos: i64) -> String {
    let mut out = String::new();
    if nanos < 0 {
        out.push('-');
    }
    let size = nanos.unsigned_abs();
    let small = match size {
        0 => return String::from("0s"),
        1..1_000 => Some((1, "ns")),
        1_000..1_000_000 => Some((1_000, "µs")),
        1_000_000..1_000_000_000 => Some((1_000_000, "ms")),
        _ => None,
    };
    // Writing to a String cannot fail, here and below.
    if let Some((unit_nanos, unit)) = small {
        push_fraction(&mut out, size, unit_nanos);
        out.push_str(unit);
        return out;
    }
    let seconds = size / 1_000_000_000;
    if seconds >= 3600 {
        let _ = write!(out, "{}h", seconds / 3600);
    }
    if seconds >= 60 {
        let _ = write!(out, "{}m", seconds / 60 % 60);
    }
    push_fraction(&mut out, size % 60_000_000_000, 1_000_000_000);
    out.push('s');
    out
}

/// `size / unit` with as many decimals as it has.
fn push_fraction(out: &mut String, size: u64, unit: u64) {
    let _ = write!(out, "{}", size / unit);
    if !size.is_multiple_of(unit) {
        let places = unit.ilog10() as usize;
        let decimals = format!("{:0places$}", size % unit);
        let _ = write!(out, ".{}", decimals.trim_end_matches('0'));
    }
}

/// Names of sizes in decimal steps.
const SIZES: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

/// Reads a size (`42MB`, `1.5KiB`, `200b`, `1 kB`) to bytes; letters of any case, `,` between digits.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let number_end =
        text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | ','));
    let (number, unit) = text.split_at_checked(number_end.unwrap_or(text.len()))?;
    let unit = unit.trim().to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let (prefix, step): (&str, u64) = match unit.strip_suffix('i') {
        Some(prefix) if !prefix.is_empty() => (prefix, 1024),
        _ => (unit, 1000),
    };
    let power = ["", "k", "m", "g", "t", "p", "e"].iter().position(|name| *name == prefix)?;
    let number = number.replace(',', "");
    // The original multiplies in floating point and cuts: `4.35 kB` may be a byte short.
    let bytes = number.parse::<f64>().ok()? * step.checked_pow(u32::try_from(power).ok()?)? as f64;
    (bytes < u64::MAX as f64).then_some(bytes as u64)
}

/// Writes a size as short as it reads back: `20kB`, otherwise `20001B`.
pub fn format_bytes(bytes: u64) -> String {
    let mut short = format!("{bytes}B");
    let mut unit = 1000u64;
    for name in SIZES.iter().skip(1) {
        // One decimal, and only below ten, as the original rounds.
        let tenths = bytes / (unit / 10);
        if bytes >= unit && bytes == tenths * (unit / 10) && (tenths.is_multiple_of(10) || tenths < 100) {
            short = match tenths < 100 {
                true => format!("{}.{}{name}", tenths / 10, tenths % 10),
                false => format!("{}{name}", tenths / 10),
            };
        }
        match unit.checked_mul(1000) {
            Some(next) => unit = next,
            None => break,
        }
    }
    short
}
