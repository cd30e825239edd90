//! Cutting off what lies above or below a value.

use super::compensated::accumulate;
use super::estimate::geometric_middle;
use super::{Bucket, FloatHistogram};

/// What stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Below,
    Above,
}

/// What stays of one bucket: observations, and where they lie.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Rest {
    count: f64,
    lower: f64,
    upper: f64,
}

impl FloatHistogram {
    /// Removes the observations above `cutoff`, with interpolation in the bucket that it lies in, and empty buckets.
    /// If any are removed, count and sum are computed from the buckets that remain.
    pub fn trim_above(&mut self, cutoff: f64) {
        self.trim(cutoff, Keep::Below);
    }

    /// Removes the observations below `cutoff`; else as [`FloatHistogram::trim_above`].
    pub fn trim_below(&mut self, cutoff: f64) {
        self.trim(cutoff, Keep::Above);
    }

    fn trim(&mut self, cutoff: f64, keep: Keep) {
        if cutoff.is_nan() {
            *self = Self {
                counter_reset_hint: self.counter_reset_hint,
                schema: self.schema,
                zero_threshold: self.zero_threshold,
                count: f64::NAN,
                sum: f64::NAN,
                custom_values: self.custom_values.clone(),
                ..Self::default()
            };
            return;
        }
        let mut trimmed = Trimmed::default();
        let negative: Vec<f64> =
            self.negative().map(|bucket| trimmed.take(self, bucket, cutoff, keep)).collect();
        let zero_count = trimmed.take(self, self.zero_bucket(), cutoff, keep);
        let positive: Vec<f64> =
            self.positive().map(|bucket| trimmed.take(self, bucket, cutoff, keep)).collect();
        if trimmed.lost_any {
            self.negative_buckets = negative;
            self.zero_count = zero_count;
            self.positive_buckets = positive;
            self.count = trimmed.count;
            self.sum = trimmed.sum + trimmed.sum_error;
        }
        self.compact(0);
    }

    /// What stays of `bucket`.
    fn rest(&self, bucket: Bucket, cutoff: f64, keep: Keep) -> Rest {
        let Bucket { lower, upper, count, .. } = self.narrowed(bucket);
        let all = Rest { count, lower, upper };
        if self.has_custom_buckets() {
            if bucket.lower == f64::NEG_INFINITY {
                return self.rest_of_first_custom(bucket, cutoff, keep);
            }
            if upper == f64::INFINITY {
                // Without an end there is no interpolation: the bucket counts as lying at its lower bound.
                return match keep {
                    Keep::Below if cutoff < f64::INFINITY => Rest::default(),
                    Keep::Above if cutoff == f64::INFINITY => Rest::default(),
                    Keep::Below => Rest { upper: lower, ..all },
                    Keep::Above => Rest { lower: lower.max(cutoff), upper: lower.max(cutoff), count },
                };
            }
        }
        let (all_below, all_above) = (upper <= cutoff, lower >= cutoff);
        match keep {
            Keep::Below if all_below => all,
            Keep::Above if all_above => all,
            _ if all_below || all_above => Rest::default(),
            _ => self.part(&Bucket { lower, upper, ..bucket }, cutoff, keep),
        }
    }

    /// What stays of the custom bucket that begins at minus infinity.
    fn rest_of_first_custom(&self, bucket: Bucket, cutoff: f64, keep: Keep) -> Rest {
        let Bucket { upper, count, .. } = bucket;
        let at = |value: f64| Rest { count, lower: value, upper: value };
        match keep {
            Keep::Below if cutoff == f64::NEG_INFINITY => Rest::default(),
            Keep::Above if cutoff == f64::NEG_INFINITY => at(if upper.is_finite() { upper } else { 0.0 }),
            Keep::Below if upper == f64::INFINITY && cutoff == f64::INFINITY => at(0.0),
            _ if upper == f64::INFINITY => Rest::default(),
            Keep::Below if upper <= 0.0 => at(upper.min(cutoff)),
            Keep::Above if upper <= 0.0 || cutoff < 0.0 => Rest::default(),
            _ if cutoff <= 0.0 || cutoff >= upper => {
                let stays = (cutoff <= 0.0) == (keep == Keep::Above);
                if stays { Rest { count, lower: 0.0, upper } } else { Rest::default() }
            }
            _ => self.part(&Bucket { lower: 0.0, ..bucket }, cutoff, keep),
        }
    }

    /// What stays of a bucket that the cutoff divides.
    fn part(&self, bucket: &Bucket, cutoff: f64, keep: Keep) -> Rest {
        let below = self.part_below(bucket, cutoff);
        match keep {
            Keep::Below => Rest { count: bucket.count * below, lower: bucket.lower, upper: cutoff },
            Keep::Above => Rest { count: bucket.count * (1.0 - below), lower: cutoff, upper: bucket.upper },
        }
    }

    /// Where the observations of a rest are taken to be.
    fn middle(&self, rest: &Rest) -> f64 {
        if self.has_custom_buckets() || (rest.lower <= 0.0 && rest.upper >= 0.0) {
            f64::midpoint(rest.lower, rest.upper)
        } else {
            geometric_middle(rest.lower, rest.upper)
        }
    }
}

/// Totals of what stays.
#[derive(Debug, Default)]
struct Trimmed {
    lost_any: bool,
    count: f64,
    sum: f64,
    sum_error: f64,
}

impl Trimmed {
    /// Takes in what stays of one bucket and returns its count.
    fn take(&mut self, histogram: &FloatHistogram, bucket: Bucket, cutoff: f64, keep: Keep) -> f64 {
        if bucket.count == 0.0 {
            return 0.0;
        }
        let rest = histogram.rest(bucket, cutoff, keep);
        if rest.count != bucket.count {
            self.lost_any = true;
        }
        if rest.count != 0.0 {
            self.count += rest.count;
            // In the zero bucket observations are spread evenly, so that a rest of it has an arithmetic middle too.
            let is_zero_bucket = bucket.lower < 0.0 && bucket.upper > 0.0;
            let middle =
                if is_zero_bucket { f64::midpoint(rest.lower, rest.upper) } else { histogram.middle(&rest) };
            accumulate(&mut self.sum, &mut self.sum_error, rest.count * middle);
        }
        rest.count
    }
}
