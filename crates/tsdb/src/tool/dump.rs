//! `tsdb dump` and `tsdb dump-openmetrics`: every sample as a line.

use std::io::{self, Write};

use model::number::format_general;
use model::quote::quote;
use model::{FloatHistogram, Labels, Matcher, is_stale_nan};
use storage::merge::MergedSeries;
use storage::{Queryable, SampleColumns, SelectHints, SeriesSet, TimeRange};

use super::ToolError;

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DumpFormat {
    /// Labels, value and time of each sample.
    #[default]
    Prom,
    /// The labels of each series alone, as JSON.
    SeriesJson,
}

/// Writes what a store has in `range` of the series that any of the selectors finds, in the order of labels.
///
/// # Errors
/// [`ToolError::Query`], [`ToolError::Output`].
pub fn dump(
    store: &dyn Queryable,
    range: TimeRange,
    selectors: &[Vec<Matcher>],
    format: DumpFormat,
    out: &mut dyn Write,
) -> Result<(), ToolError> {
    for_each_series(store, range, selectors, |labels, columns| match format {
        DumpFormat::Prom => {
            let labels = labels.to_string();
            for_each_sample(columns, |timestamp, value| match value {
                Value::Float(value) => writeln!(out, "{labels} {} {timestamp}", format_general(value)),
                Value::Histogram(histogram) => writeln!(out, "{labels} {histogram} {timestamp}"),
            })
        }
        DumpFormat::SeriesJson => writeln!(out, "{}", series_json(labels)),
    })
}

/// Writes what a store has as OpenMetrics text, without what that cannot say: histograms and ends of series.
///
/// # Errors
/// [`ToolError::Query`], [`ToolError::Output`].
pub fn dump_open_metrics(
    store: &dyn Queryable,
    range: TimeRange,
    selectors: &[Vec<Matcher>],
    out: &mut dyn Write,
) -> Result<(), ToolError> {
    for_each_series(store, range, selectors, |labels, columns| {
        let series = open_metrics_series(labels);
        for (timestamp, value) in columns.timestamps.iter().zip(&columns.values) {
            if !is_stale_nan(*value) {
                let value = format_general(*value);
                writeln!(out, "{series} {value} {:.3}", *timestamp as f64 / 1000.0)?;
            }
        }
        Ok(())
    })?;
    Ok(writeln!(out, "# EOF")?)
}

fn for_each_series(
    store: &dyn Queryable,
    range: TimeRange,
    selectors: &[Vec<Matcher>],
    mut visit: impl FnMut(&Labels, &SampleColumns) -> io::Result<()>,
) -> Result<(), ToolError> {
    let querier = store.querier(range)?;
    let hints = SelectHints { sorted: true, ..SelectHints::default() };
    let sets = selectors.iter().map(|matchers| querier.select(matchers, &hints));
    let sets = sets.collect::<storage::Result<Vec<Box<dyn SeriesSet>>>>()?;
    let set = MergedSeries::of(sets, &hints)?;
    let mut columns = SampleColumns::new();
    for position in 0..set.len() {
        columns.clear();
        set.read(position, range, &mut columns)?;
        if !columns.is_empty() {
            visit(&set.labels(position), &columns)?;
        }
    }
    Ok(())
}

enum Value<'a> {
    Float(f64),
    Histogram(&'a FloatHistogram),
}

/// Calls `visit` with the samples of both kinds in the order of time.
fn for_each_sample(
    columns: &SampleColumns,
    mut visit: impl FnMut(i64, Value<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut floats = columns.timestamps.iter().zip(&columns.values).peekable();
    for (timestamp, histogram) in columns.histograms.timestamps.iter().zip(&columns.histograms.values) {
        while let Some((float, value)) = floats.next_if(|(float, _)| *float < timestamp) {
            visit(*float, Value::Float(*value))?;
        }
        visit(*timestamp, Value::Histogram(histogram))?;
    }
    floats.try_for_each(|(timestamp, value)| visit(*timestamp, Value::Float(*value)))
}

/// `name{label="value",…}`, the names as they are.
fn open_metrics_series(labels: &Labels) -> String {
    let mut series = labels.metric_name().to_owned();
    series.push('{');
    for (place, (name, value)) in labels.without_name().iter().enumerate() {
        if place > 0 {
            series.push(',');
        }
        series.push_str(name);
        series.push('=');
        series.push_str(&quote(value));
    }
    series.push('}');
    series
}

/// The labels as one object, escaped as Go does.
fn series_json(labels: &Labels) -> String {
    let pairs = labels.iter().map(|(name, value)| (name.to_owned(), serde_json::Value::from(value)));
    let json = serde_json::Value::Object(pairs.collect()).to_string();
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped
}
