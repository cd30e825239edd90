//! What can be wrong with a histogram, or with two that are brought together.

use crate::number::format_general;

/// Why a histogram cannot be stored, or an operation on histograms is impossible.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One histogram has exponential, the other custom buckets.
    #[error("cannot apply this operation on histograms with a mix of exponential and custom bucket schemas")]
    MixedSchemas,
    /// The schema to reduce to is not the lower one.
    #[error("cannot reduce histogram resolution from schema {from} to {to}")]
    SchemaNotLower {
        /// The schema of the histogram.
        from: i32,
        /// The schema asked for.
        to: i32,
    },
    /// Custom buckets have no resolution.
    #[error("cannot reduce resolution of a histogram with custom buckets")]
    ReductionOfCustomBuckets,
    /// The schema stands for no buckets that are kept.
    #[error(
        "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom \
         buckets, got schema {schema}"
    )]
    UnknownSchema {
        /// The schema of the histogram.
        schema: i32,
    },
    /// Spans, bounds or counts contradict each other or themselves.
    #[error("{buckets}: {fault}")]
    Layout {
        /// Which buckets.
        buckets: BucketKind,
        /// What is wrong with them.
        fault: Fault,
    },
    /// Exponential buckets with bounds of their own.
    #[error("histogram with exponential schema must not have custom bounds")]
    BoundsOfExponentialBuckets,
    /// Custom buckets beside observations in a zero bucket.
    #[error("custom buckets: must have zero count of 0")]
    ZeroCountOfCustomBuckets,
    /// Custom buckets beside a zero bucket.
    #[error("custom buckets: must have zero threshold of 0")]
    ZeroThresholdOfCustomBuckets,
    /// Custom buckets with a negative side.
    #[error("custom buckets: must not have negative spans")]
    NegativeSpansOfCustomBuckets,
    /// Custom buckets with a negative side.
    #[error("custom buckets: must not have negative buckets")]
    NegativeBucketsOfCustomBuckets,
    /// The total is not that of the buckets.
    #[error(
        "{observations} observations found in buckets, but the Count field is {count}: histogram's observation count \
         should equal the number of observations found in the buckets (in absence of NaN)"
    )]
    CountMismatch {
        /// Observations in the buckets.
        observations: u64,
        /// Observations by the total.
        count: u64,
    },
    /// The total, which counts NaN too, is less than that of the buckets.
    #[error(
        "{observations} observations found in buckets, but the Count field is {count}: histogram's observation count \
         should be at least the number of observations found in the buckets"
    )]
    CountTooSmall {
        /// Observations in the buckets.
        observations: u64,
        /// Observations by the total.
        count: u64,
    },
}

/// Which buckets of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketKind {
    /// Exponential buckets above zero.
    Positive,
    /// Exponential buckets below zero.
    Negative,
    /// Buckets with bounds of their own.
    Custom,
}

impl std::fmt::Display for BucketKind {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Positive => "positive side",
            Self::Negative => "negative side",
            Self::Custom => "custom buckets",
        })
    }
}

/// What is wrong with the buckets of one kind.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A span reaches back into the one before it.
    #[error("span number {number} with offset {offset}: histogram has a span whose offset is negative")]
    NegativeOffset {
        /// Which span, from 1.
        number: usize,
        /// Its offset.
        offset: i32,
    },
    /// The spans are for another number of buckets.
    #[error(
        "spans need {needed} buckets, have {buckets} buckets: histogram spans specify different number of buckets \
         than provided"
    )]
    SpansMismatch {
        /// Buckets by the spans.
        needed: u64,
        /// Buckets that are there.
        buckets: usize,
    },
    /// A bucket with a negative whole count.
    #[error(
        "bucket number {number} has observation count of {count}: histogram has a bucket whose observation count is \
         negative"
    )]
    NegativeCount {
        /// Which bucket, from 1.
        number: usize,
        /// Its count.
        count: i64,
    },
    /// A bucket with a negative fractional count.
    #[error(
        "bucket number {number} has observation count of {}: histogram has a bucket whose observation count is \
         negative",
        format_general(*.count)
    )]
    NegativeFraction {
        /// Which bucket, from 1.
        number: usize,
        /// Its count.
        count: f64,
    },
    /// A bound is not above the one before it.
    #[error(
        "previous bound is {} and current is {}: histogram custom bounds must be in strictly increasing order",
        format_bound(*.previous),
        format_bound(*.current)
    )]
    BoundsNotAscending {
        /// The bound before.
        previous: f64,
        /// The bound that is not above it.
        current: f64,
    },
    /// The bound at infinity is always there and never given.
    #[error("last +Inf bound must not be explicitly defined: histogram custom bounds must be finite")]
    BoundInfinite,
    /// A bound is NaN.
    #[error("histogram custom bounds must not be NaN")]
    BoundNotANumber,
    /// Spans reach beyond the bounds.
    #[error(
        "only {bounds} custom bounds defined which is insufficient to cover total span length of {reach}: histogram \
         custom bounds are too few"
    )]
    BoundsTooFew {
        /// Bounds that are there.
        bounds: usize,
        /// Index behind the last bucket.
        reach: i64,
    },
}

/// A bound with six decimals.
fn format_bound(bound: f64) -> String {
    if bound.is_finite() { format!("{bound:.6}") } else { format_general(bound) }
}
