//! Wider zero buckets: what two histograms need before they can be added or compared.

use std::cmp::Ordering;

use super::buckets::Side;
use super::layout::remove_first;
use super::{FloatHistogram, exponential_bound};

/// A zero bucket that a histogram could have instead of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WidenedZeroBucket {
    /// Its width: what was asked for, or more if that fell inside a populated bucket.
    pub threshold: f64,
    /// Observations in it.
    pub count: f64,
}

impl FloatHistogram {
    /// The zero bucket after widening to `threshold` or, if a populated bucket reaches across that, to the end of
    /// this bucket. A threshold below the present one changes nothing.
    pub fn widened_zero_bucket(&self, threshold: f64) -> WidenedZeroBucket {
        if self.zero_threshold >= threshold {
            return WidenedZeroBucket { threshold: self.zero_threshold, count: self.zero_count };
        }
        let positive = self.reach(Side::Positive, threshold);
        // Both sides have the same bounds, so that behind one step no bucket reaches across any more.
        let threshold = positive.max(self.reach(Side::Negative, positive));
        let mut count = self.zero_count;
        for side in [Side::Positive, Side::Negative] {
            count += self.first_counts(side, threshold).sum::<f64>();
        }
        WidenedZeroBucket { threshold, count }
    }

    /// Makes the zero bucket wider; `threshold` was found by [`FloatHistogram::widened_zero_bucket`].
    pub(super) fn widen_zero_bucket(&mut self, threshold: f64) {
        if self.zero_threshold >= threshold {
            return;
        }
        for side in [Side::Positive, Side::Negative] {
            let mut positions = 0;
            let moved: f64 = self.first_counts(side, threshold).inspect(|_| positions += 1).sum();
            self.zero_count += moved;
            match side {
                Side::Positive => {
                    remove_first(&mut self.positive_spans, &mut self.positive_buckets, positions)
                }
                Side::Negative => {
                    remove_first(&mut self.negative_spans, &mut self.negative_buckets, positions)
                }
            }
        }
        self.zero_threshold = threshold;
    }

    /// The counts of the buckets that end at `threshold` or nearer to zero.
    fn first_counts(&self, side: Side, threshold: f64) -> impl Iterator<Item = f64> + '_ {
        let schema = self.schema;
        self.indexed(side)
            .take_while(move |(index, _)| exponential_bound(*index, schema) <= threshold)
            .map(|(_, count)| count)
    }

    /// The end of the populated bucket in which `threshold` lies, or `threshold` itself.
    fn reach(&self, side: Side, threshold: f64) -> f64 {
        self.indexed(side)
            .map(|(index, count)| (index, exponential_bound(index, self.schema), count))
            .find(|(_, upper, _)| *upper > threshold)
            .filter(|(index, _, count)| {
                *count != 0.0 && exponential_bound(index.wrapping_sub(1), self.schema) < threshold
            })
            .map_or(threshold, |(_, upper, _)| upper)
    }
}

/// The narrowest zero bucket that both histograms can take.
pub(super) fn common_zero_threshold(left: &FloatHistogram, right: &FloatHistogram) -> f64 {
    let mut threshold = left.zero_threshold.max(right.zero_threshold);
    loop {
        let for_left = left.widened_zero_bucket(threshold).threshold;
        let for_both = right.widened_zero_bucket(for_left).threshold;
        // Each further round passes at least one populated bucket, so the search ends. NaN ends it too.
        match for_both.partial_cmp(&threshold) {
            Some(Ordering::Greater) => threshold = for_both,
            _ => return threshold,
        }
    }
}
