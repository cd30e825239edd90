//! Times as the API writes and reads them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

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
    let utc = |zoned: Result<Zoned, jiff::Error>| zoned.ok().map(|zoned| zoned.timestamp());
    let time = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| text.parse::<DateTime>().ok().and_then(|civil| utc(civil.to_zoned(TimeZone::UTC))))
        .or_else(|| text.parse::<Date>().ok().and_then(|date| utc(date.to_zoned(TimeZone::UTC))));
    let Some(time) = time else {
        let quoted = model::quote::quote(text);
        return Err(format!("parsing time {quoted} as \"2006-01-02\": cannot parse {quoted} as \"2006\""));
    };
    if time.as_second() == ZERO_SECONDS {
        return Ok(None);
    }
    let ns = time.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    Ok(Some(ns as i64))
}
