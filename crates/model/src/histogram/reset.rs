//! Whether a counter started anew between two histograms of its series.

use std::iter::Peekable;

use super::buckets::Side;
use super::resolution::{coarse_index, common_bounds, index_among};
use super::{CounterResetHint, FloatHistogram, exponential_bound};

impl FloatHistogram {
    /// Whether the counter was reset between `previous` and this histogram.
    ///
    /// A hint that says yes or no is believed. Else it is a reset if any count fell, if the buckets became finer or
    /// changed between exponential and custom, or if the zero bucket became narrower or ends inside a bucket that
    /// was populated. Custom buckets with other bounds are compared at the bounds that both have.
    pub fn detect_reset(&self, previous: &Self) -> bool {
        match self.counter_reset_hint {
            CounterResetHint::Reset => return true,
            CounterResetHint::NotReset => return false,
            CounterResetHint::Unknown | CounterResetHint::Gauge => {}
        }
        if self.count < previous.count || self.has_custom_buckets() != previous.has_custom_buckets() {
            return true;
        }
        if self.has_custom_buckets() {
            return self.custom_bucket_fell(previous);
        }
        if self.schema > previous.schema || self.zero_threshold < previous.zero_threshold {
            return true;
        }
        let zero = previous.widened_zero_bucket(self.zero_threshold);
        zero.threshold != self.zero_threshold
            || self.zero_count < zero.count
            || self.exponential_bucket_fell(previous, Side::Positive)
            || self.exponential_bucket_fell(previous, Side::Negative)
    }

    fn exponential_bucket_fell(&self, previous: &Self, side: Side) -> bool {
        let steps = previous.schema.abs_diff(self.schema);
        let outside_zero = |index: i32, schema: i32| exponential_bound(index, schema) > self.zero_threshold;
        let before = previous
            .indexed(side)
            .skip_while(|(index, _)| !outside_zero(*index, previous.schema))
            .map(|(index, count)| (coarse_index(index, steps), count));
        let now = self.indexed(side).skip_while(|(index, _)| !outside_zero(*index, self.schema));
        any_fell(now, Merged::new(before))
    }

    fn custom_bucket_fell(&self, previous: &Self) -> bool {
        if self.custom_values == previous.custom_values {
            return any_fell(self.positive_indexed(), previous.positive_indexed());
        }
        let bounds = common_bounds(&self.custom_values, &previous.custom_values);
        let now = self
            .positive_indexed()
            .map(|(index, count)| (index_among(&bounds, self.outer_bound(index)), count));
        let before = previous
            .positive_indexed()
            .map(|(index, count)| (index_among(&bounds, previous.outer_bound(index)), count));
        any_fell(Merged::new(now), Merged::new(before))
    }
}

/// Whether a bucket of `before` holds less in `now`, or is populated and missing there.
fn any_fell(mut now: impl Iterator<Item = (i32, f64)>, before: impl Iterator<Item = (i32, f64)>) -> bool {
    let mut current = now.next();
    for (index, count) in before {
        while current.is_some_and(|(current_index, _)| current_index < index) {
            current = now.next();
        }
        let fell = match current {
            Some((current_index, current_count)) if current_index == index => current_count < count,
            _ => count != 0.0,
        };
        if fell {
            return true;
        }
    }
    false
}

/// Neighbours with the same index added up.
struct Merged<I: Iterator<Item = (i32, f64)>> {
    inner: Peekable<I>,
}

impl<I: Iterator<Item = (i32, f64)>> Merged<I> {
    fn new(inner: I) -> Self {
        Self { inner: inner.peekable() }
    }
}

impl<I: Iterator<Item = (i32, f64)>> Iterator for Merged<I> {
    type Item = (i32, f64);

    fn next(&mut self) -> Option<Self::Item> {
        let (index, mut count) = self.inner.next()?;
        while let Some((_, more)) = self.inner.next_if(|(next, _)| *next == index) {
            count += more;
        }
        Some((index, count))
    }
}
