//! Answers as JSON.

use std::io::{self, Write};

use model::FloatHistogram;
use promql_engine::{Answer, InstantSample, QueryStats, SampleValue, SeriesColumns, Value};

use super::options::{SharedOptions, Stats};
use crate::answer::{write_end, write_start};
use crate::json::JsonWriter;
use crate::prometheus::labels::TRUNCATED;

/// How long a query waited and ran, in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clocked {
    pub(crate) waited: f64,
    pub(crate) ran: f64,
}

/// Writes a whole answer to `sink` and gives it back.
pub(super) fn write<W: Write>(
    sink: W,
    mut answer: Answer,
    options: &SharedOptions,
    clocked: Clocked,
) -> io::Result<W> {
    let limit = options.limit.unwrap_or(usize::MAX);
    let truncated = match &mut answer.value {
        Value::Vector(samples) => truncate(samples, limit),
        Value::Matrix(series) => truncate(series, limit),
        Value::Scalar { .. } | Value::String { .. } => false,
    };
    if truncated {
        answer.annotations.warn(TRUNCATED);
    }
    if let Stats::Deprecated(value) = &options.stats {
        answer.annotations.warn(format!(
            "value {} for parameter \"stats\" is deprecated and will be rejected in the next major release, use \"true\" or \"all\"",
            model::quote::quote(value)
        ));
    }
    let mut json = JsonWriter::new(sink);
    write_start(&mut json)?;
    write_value(&mut json, &answer.value)?;
    if options.stats != Stats::Off {
        json.raw(r#","stats":"#)?;
        json.value(&stats_json(&answer.stats, clocked))?;
    }
    json.raw("}")?;
    write_end(&mut json, answer.annotations.warnings(), answer.annotations.infos())?;
    json.into_inner()
}

fn truncate<T>(items: &mut Vec<T>, limit: usize) -> bool {
    let over = items.len() > limit;
    items.truncate(limit);
    over
}

fn write_value<W: Write>(json: &mut JsonWriter<W>, value: &Value) -> io::Result<()> {
    match value {
        Value::Scalar { time, value } => {
            json.raw(r#"{"resultType":"scalar","result":["#)?;
            json.timestamp(*time)?;
            json.raw(",")?;
            json.plain_number(*value)?;
            json.raw("]")
        }
        Value::String { time, text } => {
            json.raw(r#"{"resultType":"string","result":["#)?;
            json.timestamp(*time)?;
            json.raw(",")?;
            json.string(text)?;
            json.raw("]")
        }
        Value::Vector(samples) => {
            json.raw(r#"{"resultType":"vector","result":"#)?;
            json.list(samples, write_sample)
        }
        Value::Matrix(series) => {
            json.raw(r#"{"resultType":"matrix","result":"#)?;
            json.list(series, write_series)
        }
    }
}

fn write_histogram_point<W: Write>(
    json: &mut JsonWriter<W>,
    time: i64,
    histogram: &FloatHistogram,
) -> io::Result<()> {
    json.raw("[")?;
    json.timestamp(time)?;
    json.raw(",{\"count\":")?;
    json.number(histogram.count)?;
    json.raw(",\"sum\":")?;
    json.number(histogram.sum)?;
    let mut buckets = histogram.listed().peekable();
    if buckets.peek().is_some() {
        json.raw(",\"buckets\":")?;
        json.list(buckets, |json, bucket| {
            json.raw(&format!("[{},", bucket.boundary_rule()))?;
            json.number(bucket.lower)?;
            json.raw(",")?;
            json.number(bucket.upper)?;
            json.raw(",")?;
            json.number(bucket.count)?;
            json.raw("]")
        })?;
    }
    json.raw("}]")
}

fn write_sample<W: Write>(json: &mut JsonWriter<W>, sample: &InstantSample) -> io::Result<()> {
    json.raw(r#"{"metric":"#)?;
    json.labels(&sample.labels)?;
    match &sample.value {
        SampleValue::Float(value) => {
            json.raw(r#","value":"#)?;
            json.point(sample.time, *value, true)?;
        }
        SampleValue::Histogram(histogram) => {
            json.raw(r#","histogram":"#)?;
            write_histogram_point(json, sample.time, histogram)?;
        }
    }
    json.raw("}")
}

fn write_series<W: Write>(json: &mut JsonWriter<W>, series: &SeriesColumns) -> io::Result<()> {
    json.raw(r#"{"metric":"#)?;
    json.labels(&series.labels)?;
    let mut is_first = true;
    series.each_float(|time, value| {
        if is_first {
            json.raw(r#","values":["#)?;
        }
        json.point(time, value, std::mem::take(&mut is_first))
    })?;
    if !is_first {
        json.raw("]")?;
    }
    let mut histograms = series.histograms().peekable();
    if histograms.peek().is_some() {
        json.raw(r#","histograms":"#)?;
        json.list(histograms, |json, (time, histogram)| write_histogram_point(json, time, histogram))?;
    }
    json.raw("}")
}

/// The statistics of a query as answers and the query log show them.
pub(crate) fn stats_json(stats: &QueryStats, clocked: Clocked) -> serde_json::Value {
    let timings = &stats.timings;
    let mut samples = serde_json::json!({
        "totalQueryableSamples": stats.samples.total,
        "samplesRead": stats.samples.read,
        "peakSamples": stats.samples.peak,
    });
    for (key, counts) in [
        ("totalQueryableSamplesPerStep", &stats.samples.total_per_step),
        ("samplesReadPerStep", &stats.samples.read_per_step),
    ] {
        if let (Some(counts), Some(samples)) = (counts, samples.as_object_mut()) {
            let rows: Vec<_> = counts
                .iter()
                .map(|(time, count)| serde_json::json!([*time as f64 / 1000.0, count]))
                .collect();
            samples.insert(key.to_owned(), rows.into());
        }
    }
    serde_json::json!({
        "timings": {
            "evalTotalTime": timings.total.as_secs_f64(),
            "resultSortTime": timings.sorting.as_secs_f64(),
            "queryPreparationTime": timings.preparation.as_secs_f64(),
            "innerEvalTime": timings.evaluation.as_secs_f64(),
            "execQueueTime": clocked.waited,
            "execTotalTime": clocked.waited + clocked.ran,
        },
        "samples": samples,
    })
}
