//! Estimates from the distribution: quantiles, fractions and deviations.

use super::{Bucket, FloatHistogram};

/// What observations of NaN, which lie in no bucket, mean for a quantile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NanObservations {
    /// There are none.
    None,
    /// The quantile is higher than it would be without them.
    Skew,
    /// The quantile lies among them: it is NaN.
    Result,
}

impl FloatHistogram {
    /// The value below which the part `quantile` of the observations lies, by interpolation in the bucket that holds
    /// it: minus infinity below 0, infinity above 1, NaN without observations.
    pub fn quantile(&self, quantile: f64) -> (f64, NanObservations) {
        if quantile < 0.0 {
            return (f64::NEG_INFINITY, NanObservations::None);
        }
        if quantile > 1.0 {
            return (f64::INFINITY, NanObservations::None);
        }
        if self.count == 0.0 || quantile.is_nan() {
            return (f64::NAN, NanObservations::None);
        }
        // NaN counts as higher than any bucket, so that with it only the lower end is firm.
        if self.sum.is_nan() || quantile < 0.5 {
            self.quantile_from(self.ascending(), quantile * self.count, true)
        } else {
            self.quantile_from(self.descending(), (1.0 - quantile) * self.count, false)
        }
    }

    /// The quantile with `rank` observations on this side of it, counted along `buckets`.
    fn quantile_from(
        &self,
        mut buckets: impl Iterator<Item = Bucket>,
        mut rank: f64,
        upwards: bool,
    ) -> (f64, NanObservations) {
        let mut seen = 0.0;
        let mut bucket = Bucket::default();
        for next in buckets.by_ref() {
            bucket = next;
            seen += bucket.count;
            if bucket.count != 0.0 && seen >= rank {
                break;
            }
        }
        if self.has_custom_buckets() {
            // No interpolation towards infinity.
            if bucket.lower == f64::NEG_INFINITY && bucket.upper <= 0.0 {
                return (bucket.upper, NanObservations::None);
            }
            if bucket.lower != f64::NEG_INFINITY && bucket.upper == f64::INFINITY {
                return (bucket.lower, NanObservations::None);
            }
        }
        bucket = self.narrowed(bucket);
        seen = seen.min(self.count);
        if seen < rank {
            return if self.sum.is_nan() {
                (f64::NAN, NanObservations::Result)
            } else {
                (bucket.upper, NanObservations::None)
            };
        }
        rank = if upwards { rank - (seen - bucket.count) } else { seen - rank };
        let mut nan_observations = NanObservations::None;
        if self.sum.is_nan() {
            // The original goes on with the last bucket here, whichever held the rank, and so do its users' graphs.
            for next in buckets {
                bucket = next;
                seen += bucket.count;
            }
            if seen < self.count {
                nan_observations = NanObservations::Skew;
            }
        }
        (self.value_at(&bucket, rank / bucket.count), nan_observations)
    }

    /// The part of the observations that lie between two values; NaN without observations. Also tells whether there
    /// are observations of NaN, which no part includes.
    pub fn fraction(&self, lower: f64, upper: f64) -> (f64, bool) {
        if self.count == 0.0 || lower.is_nan() || upper.is_nan() {
            return (f64::NAN, false);
        }
        if lower >= upper {
            return (0.0, false);
        }
        let mut total = self.count;
        let mut nan_observations = false;
        if self.sum.is_nan() {
            let seen: f64 = self.ascending().map(|bucket| bucket.count).sum();
            nan_observations = seen < self.count;
            total = total.min(seen);
        }
        let part = self.rank_of(upper, total) - self.rank_of(lower, total);
        (part / self.count, nan_observations)
    }

    /// How many of `total` observations lie below `value`.
    fn rank_of(&self, value: f64, total: f64) -> f64 {
        let mut rank: f64 = 0.0;
        for bucket in self.ascending() {
            let bucket = self.narrowed(bucket);
            if bucket.lower < value && bucket.upper <= value {
                rank += bucket.count;
                continue;
            }
            if bucket.lower == f64::NEG_INFINITY && bucket.lower < value {
                // Nothing can be interpolated in a bucket without a beginning: it lies below any value in it.
                rank += bucket.count;
            } else if bucket.lower < value {
                rank += bucket.count * self.part_below(&bucket, value);
            }
            // Not `min`, which would hide the NaN of a bucket without an end.
            return if rank > total { total } else { rank };
        }
        total
    }

    /// The sum divided by the count.
    pub fn average(&self) -> f64 {
        self.sum / self.count
    }

    /// The estimated variance: every observation stands at the middle of its bucket.
    pub fn variance(&self) -> f64 {
        let mean = self.average();
        let mut sum = 0.0;
        let mut error = 0.0;
        for bucket in self.ascending().filter(|bucket| bucket.count != 0.0) {
            let middle = if self.has_custom_buckets() {
                f64::midpoint(bucket.lower, bucket.upper)
            } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                0.0
            } else {
                geometric_middle(bucket.lower, bucket.upper)
            };
            let deviation = middle - mean;
            super::compensated::accumulate(&mut sum, &mut error, bucket.count * deviation * deviation);
        }
        (sum + error) / self.count
    }

    /// The estimated standard deviation.
    pub fn deviation(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The bucket without the part in which no observation is expected: of the zero bucket the half on a side without
    /// buckets, of the first custom bucket what lies below zero.
    pub(super) fn narrowed(&self, mut bucket: Bucket) -> Bucket {
        if self.has_custom_buckets() {
            if bucket.lower == f64::NEG_INFINITY && bucket.upper >= 0.0 {
                bucket.lower = 0.0;
            }
        } else if bucket.lower < 0.0 && bucket.upper > 0.0 {
            match (self.negative_buckets.is_empty(), self.positive_buckets.is_empty()) {
                (true, false) => bucket.lower = 0.0,
                (false, true) => bucket.upper = 0.0,
                _ => {}
            }
        }
        bucket
    }

    /// The value in a bucket below which `part` of its observations lie.
    fn value_at(&self, bucket: &Bucket, part: f64) -> f64 {
        if self.is_linear(bucket) {
            return bucket.lower + (bucket.upper - bucket.lower) * part;
        }
        let (lower, upper) = (bucket.lower.abs().log2(), bucket.upper.abs().log2());
        if bucket.lower > 0.0 {
            (lower + (upper - lower) * part).exp2()
        } else {
            -(upper + (lower - upper) * (1.0 - part)).exp2()
        }
    }

    /// The part of a bucket's observations that lie below `value`, which lies inside.
    pub(super) fn part_below(&self, bucket: &Bucket, value: f64) -> f64 {
        if self.is_linear(bucket) {
            return (value - bucket.lower) / (bucket.upper - bucket.lower);
        }
        let (lower, upper) = (bucket.lower.abs().log2(), bucket.upper.abs().log2());
        let value = value.abs().log2();
        if bucket.lower > 0.0 {
            (value - lower) / (upper - lower)
        } else {
            1.0 - (value - upper) / (lower - upper)
        }
    }

    /// Whether observations are spread evenly over a bucket, not over its logarithm.
    pub(super) fn is_linear(&self, bucket: &Bucket) -> bool {
        self.has_custom_buckets() || (bucket.lower <= 0.0 && bucket.upper >= 0.0)
    }
}

/// The geometric mean of two bounds on the same side of zero.
pub(super) fn geometric_middle(lower: f64, upper: f64) -> f64 {
    let middle = (lower * upper).sqrt();
    if upper < 0.0 { -middle } else { middle }
}
