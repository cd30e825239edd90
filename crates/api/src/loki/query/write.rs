//! Answers of queries in Loki's JSON.

use std::io;

use axum::response::Response;
use logql_engine::metric::MetricAnswer;
use logql_engine::{LogEntry, LogStream};
use serde_json::json;

use crate::answer::write_start;
use crate::json::JsonWriter;
use crate::loki::answer::written;
use crate::loki::refusal::Refusal;
use crate::loki::statistics::{self, Figures};

type Json = JsonWriter<Vec<u8>>;

/// Streams with their lines.
pub(super) fn lines(
    streams: &[LogStream],
    flags: &[&str],
    categorize: bool,
    figures: &Figures,
) -> Result<Response, Refusal> {
    written(|json| {
        write_start(json)?;
        json.raw(r#"{"resultType":"streams","result":"#)?;
        json.list(streams, |json, stream| {
            json.raw(r#"{"stream":"#)?;
            pairs(json, &stream.labels)?;
            json.raw(r#","values":"#)?;
            json.list(&stream.entries, |json, entry| line(json, entry, categorize))?;
            json.raw("}")
        })?;
        if !flags.is_empty() {
            json.raw(r#","encodingFlags":"#)?;
            json.value(&flags)?;
        }
        end(json, &[], figures)
    })
}

/// A line as a list: time, text, and what is not the stream's where that is told apart.
fn line(json: &mut Json, entry: &LogEntry, categorize: bool) -> io::Result<()> {
    json.raw("[\"")?;
    json.raw(itoa::Buffer::new().format(entry.timestamp))?;
    json.raw("\",")?;
    json.string(&String::from_utf8_lossy(&entry.line))?;
    if categorize {
        json.raw(",{")?;
        let kinds = [("structuredMetadata", &entry.metadata), ("parsed", &entry.parsed)];
        let present = kinds.iter().filter(|(_, labels)| !labels.is_empty());
        for (position, (key, labels)) in present.enumerate() {
            json.raw(if position > 0 { ",\"" } else { "\"" })?;
            json.raw(key)?;
            json.raw("\":")?;
            pairs(json, labels)?;
        }
        json.raw("}")?;
    }
    json.raw("]")
}

fn pairs(json: &mut Json, pairs: &[(String, String)]) -> io::Result<()> {
    json.raw("{")?;
    for (position, (name, value)) in pairs.iter().enumerate() {
        if position > 0 {
            json.raw(",")?;
        }
        json.string(name)?;
        json.raw(":")?;
        json.string(value)?;
    }
    json.raw("}")
}

/// Numbers.
pub(super) fn numbers(
    answer: &MetricAnswer,
    warnings: &[String],
    figures: &Figures,
) -> Result<Response, Refusal> {
    written(|json| {
        write_start(json)?;
        match answer {
            MetricAnswer::Scalar { time, value } => {
                json.raw(r#"{"resultType":"scalar","result":["#)?;
                // The original takes milliseconds for seconds here and lets them overflow; nobody reads this time.
                let wrapped = (time / 1_000_000).wrapping_mul(1_000_000_000) / 1_000_000;
                json.raw(itoa::Buffer::new().format(wrapped))?;
                json.raw(",")?;
                json.plain_number(*value)?;
                json.raw("]")?;
            }
            MetricAnswer::Vector { time, elements } => {
                json.raw(r#"{"resultType":"vector","result":"#)?;
                json.list(elements, |json, (labels, value)| {
                    json.raw(r#"{"metric":"#)?;
                    json.labels(labels)?;
                    json.raw(r#","value":["#)?;
                    json.timestamp(time / 1_000_000)?;
                    json.raw(",")?;
                    json.plain_number(*value)?;
                    json.raw("]}")
                })?;
            }
            MetricAnswer::Matrix(series) => {
                json.raw(r#"{"resultType":"matrix","result":"#)?;
                json.list(series, |json, series| {
                    json.raw(r#"{"metric":"#)?;
                    json.labels(&series.labels)?;
                    json.raw(r#","values":"#)?;
                    json.list(&series.points, |json, (time, value)| {
                        json.raw("[")?;
                        json.timestamp(time / 1_000_000)?;
                        json.raw(",")?;
                        json.plain_number(*value)?;
                        json.raw("]")
                    })?;
                    json.raw("}")
                })?;
            }
        }
        end(json, warnings, figures)
    })
}

fn end(json: &mut Json, warnings: &[String], figures: &Figures) -> io::Result<()> {
    json.raw(r#","stats":"#)?;
    json.value(&json!(statistics::shown(figures)))?;
    json.raw("}")?;
    if !warnings.is_empty() {
        json.raw(r#","warnings":"#)?;
        json.value(&warnings)?;
    }
    json.raw("}")
}
