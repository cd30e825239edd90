//! The buckets as answers of the query API list them, and the size of histograms.

use super::{Bucket, FloatHistogram};

/// What a histogram takes besides its slices: the struct as the original has it.
const FIXED_BYTES: usize = 168;
/// What each span, bucket and bound takes.
const ELEMENT_BYTES: usize = 8;

impl Bucket {
    /// How the API tells which bounds belong to the bucket: 0 the upper, 1 the lower, 2 none, 3 both.
    pub fn boundary_rule(&self) -> u8 {
        match (self.lower_inclusive, self.upper_inclusive) {
            (false, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (true, true) => 3,
        }
    }
}

impl FloatHistogram {
    /// The buckets that an answer of the API lists: ascending, without empty ones.
    pub fn listed(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.ascending().filter(|bucket| bucket.count != 0.0)
    }

    /// The memory that the histogram takes in the original, by which samples are counted against the limit of a
    /// query.
    pub fn size_bytes(&self) -> usize {
        let elements = self.positive_spans.len()
            + self.negative_spans.len()
            + self.positive_buckets.len()
            + self.negative_buckets.len()
            + self.custom_values.len();
        FIXED_BYTES + ELEMENT_BYTES * elements
    }
}
