//! From whole to fractional counts and back.

use super::{FloatHistogram, Histogram};

/// The whole numbers up to here are all floats.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

impl FloatHistogram {
    /// The same histogram with whole-number counts, if they all are whole and not negative.
    pub fn to_whole(&self) -> Option<Histogram> {
        Some(Histogram {
            counter_reset_hint: self.counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: whole(self.zero_count)?,
            count: whole(self.count)?,
            sum: self.sum,
            positive_spans: self.positive_spans.clone(),
            negative_spans: self.negative_spans.clone(),
            positive_buckets: differences(&self.positive_buckets)?,
            negative_buckets: differences(&self.negative_buckets)?,
            custom_values: self.custom_values.clone(),
        })
    }
}

fn whole(count: f64) -> Option<u64> {
    (count.fract() == 0.0 && (0.0..=WHOLE_MAX).contains(&count)).then_some(count as u64)
}

fn differences(counts: &[f64]) -> Option<Vec<i64>> {
    let mut last: i64 = 0;
    counts
        .iter()
        .map(|count| {
            let count = i64::try_from(whole(*count)?).ok()?;
            let difference = count - last;
            last = count;
            Some(difference)
        })
        .collect()
}
