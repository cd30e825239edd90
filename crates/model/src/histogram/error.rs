//! What can be wrong with a histogram, or with two that are brought together.

/// Why an operation on histograms is impossible.
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
}
