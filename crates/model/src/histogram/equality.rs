//! Whether two histograms are the same, exactly or nearly.

use super::{FloatHistogram, Histogram, Span};

/// Whether two numbers differ by no more than the part `relative` of their sizes; NaN equals NaN.
pub fn almost_equal(left: f64, right: f64, relative: f64) -> bool {
    if left == right || (left.is_nan() && right.is_nan()) {
        return true;
    }
    let sizes = left.abs() + right.abs();
    let difference = (left - right).abs();
    if left == 0.0 || right == 0.0 || sizes < f64::MIN_POSITIVE {
        // Beside zero there is no relative difference.
        return difference < relative * f64::MIN_POSITIVE;
    }
    difference / sizes.min(f64::MAX) < relative
}

impl FloatHistogram {
    /// Whether all numbers are bit for bit the same in the same layout, empty spans aside. Hints do not count.
    pub fn same_as(&self, other: &Self) -> bool {
        self.matches(other, |left, right| left.to_bits() == right.to_bits())
    }

    /// Whether all counts are the same within a relative error, in the same layout, empty spans aside. Hints do not
    /// count.
    pub fn almost_same_as(&self, other: &Self, relative: f64) -> bool {
        self.matches(other, |left, right| almost_equal(left, right, relative))
    }

    fn matches(&self, other: &Self, equal: impl Fn(f64, f64) -> bool) -> bool {
        let all_equal = |left: &[f64], right: &[f64]| {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(*left, *right))
        };
        self.schema == other.schema
            && equal(self.count, other.count)
            && equal(self.sum, other.sum)
            && (!self.has_custom_buckets() || self.custom_values == other.custom_values)
            && self.zero_threshold == other.zero_threshold
            && equal(self.zero_count, other.zero_count)
            && same_spans(&self.positive_spans, &other.positive_spans)
            && same_spans(&self.negative_spans, &other.negative_spans)
            && all_equal(&self.positive_buckets, &other.positive_buckets)
            && all_equal(&self.negative_buckets, &other.negative_buckets)
    }
}

impl Histogram {
    /// As [`FloatHistogram::same_as`].
    pub fn same_as(&self, other: &Self) -> bool {
        self.schema == other.schema
            && self.count == other.count
            && self.sum.to_bits() == other.sum.to_bits()
            && (!self.has_custom_buckets() || self.custom_values == other.custom_values)
            && self.zero_threshold == other.zero_threshold
            && self.zero_count == other.zero_count
            && same_spans(&self.positive_spans, &other.positive_spans)
            && same_spans(&self.negative_spans, &other.negative_spans)
            && self.positive_buckets == other.positive_buckets
            && self.negative_buckets == other.negative_buckets
    }
}

/// Whether the spans are the same once the gaps of empty ones are given to the spans behind them.
fn same_spans(left: &[Span], right: &[Span]) -> bool {
    populated(left).eq(populated(right))
}

fn populated(spans: &[Span]) -> impl Iterator<Item = Span> + '_ {
    let mut gap: i32 = 0;
    spans.iter().filter_map(move |span| {
        gap = gap.wrapping_add(span.offset);
        (span.length > 0).then(|| Span { offset: std::mem::take(&mut gap), length: span.length })
    })
}
