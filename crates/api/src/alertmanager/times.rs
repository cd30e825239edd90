//! Times as the API writes and reads them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The beginning of the year 1, which stands for no time.
const ZERO_SECONDS: i64 = -62_135_596_800;

/// A time to the millisecond.
pub(super) fn shown(ns: i64) -> String {
    let time = Timestamp::from_nanosecond(i128::from(ns)).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Reads a time in nanoseconds; `Ok(None)` for the zero time, which stands for none.
///
/// # Errors
/// The text is none, in the original's words.
pub(super) fn read(text: &str) -> Result<Option<i64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let utc = |civil: DateTime| civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let time = match text.as_bytes().get(10) {
        None => text.parse::<Date>().ok().and_then(|date| utc(date.at(0, 0, 0, 0))),
        Some(b'T') if has_colon(text) => {
            text.parse::<Timestamp>().ok().or_else(|| text.parse::<DateTime>().ok().and_then(utc))
        }
        _ => None,
    };
    let Some(time) = time else { return Err(complain(text)) };
    if time.as_second() == ZERO_SECONDS {
        return Ok(None);
    }
    let ns = time.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    Ok(Some(ns as i64))
}

/// Whether the distance from UTC, where there is one, has its colon.
fn has_colon(text: &str) -> bool {
    let clock = text.get(11..).unwrap_or_default();
    clock.split_once(['+', '-']).is_none_or(|(_, zone)| zone.contains(':'))
}

/// What Go says of a text that is no time: what stands in the way of its last attempt, a day.
fn complain(text: &str) -> String {
    let quoted = model::quote::quote(text);
    let mut rest = text;
    let mut numbers = [0_u32; 3];
    for (number, (piece, length)) in numbers.iter_mut().zip([("2006", 4), ("01", 2), ("02", 2)]) {
        if length == 2 {
            match rest.strip_prefix('-') {
                Some(after) => rest = after,
                None => return not_as(&quoted, rest, "-"),
            }
        }
        let digits = rest.get(..length).filter(|digits| digits.bytes().all(|c| c.is_ascii_digit()));
        let Some(read) = digits.and_then(|digits| digits.parse().ok()) else {
            return not_as(&quoted, rest, piece);
        };
        *number = read;
        rest = rest.get(length..).unwrap_or_default();
        if length == 2 && piece == "01" && !(1..=12).contains(number) {
            return format!("parsing time {quoted}: month out of range");
        }
    }
    if !rest.is_empty() {
        return format!("parsing time {quoted}: extra text: {}", model::quote::quote(rest));
    }
    format!("parsing time {quoted}: day out of range")
}

fn not_as(quoted: &str, rest: &str, piece: &str) -> String {
    let rest = model::quote::quote(rest);
    format!("parsing time {quoted} as \"2006-01-02\": cannot parse {rest} as \"{piece}\"")
}
