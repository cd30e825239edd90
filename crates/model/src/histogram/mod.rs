//! Native histograms: sparse buckets on an exponential or a custom scale (specification, section 2.7).
//!
//! Bucket `i` of an exponential schema covers `(base^(i-1), base^i]` with `base = 2^(2^-schema)`; the zero bucket
//! covers `[-zero_threshold, zero_threshold]`. With [`CUSTOM_BUCKETS_SCHEMA`] bucket `i` ends at
//! `custom_values[i]`, and the last one is unbounded.

mod arithmetic;
mod bounds;
mod buckets;
mod classic;
mod compact;
mod compensated;
mod convert;
mod equality;
mod error;
mod estimate;
mod layout;
mod listing;
mod reset;
mod resolution;
mod shape;
#[cfg(test)]
mod tests;
mod text;
mod trim;
mod validate;
mod zero;

use std::sync::Arc;

pub use arithmetic::Reconciled;
pub use bounds::{custom_bound, exponential_bound};
pub use buckets::Bucket;
pub use classic::{ClassicError, ClassicHistogram, NativeForm};
pub use compensated::{CompensatedHistogram, MeanHistogram};
pub use equality::almost_equal;
pub use error::{BucketKind, Error, Fault};
pub use estimate::NanObservations;
pub use layout::Indexed;
pub use resolution::is_exponential_schema;
pub use zero::WidenedZeroBucket;

/// The schema that stands for buckets with bounds of their own.
pub const CUSTOM_BUCKETS_SCHEMA: i32 = -53;
/// The smallest schema of exponential buckets that is kept.
pub const EXPONENTIAL_SCHEMA_MIN: i32 = -4;
/// The largest schema of exponential buckets that is kept; finer ones are reduced to it.
pub const EXPONENTIAL_SCHEMA_MAX: i32 = 8;

/// A run of neighbouring buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Gap to the end of the span before; for the first span the index of its first bucket. Never negative but
    /// in the first span.
    pub offset: i32,
    /// Number of buckets.
    pub length: u32,
}

/// What is known of a counter reset between a histogram and the one before it in its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CounterResetHint {
    /// Nothing: it must be looked for.
    #[default]
    Unknown,
    /// There was a reset.
    Reset,
    /// There was none.
    NotReset,
    /// The histogram is a gauge: resets have no meaning.
    Gauge,
}

/// A histogram with whole-number counts, buckets as differences.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// See [`CounterResetHint`].
    pub counter_reset_hint: CounterResetHint,
    /// Resolution of the buckets, or [`CUSTOM_BUCKETS_SCHEMA`].
    pub schema: i32,
    /// Width of the zero bucket, not negative.
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: u64,
    /// All observations, those that are NaN included.
    pub count: u64,
    /// Sum of all observations; the staleness marker here marks the histogram as stale.
    pub sum: f64,
    /// Layout of the positive buckets.
    pub positive_spans: Vec<Span>,
    /// Layout of the negative buckets.
    pub negative_spans: Vec<Span>,
    /// Positive bucket counts: the first as it is, each other as the difference to the one before.
    pub positive_buckets: Vec<i64>,
    /// Negative bucket counts in the same form.
    pub negative_buckets: Vec<i64>,
    /// Upper bounds of custom buckets, ascending; empty with exponential schemas.
    pub custom_values: Arc<[f64]>,
}

/// A histogram with fractional counts, buckets as they are: the form that queries work on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FloatHistogram {
    /// See [`CounterResetHint`].
    pub counter_reset_hint: CounterResetHint,
    /// Resolution of the buckets, or [`CUSTOM_BUCKETS_SCHEMA`].
    pub schema: i32,
    /// Width of the zero bucket, not negative.
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: f64,
    /// All observations, those that are NaN included.
    pub count: f64,
    /// Sum of all observations; the staleness marker here marks the histogram as stale.
    pub sum: f64,
    /// Layout of the positive buckets.
    pub positive_spans: Vec<Span>,
    /// Layout of the negative buckets.
    pub negative_spans: Vec<Span>,
    /// Positive bucket counts.
    pub positive_buckets: Vec<f64>,
    /// Negative bucket counts.
    pub negative_buckets: Vec<f64>,
    /// Upper bounds of custom buckets, ascending; empty with exponential schemas.
    pub custom_values: Arc<[f64]>,
}

impl Histogram {
    /// Whether the buckets have bounds of their own.
    pub fn has_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// The same histogram with fractional counts.
    pub fn to_float(&self) -> FloatHistogram {
        FloatHistogram {
            counter_reset_hint: self.counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count as f64,
            count: self.count as f64,
            sum: self.sum,
            positive_spans: self.positive_spans.clone(),
            negative_spans: self.negative_spans.clone(),
            positive_buckets: running_sums(&self.positive_buckets),
            negative_buckets: running_sums(&self.negative_buckets),
            custom_values: Arc::clone(&self.custom_values),
        }
    }
}

impl FloatHistogram {
    /// Whether the buckets have bounds of their own.
    pub fn has_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }
}

fn running_sums(differences: &[i64]) -> Vec<f64> {
    let mut sum: i64 = 0;
    differences
        .iter()
        .map(|difference| {
            sum = sum.wrapping_add(*difference);
            sum as f64
        })
        .collect()
}
