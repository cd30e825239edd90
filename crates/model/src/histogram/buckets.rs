//! The buckets of a histogram in order, with their bounds.

use super::layout::Indexed;
use super::{CUSTOM_BUCKETS_SCHEMA, FloatHistogram, Histogram, custom_bound, exponential_bound};

/// One bucket: its bounds and how many observations it holds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bucket {
    /// Place on its side; 0 for the zero bucket.
    pub index: i32,
    /// The lower bound.
    pub lower: f64,
    /// The upper bound.
    pub upper: f64,
    /// Whether the lower bound belongs to the bucket.
    pub lower_inclusive: bool,
    /// Whether the upper bound belongs to the bucket.
    pub upper_inclusive: bool,
    /// Observations.
    pub count: f64,
}

/// Which side of zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Positive,
    Negative,
}

impl FloatHistogram {
    /// Index and count of each positive bucket, empty ones included, ascending.
    pub fn positive_indexed(&self) -> Indexed<'_, f64> {
        Indexed::new(&self.positive_spans, &self.positive_buckets)
    }

    /// Index and count of each negative bucket, empty ones included, away from zero.
    pub fn negative_indexed(&self) -> Indexed<'_, f64> {
        Indexed::new(&self.negative_spans, &self.negative_buckets)
    }

    pub(super) fn indexed(&self, side: Side) -> Indexed<'_, f64> {
        match side {
            Side::Positive => self.positive_indexed(),
            Side::Negative => self.negative_indexed(),
        }
    }

    /// The positive buckets, empty ones included, ascending.
    pub fn positive(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        self.positive_indexed().map(|(index, count)| self.positive_bucket(index, count))
    }

    /// The negative buckets, empty ones included, away from zero, so with falling bounds.
    pub fn negative(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        self.negative_indexed().map(|(index, count)| {
            let mirrored = self.positive_bucket(index, count);
            Bucket {
                lower: -mirrored.upper,
                upper: -mirrored.lower,
                lower_inclusive: mirrored.upper_inclusive,
                upper_inclusive: mirrored.lower_inclusive,
                ..mirrored
            }
        })
    }

    /// The zero bucket, even if it is empty.
    pub fn zero_bucket(&self) -> Bucket {
        Bucket {
            index: 0,
            lower: -self.zero_threshold,
            upper: self.zero_threshold,
            lower_inclusive: true,
            upper_inclusive: true,
            count: self.zero_count,
        }
    }

    /// All buckets by rising bounds: negative ones, the zero bucket if it holds a positive count, positive ones.
    /// None of the others reaches into the zero bucket.
    pub fn ascending(&self) -> impl Iterator<Item = Bucket> + '_ {
        let (negative, positive) = (self.negative_outside_zero(), self.positive_outside_zero());
        negative.rev().chain(self.populated_zero_bucket()).chain(positive)
    }

    /// The buckets of [`FloatHistogram::ascending`] by falling bounds.
    pub fn descending(&self) -> impl Iterator<Item = Bucket> + '_ {
        let (negative, positive) = (self.negative_outside_zero(), self.positive_outside_zero());
        positive.rev().chain(self.populated_zero_bucket()).chain(negative)
    }

    /// The positive buckets without what lies in the zero bucket.
    fn positive_outside_zero(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        let zero_end = self.zero_end();
        self.positive().map(move |bucket| Bucket { lower: bucket.lower.max(zero_end), ..bucket })
    }

    /// The negative buckets without what lies in the zero bucket.
    fn negative_outside_zero(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        let zero_end = self.zero_end();
        self.negative().map(move |bucket| Bucket { upper: bucket.upper.min(-zero_end), ..bucket })
    }

    /// Where the zero bucket ends; custom buckets have none.
    fn zero_end(&self) -> f64 {
        if self.has_custom_buckets() { f64::NEG_INFINITY } else { self.zero_threshold }
    }

    fn populated_zero_bucket(&self) -> Option<Bucket> {
        (self.zero_count > 0.0).then(|| self.zero_bucket())
    }

    #[inline]
    fn positive_bucket(&self, index: i32, count: f64) -> Bucket {
        if self.has_custom_buckets() {
            let lower = custom_bound(index.wrapping_sub(1), &self.custom_values);
            let upper = custom_bound(index, &self.custom_values);
            let lower_inclusive = lower == f64::NEG_INFINITY;
            return Bucket { index, lower, upper, lower_inclusive, upper_inclusive: true, count };
        }
        let lower = exponential_bound(index.wrapping_sub(1), self.schema);
        let upper = exponential_bound(index, self.schema);
        // Below the smallest number a bound is zero, and zero belongs to the zero bucket.
        Bucket { index, lower, upper, lower_inclusive: false, upper_inclusive: upper > 0.0, count }
    }

    /// The bound of bucket `index` that is farther from zero, without its sign.
    pub(super) fn outer_bound(&self, index: i32) -> f64 {
        if self.schema == CUSTOM_BUCKETS_SCHEMA {
            custom_bound(index, &self.custom_values)
        } else {
            exponential_bound(index, self.schema)
        }
    }
}

impl Histogram {
    /// Index and absolute count of each positive bucket, empty ones included, ascending.
    pub fn positive_indexed(&self) -> impl Iterator<Item = (i32, i64)> + '_ {
        absolute(Indexed::new(&self.positive_spans, &self.positive_buckets))
    }

    /// Index and absolute count of each negative bucket, empty ones included, away from zero.
    pub fn negative_indexed(&self) -> impl Iterator<Item = (i32, i64)> + '_ {
        absolute(Indexed::new(&self.negative_spans, &self.negative_buckets))
    }
}

fn absolute(differences: Indexed<'_, i64>) -> impl Iterator<Item = (i32, i64)> + '_ {
    differences.scan(0i64, |count, (index, difference)| {
        *count = count.wrapping_add(difference);
        Some((index, *count))
    })
}
