//! Functions that need every sample of a window: `quantile_over_time`, `rate_counter`.

use super::Windows;
use super::cell::Sample;
use super::lane::Span;
use super::order::RankCounts;

/// The samples of one series, kept as they come.
#[derive(Debug, Clone, Default)]
pub(in crate::metric) struct Samples(Vec<Sample>);

impl Samples {
    /// Keeps a sample.
    pub(in crate::metric) fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// Takes the samples of another part.
    pub(in crate::metric) fn join(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
        } else {
            self.0.extend(other.0);
        }
    }

    /// Puts them in order of time.
    fn sorted(mut self) -> Vec<Sample> {
        self.0.sort_unstable_by_key(|sample| (sample.timestamp, sample.rank));
        self.0
    }

    /// A quantile of each window.
    pub(in crate::metric) fn quantiles(self, windows: &Windows, quantile: f64) -> Span {
        let samples = self.sorted();
        let mut sorted: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
        sorted.sort_unstable_by(vectors::aggregate::quantile_order);
        let rank_of = |value: f64| {
            sorted.partition_point(|other| vectors::aggregate::quantile_order(other, &value).is_lt())
        };
        let ranks: Vec<usize> = samples.iter().map(|sample| rank_of(sample.value)).collect();
        let mut counts = RankCounts::new(sorted.len());
        let mut inside = 0..0;
        each_window(windows, &samples, |window| {
            for rank in ranks.get(inside.end..window.end).unwrap_or_default() {
                counts.insert(*rank);
            }
            for rank in ranks.get(inside.start..window.start).unwrap_or_default() {
                counts.remove(*rank);
            }
            inside = window;
            let value = |nth: usize| sorted.get(counts.nth(nth)).copied().unwrap_or(f64::NAN);
            interpolated(quantile, inside.len(), value)
        })
    }

    /// The increase of a counter in each window for every second of the range.
    pub(in crate::metric) fn counter_rates(self, windows: &Windows) -> Span {
        let samples = self.sorted();
        // What was lost at resets up to each sample.
        let mut lost = Vec::with_capacity(samples.len());
        let (mut total, mut before) = (0.0, f64::NAN);
        for sample in &samples {
            if sample.value < before {
                total += before;
            }
            before = sample.value;
            lost.push(total);
        }
        each_window(windows, &samples, |window| {
            let resets = |place: usize| lost.get(place).copied().unwrap_or(0.0);
            let (Some(first), Some(last)) = (samples.get(window.start), samples.get(window.end - 1)) else {
                return vectors::ABSENT;
            };
            if window.len() < 2 {
                return 0.0;
            }
            let increase = last.value - first.value + resets(window.end - 1) - resets(window.start);
            let factor = extrapolation(windows, first, last, (increase, window.len()));
            increase * factor / windows.range_seconds()
        })
    }
}

/// By how much the original extrapolates the increase between two samples: it takes the window to begin as many
/// nanoseconds before the first sample as the range has milliseconds, and to end at the last sample.
fn extrapolation(windows: &Windows, first: &Sample, last: &Sample, (increase, count): (f64, usize)) -> f64 {
    let sampled = last.timestamp.saturating_sub(first.timestamp) as f64;
    if sampled <= 0.0 {
        return 1.0;
    }
    let mut before = windows.range_seconds() * 1e3;
    let average = sampled / (count - 1) as f64;
    if increase > 0.0 && first.value >= 0.0 {
        // A counter does not begin below zero.
        before = before.min(sampled * (first.value / increase));
    }
    let added = if before < average * 1.1 { before } else { average / 2.0 };
    (sampled + added) / sampled
}

/// Calls `value` with the samples of each window that has some.
fn each_window(
    windows: &Windows,
    samples: &[Sample],
    mut value: impl FnMut(std::ops::Range<usize>) -> f64,
) -> Span {
    let mut span = Span::default();
    let (mut start, mut end) = (0, 0);
    for window in 0..windows.steps() {
        let (from, to) = (windows.start_of(window), windows.end_of(window));
        let behind = |place: usize, time: i64| samples.get(place).is_some_and(|s| s.timestamp <= time);
        while behind(end, to) {
            end += 1;
        }
        while behind(start, from) {
            start += 1;
        }
        if start >= end {
            if !span.values.is_empty() {
                span.values.push(vectors::ABSENT);
            }
            continue;
        }
        if span.values.is_empty() {
            span.first = window;
        }
        span.values.push(value(start..end));
    }
    span
}

/// A quantile of so many sorted values, between neighbours in proportion.
fn interpolated(quantile: f64, count: usize, value: impl Fn(usize) -> f64) -> f64 {
    if count == 0 || quantile.is_nan() {
        return f64::NAN;
    }
    if quantile < 0.0 {
        return f64::NEG_INFINITY;
    }
    if quantile > 1.0 {
        return f64::INFINITY;
    }
    let place = quantile * (count - 1) as f64;
    let lower = place.floor() as usize;
    let upper = (lower + 1).min(count - 1);
    let weight = place - place.floor();
    value(lower) * (1.0 - weight) + value(upper) * weight
}
