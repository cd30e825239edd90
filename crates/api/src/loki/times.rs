//! Times and durations in requests, in nanoseconds, in Loki's forms and words.

use jiff::Timestamp;
use model::number::parse_float;

use super::refusal::Refusal;
use crate::params::{Params, parse_int_as};
use crate::time::parse_request_duration;

const SECOND: i64 = 1_000_000_000;

/// What is asked where neither `start` nor `since` says so.
const SINCE: i64 = 3600 * SECOND;

/// The most points of a series.
const POINTS_MAX: i64 = 11_000;

/// A span of time: both ends as they were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Span {
    /// What `start`, `end` and `since` say.
    pub(super) fn new(params: &Params, now: i64) -> Result<Self, Refusal> {
        let end = match params.get("end") {
            "" => now,
            text => parse_time(text).map_err(|error| parameter("end", &error))?,
        };
        let since = match params.get("since") {
            "" => SINCE,
            text => match model::duration::parse_duration(text) {
                Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
                Err(error) => return Err(parameter("since", &error.to_string())),
            },
        };
        let start = match params.get("start") {
            "" => end.min(now).saturating_sub(since),
            text => parse_time(text).map_err(|error| parameter("start", &error))?,
        };
        Ok(Self { start, end })
    }

    /// The span, which may not end before it starts.
    pub(super) fn forward(params: &Params, now: i64) -> Result<Self, Refusal> {
        let span = Self::new(params, now)?;
        if span.end < span.start {
            return Err(Refusal::bad("end timestamp must not be before or equal to start time"));
        }
        Ok(span)
    }

    /// How long it is, in nanoseconds.
    pub(super) fn length(self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// The span for a store: the end does not belong to it.
    pub(super) fn range(self) -> storage::logs::EntryRange {
        storage::logs::EntryRange::new(self.start, self.end)
    }
}

fn parameter(name: &str, error: &str) -> Refusal {
    Refusal::bad(format!("could not parse '{name}' parameter: {error}"))
}

/// Reads a time: seconds with decimals, up to ten digits of seconds, more digits of nanoseconds, or RFC 3339.
pub(super) fn parse_time(text: &str) -> Result<i64, String> {
    if text.contains('.')
        && let Some(seconds) = parse_float(text)
    {
        let whole = seconds.trunc();
        let thousandths = ((seconds - whole) * 1000.0).round();
        return Ok((whole as i64).saturating_mul(SECOND).saturating_add(thousandths as i64 * 1_000_000));
    }
    match parse_int_as("ParseInt", text) {
        Ok(number) if text.len() <= 10 => Ok(number.saturating_mul(SECOND)),
        Ok(number) => Ok(number),
        Err(error) => parse_rfc3339(text).ok_or(error),
    }
}

/// Reads a time of RFC 3339.
pub(super) fn parse_rfc3339(text: &str) -> Option<i64> {
    let time: Timestamp = crate::time::parse_rfc3339_timestamp(text)?;
    i64::try_from(time.as_nanosecond()).ok()
}

/// Reads seconds or a duration with units, in nanoseconds; it may be below zero.
pub(super) fn parse_seconds_or_duration(text: &str) -> Result<i64, Refusal> {
    parse_request_duration(text).map(|seconds| (seconds * SECOND as f64).round() as i64).map_err(Refusal::bad)
}

/// The step of a range query.
pub(super) fn step(params: &Params, span: Span) -> Result<i64, Refusal> {
    let step = match params.get("step") {
        "" => (span.length() / SECOND / 250).max(1) * SECOND,
        text => parse_seconds_or_duration(text)?,
    };
    if step <= 0 {
        return Err(Refusal::bad(
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
        ));
    }
    if span.length() / step > POINTS_MAX {
        return Err(Refusal::bad(
            "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter",
        ));
    }
    Ok(step)
}

/// The `interval` of a log query.
pub(super) fn interval(params: &Params) -> Result<i64, Refusal> {
    let interval = match params.get("interval") {
        "" => 0,
        text => parse_seconds_or_duration(text)?,
    };
    if interval < 0 { Err(Refusal::bad("interval must be >= 0")) } else { Ok(interval) }
}

/// The `limit` of a request, or another parameter of that kind.
pub(super) fn count(params: &Params, name: &str, default: usize) -> Result<usize, Refusal> {
    let text = params.get(name);
    if text.is_empty() {
        return Ok(default);
    }
    let count = parse_int_as("Atoi", text).map_err(Refusal::bad)?;
    match usize::try_from(count) {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(Refusal::bad(format!("{name} must be a positive value"))),
    }
}

/// Whether entries are wanted in order of time; newest first unless it is said otherwise.
pub(super) fn is_forward(params: &Params) -> Result<bool, Refusal> {
    let text = params.get("direction");
    match text.to_ascii_lowercase().as_str() {
        "" | "backward" => Ok(false),
        "forward" => Ok(true),
        _ => Err(Refusal::bad(format!("invalid direction '{text}'"))),
    }
}
