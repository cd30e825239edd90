//! Histograms of OpenTelemetry as native ones.

use model::histogram::{CUSTOM_BUCKETS_SCHEMA, EXPONENTIAL_SCHEMA_MAX, EXPONENTIAL_SCHEMA_MIN};
use model::{CounterResetHint, Histogram, Span, stale_nan};

use super::point::{Buckets, ExponentialPoint, HistogramPoint};

/// The width of the zero bucket, which points do not say reliably.
const ZERO_THRESHOLD: f64 = 1e-128;
/// Empty buckets that are written rather than a span begun.
const GAP_MAX: i64 = 2;

/// The native histogram of a point with exponential buckets.
///
/// # Errors
/// Why there is none.
pub(super) fn of_exponential(point: &ExponentialPoint<'_>, is_gauge: bool) -> Result<Histogram, String> {
    if point.scale < EXPONENTIAL_SCHEMA_MIN {
        return Err(format!(
            "cannot convert exponential to native histogram. Scale must be >= {EXPONENTIAL_SCHEMA_MIN}, was {}",
            point.scale
        ));
    }
    let mut histogram = framed(is_gauge, point.common.is_stale, point.count, point.sum);
    histogram.schema = point.scale.min(EXPONENTIAL_SCHEMA_MAX);
    histogram.zero_threshold = ZERO_THRESHOLD;
    if !point.common.is_stale {
        histogram.zero_count = point.zero_count;
        let coarser = point.scale.saturating_sub(EXPONENTIAL_SCHEMA_MAX).max(0) as u32;
        (histogram.positive_spans, histogram.positive_buckets) = layout(indexed(&point.positive, coarser))?;
        (histogram.negative_spans, histogram.negative_buckets) = layout(indexed(&point.negative, coarser))?;
    }
    Ok(histogram)
}

/// The native histogram with custom buckets of a point with bounds of its own.
///
/// # Errors
/// Why there is none.
pub(super) fn of_bounds(point: &HistogramPoint<'_>, is_gauge: bool) -> Result<Histogram, String> {
    let mut histogram = framed(is_gauge, point.common.is_stale, point.count, point.sum);
    histogram.schema = CUSTOM_BUCKETS_SCHEMA;
    histogram.custom_values = point.bounds.as_slice().into();
    if !point.common.is_stale {
        let counts = (0_i64..).zip(point.counts.iter().copied()).collect();
        (histogram.positive_spans, histogram.positive_buckets) = layout(counts)?;
    }
    Ok(histogram)
}

fn framed(is_gauge: bool, is_stale: bool, count: u64, sum: Option<f64>) -> Histogram {
    Histogram {
        counter_reset_hint: if is_gauge { CounterResetHint::Gauge } else { CounterResetHint::Unknown },
        count: if is_stale { 0 } else { count },
        sum: if is_stale { stale_nan() } else { sum.unwrap_or(0.0) },
        ..Histogram::default()
    }
}

/// Buckets with their native indices, `coarser` steps of resolution less.
///
/// A native bucket has its bound at its upper end, one of OpenTelemetry at its lower end: hence the one more.
fn indexed(buckets: &Buckets, coarser: u32) -> Vec<(i64, u64)> {
    let mut indexed: Vec<(i64, u64)> = Vec::with_capacity(buckets.counts.len());
    let shift = coarser.min(63);
    for (place, count) in (0_i64..).zip(&buckets.counts) {
        let index = ((i64::from(buckets.offset) + place) >> shift) + 1;
        match indexed.last_mut() {
            Some((last, sum)) if *last == index => *sum = sum.saturating_add(*count),
            _ => indexed.push((index, *count)),
        }
    }
    indexed
}

/// Spans, and counts as differences.
fn layout(buckets: Vec<(i64, u64)>) -> Result<(Vec<Span>, Vec<i64>), String> {
    let too_large = || "a bucket of the histogram is beyond what can be stored".to_owned();
    let mut spans: Vec<Span> = Vec::new();
    let mut differences = Vec::new();
    let (mut end, mut before) = (None, 0_i64);
    for (index, count) in buckets.into_iter().filter(|(_, count)| *count != 0) {
        let count = i64::try_from(count).map_err(|_| too_large())?;
        let gap = end.map_or(index, |end: i64| index - end);
        match spans.last_mut() {
            Some(span) if gap <= GAP_MAX => {
                for _ in 0..gap {
                    differences.push(-before);
                    before = 0;
                    span.length += 1;
                }
                span.length += 1;
            }
            _ => spans.push(Span { offset: i32::try_from(gap).map_err(|_| too_large())?, length: 1 }),
        }
        differences.push(count - before);
        before = count;
        end = Some(index + 1);
    }
    Ok((spans, differences))
}
