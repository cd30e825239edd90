//! Limits that a request brings along (`X-Loki-Query-Limits`): they count where they are tighter than the tenant's.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::refusal::Refusal;
use super::settings::ReadLimits;

const HEADER: &str = "x-loki-query-limits";

/// The most labels that a request may require.
const LABELS_MAX: usize = 100;

/// What the header says; keys that nobody knows are passed over, as are values that are null.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Asked {
    max_query_length: Value,
    max_query_interval: Value,
    max_query_lookback: Value,
    max_entries_limit_per_query: Option<usize>,
    max_query_time: Value,
    required_labels: Option<Vec<String>>,
    minimum_labels_number: Option<usize>,
    max_query_bytes_read: Value,
}

/// The limits of a tenant with those of a request's header, where it has one.
pub(super) fn tightened(limits: &Arc<ReadLimits>, headers: &HeaderMap) -> Result<Arc<ReadLimits>, Refusal> {
    let Some(text) = headers.get(HEADER) else { return Ok(Arc::clone(limits)) };
    let asked: Asked = serde_json::from_slice(text.as_bytes())
        .map_err(|error| Refusal::bad(format!("could not parse the header X-Loki-Query-Limits: {error}")))?;
    let required_labels = asked.required_labels.unwrap_or_default();
    if required_labels.len() > LABELS_MAX {
        return Err(Refusal::bad(format!("X-Loki-Query-Limits: more than {LABELS_MAX} required labels")));
    }
    let mut tight = ReadLimits::clone(limits);
    tight.length_max = shorter(tight.length_max, span("maxQueryLength", &asked.max_query_length)?);
    tight.range_max = shorter(tight.range_max, span("maxQueryInterval", &asked.max_query_interval)?);
    tight.lookback_max = shorter(tight.lookback_max, span("maxQueryLookback", &asked.max_query_lookback)?);
    if let Some(timeout) = span("maxQueryTime", &asked.max_query_time)? {
        tight.timeout = tight.timeout.min(timeout);
    }
    tight.entries_max = fewer(tight.entries_max, asked.max_entries_limit_per_query.unwrap_or(0));
    let bytes = size(&asked.max_query_bytes_read)?;
    tight.bytes_max =
        if tight.bytes_max == 0 || (bytes > 0 && bytes < tight.bytes_max) { bytes } else { tight.bytes_max };
    tight.matchers_min = tight.matchers_min.max(asked.minimum_labels_number.unwrap_or(0));
    for label in required_labels {
        if !tight.required_labels.contains(&label) {
            tight.required_labels.push(label);
        }
    }
    Ok(Arc::new(tight))
}

/// The shorter of two spans, where none stands for any.
fn shorter(own: Option<Duration>, asked: Option<Duration>) -> Option<Duration> {
    match (own, asked) {
        (Some(own), Some(asked)) => Some(own.min(asked)),
        (own, asked) => own.or(asked),
    }
}

/// The lesser of two numbers, where 0 stands for any.
fn fewer(own: usize, asked: usize) -> usize {
    match (own, asked) {
        (own, 0) => own,
        (0, asked) => asked,
        (own, asked) => own.min(asked),
    }
}

/// A span of time: a text as in `7d`, or nanoseconds; none for zero.
fn span(name: &str, value: &Value) -> Result<Option<Duration>, Refusal> {
    let read = match value {
        Value::Null => return Ok(None),
        Value::Number(nanos) => nanos.as_u64().map(Duration::from_nanos),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => model::duration::parse_duration(text).ok().or_else(|| {
            let nanos = logql_syntax::quantity::parse_duration(text)?;
            u64::try_from(nanos).ok().map(Duration::from_nanos)
        }),
        _ => None,
    };
    match read {
        Some(read) => Ok(Some(read).filter(|read| !read.is_zero())),
        None => Err(Refusal::bad(format!("X-Loki-Query-Limits: {name}: {value} is no duration"))),
    }
}

/// An amount of bytes: a text as in `10MB`, or a number; 0 for any.
fn size(value: &Value) -> Result<u64, Refusal> {
    let read = match value {
        Value::Null => Some(0),
        Value::Number(bytes) => bytes.as_u64(),
        Value::String(text) if text.is_empty() => Some(0),
        Value::String(text) => text.parse().ok().or_else(|| logql_syntax::quantity::parse_bytes(text)),
        _ => None,
    };
    read.ok_or_else(|| {
        Refusal::bad(format!("X-Loki-Query-Limits: maxQueryBytesRead: {value} is no amount of bytes"))
    })
}
