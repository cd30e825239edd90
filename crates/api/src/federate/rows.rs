//! The newest samples, as the series that federation shows.

use std::collections::BTreeMap;
use std::time::Duration;

use model::histogram::FloatHistogram;
use model::labels::{BUCKET_BOUND, METRIC_NAME};
use model::number::format_plain;
use model::{Annotations, Labels, LabelsBuilder, Matcher, is_stale_nan};
use storage::{Queryable, SampleColumns, SelectHints, TimeRange};

/// One series with its newest sample.
pub(super) struct Row {
    /// The name included.
    pub(super) labels: Labels,
    pub(super) time: i64,
    pub(super) value: RowValue,
}

/// A sample's value.
pub(super) enum RowValue {
    Number(f64),
    /// With exponential buckets; custom ones have become classic series.
    Native(Box<FloatHistogram>),
}

/// The newest sample of every selected series that has one within `lookback` and is not stale, sorted by name.
pub(super) fn newest(
    store: &dyn Queryable,
    selectors: &[Vec<Matcher>],
    now: i64,
    lookback: Duration,
) -> storage::Result<(Vec<Row>, Annotations)> {
    let lookback = i64::try_from(lookback.as_millis()).unwrap_or(i64::MAX);
    let range = TimeRange::new(now.saturating_sub(lookback), now);
    let querier = store.querier(range)?;
    let hints = SelectHints { range: Some(range), sorted: true, ..SelectHints::default() };
    let mut annotations = Annotations::new();
    // By labels: a series that several selectors find is shown once.
    let mut found: BTreeMap<Labels, (i64, Newest)> = BTreeMap::new();
    let mut columns = SampleColumns::new();
    for matchers in selectors {
        let set = querier.select(matchers, &hints)?;
        annotations.merge(set.annotations());
        for position in 0..set.len() {
            columns.clear();
            set.read(position, range, &mut columns)?;
            if let Some(sample) = newest_of(&columns) {
                found.insert(set.labels(position), sample);
            }
        }
    }
    let mut rows = Vec::with_capacity(found.len());
    for (labels, (time, value)) in found {
        match value {
            Newest::Number(value) => rows.push(Row { labels, time, value: RowValue::Number(value) }),
            Newest::Histogram(histogram) if histogram.has_custom_buckets() => {
                push_classic(&mut rows, &labels, time, &histogram);
            }
            Newest::Histogram(histogram) => {
                rows.push(Row { labels, time, value: RowValue::Native(Box::new(histogram)) });
            }
        }
    }
    // Within a name the order of the labels stays.
    rows.sort_by(|left, right| left.labels.metric_name().cmp(right.labels.metric_name()));
    Ok((rows, annotations))
}

enum Newest {
    Number(f64),
    Histogram(FloatHistogram),
}

fn newest_of(columns: &SampleColumns) -> Option<(i64, Newest)> {
    let float = columns.timestamps.last().zip(columns.values.last());
    let histogram = columns.histograms.timestamps.last().zip(columns.histograms.values.last());
    match (float, histogram) {
        (Some((time, value)), other) if other.is_none_or(|(other, _)| other < time) => {
            (!is_stale_nan(*value)).then_some((*time, Newest::Number(*value)))
        }
        (_, Some((time, value))) => {
            (!is_stale_nan(value.sum)).then(|| (*time, Newest::Histogram(value.clone())))
        }
        _ => None,
    }
}

/// A histogram with custom buckets as the series of a classic one.
fn push_classic(rows: &mut Vec<Row>, labels: &Labels, time: i64, histogram: &FloatHistogram) {
    let name = labels.metric_name();
    let mut push = |suffix: &str, bound: Option<&str>, value: f64| {
        let mut series = LabelsBuilder::new(labels.clone());
        series.set(METRIC_NAME, &format!("{name}{suffix}"));
        if let Some(bound) = bound {
            series.set(BUCKET_BOUND, bound);
        }
        rows.push(Row { labels: series.build(), time, value: RowValue::Number(value) });
    };
    let mut counts = histogram.positive_indexed().peekable();
    let mut below = 0.0;
    for (position, bound) in histogram.custom_values.iter().enumerate() {
        while let Some((_, count)) =
            counts.next_if(|(index, _)| usize::try_from(*index).is_ok_and(|index| index <= position))
        {
            below += count;
        }
        push("_bucket", Some(&format_bound(*bound)), below);
    }
    push("_bucket", Some("+Inf"), histogram.count);
    push("_count", None, histogram.count);
    push("_sum", None, histogram.sum);
}

/// A bound as OpenMetrics writes it: whole numbers with `.0`.
fn format_bound(bound: f64) -> String {
    let text = format_plain(bound);
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') { format!("{text}.0") } else { text }
}
