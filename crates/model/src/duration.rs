//! Durations as Prometheus writes them: `1d12h`, units from `y` to `ms`, each at most once, in order.

#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::time::Duration;

use crate::quote::quote;

/// Units from large to small with their length in milliseconds; a year has 365 days.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Why a text is no duration; the texts are the original's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing stands there.
    #[error("empty duration string")]
    Empty,
    /// The text is not of the form.
    #[error("not a valid duration string: {}", quote(.0))]
    Invalid(String),
    /// A unit that does not exist.
    #[error("unknown unit {} in duration {}", quote(unit), quote(duration))]
    UnknownUnit {
        /// What stands where a unit should.
        unit: String,
        /// The whole text.
        duration: String,
    },
    /// The text is of the form but too large.
    #[error("duration out of range")]
    OutOfRange,
}

/// Reads a duration: `0`, or numbers with units (`y w d h m s ms`) in that order, each unit at most once.
///
/// # Errors
/// [`DurationError`], in the original's words; at most about 292 years are taken, as in the original.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let invalid = || DurationError::Invalid(text.to_owned());
    let mut rest = text;
    let mut units_left = UNITS.len();
    let mut total_ms: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |byte| !byte.is_ascii_digit());
        let (unit, after) = split_where(after, |byte| byte.is_ascii_digit());
        let number: u64 = number.parse().map_err(|_| invalid())?;
        if unit.is_empty() {
            return Err(invalid());
        }
        let Some(position) = UNITS.iter().rev().position(|(name, _)| *name == unit) else {
            return Err(DurationError::UnknownUnit { unit: unit.to_owned(), duration: text.to_owned() });
        };
        if position >= units_left {
            return Err(invalid());
        }
        units_left = position;
        let unit_ms = UNITS.iter().rev().nth(position).map_or(0, |(_, unit_ms)| *unit_ms);
        total_ms = number
            .checked_mul(unit_ms)
            .and_then(|part_ms| total_ms.checked_add(part_ms))
            .filter(|ms| *ms <= i64::MAX as u64 / 1_000_000)
            .ok_or(DurationError::OutOfRange)?;
        rest = after;
    }
    Ok(Duration::from_millis(total_ms))
}

/// The text before the first byte that `ends` accepts, and the rest. Only ASCII bytes may be accepted or refused
/// apart from each other.
fn split_where(text: &str, ends: impl Fn(u8) -> bool) -> (&str, &str) {
    let length = text.bytes().position(ends).unwrap_or(text.len());
    text.split_at_checked(length).unwrap_or((text, ""))
}

/// Writes a duration as Prometheus does: `1h30m`, `0s`; weeks and years only where they divide evenly.
/// What is below a millisecond is not shown.
pub fn format_duration(duration: Duration) -> String {
    format_duration_ms(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}

/// [`format_duration`] of a signed number of milliseconds.
pub fn format_duration_ms(ms: i64) -> String {
    let mut out = String::new();
    if ms == 0 {
        out.push_str("0s");
        return out;
    }
    if ms < 0 {
        out.push('-');
    }
    let mut left = ms.unsigned_abs();
    for (position, (unit, unit_ms)) in UNITS.iter().enumerate() {
        // Years and weeks are shown only where nothing smaller remains of them.
        let whole_only = position < 2;
        if left / unit_ms > 0 && (!whole_only || left.is_multiple_of(*unit_ms)) {
            // Writing to a String cannot fail.
            let _ = write!(out, "{}{unit}", left / unit_ms);
            left %= unit_ms;
        }
    }
    out
}
