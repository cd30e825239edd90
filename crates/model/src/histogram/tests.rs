//! Tests of the histogram operations, and how they write histograms down.

#![expect(clippy::approx_constant, reason = "bounds of buckets, which are not the nearest floats")]

mod arithmetic;
mod buckets;
mod classic;
mod compensated;
mod equality;
mod estimate;
mod properties;
mod reset;
mod text;
mod trim;
mod validate;

use super::{CUSTOM_BUCKETS_SCHEMA, CounterResetHint, FloatHistogram, Span};

/// A histogram of schema 0 without observations, to be filled by the methods below.
fn empty() -> FloatHistogram {
    FloatHistogram::default()
}

impl FloatHistogram {
    fn schema(mut self, schema: i32) -> Self {
        self.schema = schema;
        self
    }

    fn totals(mut self, count: f64, sum: f64) -> Self {
        self.count = count;
        self.sum = sum;
        self
    }

    fn zero(mut self, threshold: f64, count: f64) -> Self {
        self.zero_threshold = threshold;
        self.zero_count = count;
        self
    }

    fn up(mut self, offset: i32, counts: &[f64]) -> Self {
        self.positive_spans = vec![Span { offset, length: u32::try_from(counts.len()).unwrap() }];
        self.positive_buckets = counts.to_vec();
        self
    }

    fn down(mut self, offset: i32, counts: &[f64]) -> Self {
        self.negative_spans = vec![Span { offset, length: u32::try_from(counts.len()).unwrap() }];
        self.negative_buckets = counts.to_vec();
        self
    }

    fn custom(mut self, bounds: &[f64]) -> Self {
        self.schema = CUSTOM_BUCKETS_SCHEMA;
        self.custom_values = bounds.into();
        self
    }

    fn hint(mut self, hint: CounterResetHint) -> Self {
        self.counter_reset_hint = hint;
        self
    }

    fn compacted(mut self) -> Self {
        self.compact(0);
        self
    }
}
