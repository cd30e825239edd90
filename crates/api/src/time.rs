//! Times and durations in request parameters (specification, section 1.3).

mod moment;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;
use model::duration::parse_duration;
use model::number::{format_plain, parse_float};

pub(crate) use moment::Moment;

/// Texts that stand for the earliest and the latest time, as the original's clients send them.
const EARLIEST: &str = "-292273086-05-16T16:47:06Z";
const LATEST: &str = "292277025-08-18T07:12:54.999999999Z";

/// The earliest and the latest time that a request names, in milliseconds since the Unix epoch.
pub(crate) const EARLIEST_MS: i64 = (i64::MIN / 1000 + 62_135_596_801) * 1000;
pub(crate) const LATEST_MS: i64 = (i64::MAX / 1000 - 62_135_596_801) * 1000 + 999;

/// Reads a time: seconds since the Unix epoch, or RFC 3339. Gives milliseconds.
///
/// # Errors
/// The original's text.
pub fn parse_time(text: &str) -> Result<i64, String> {
    Moment::parse(text).map(Moment::ms)
}

/// Strictly `2006-01-02T15:04:05[.fraction](Z|±hh:mm)`; the library alone would take looser forms too.
pub(crate) fn parse_rfc3339_timestamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let zone_at = text.rfind(['Z', '+', '-']).filter(|position| *position >= 19)?;
    let shape = bytes.get(4) == Some(&b'-') && bytes.get(10) == Some(&b'T') && bytes.get(13) == Some(&b':');
    let zone = text.get(zone_at..)?;
    let zone_shape = zone == "Z" || (zone.len() == 6 && zone.as_bytes().get(3) == Some(&b':'));
    if !shape || !zone_shape {
        return None;
    }
    text.parse().ok()
}

/// Reads a duration: seconds, or with units as `5m`.
///
/// # Errors
/// The original's text.
pub(crate) fn parse_request_duration(text: &str) -> Result<f64, String> {
    let quoted = model::quote::quote(text);
    if let Some(seconds) = parse_float(text) {
        let nanoseconds = seconds * 1e9;
        if nanoseconds > i64::MAX as f64 || nanoseconds < i64::MIN as f64 {
            return Err(format!("cannot parse {quoted} to a valid duration. It overflows int64"));
        }
        return Ok(seconds);
    }
    match parse_duration(text) {
        Ok(duration) => Ok(duration.as_secs_f64()),
        Err(_) => Err(format!("cannot parse {quoted} to a valid duration")),
    }
}

/// Seconds as a duration; below zero and NaN is none.
pub(crate) fn positive_duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// A time for the API: RFC 3339 in UTC with as many digits as are known.
pub fn format_rfc3339(ms: i64) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(time) => time.to_string(),
        Err(_) => format_plain(ms as f64 / 1000.0),
    }
}

/// A time for names of files: `20060102T150405Z`.
pub(crate) fn format_compact(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |time| time.strftime("%Y%m%dT%H%M%SZ").to_string())
}
