//! Leaving out empty buckets.

use super::layout::{Indexed, Layout};
use super::{FloatHistogram, Histogram, Span};

impl FloatHistogram {
    /// Leaves out empty buckets and spans, but keeps up to `gap_max` empty buckets between two populated ones
    /// where that saves a span.
    pub fn compact(&mut self, gap_max: u32) {
        compact_side(&mut self.positive_spans, &mut self.positive_buckets, gap_max);
        compact_side(&mut self.negative_spans, &mut self.negative_buckets, gap_max);
    }
}

impl Histogram {
    /// As [`FloatHistogram::compact`].
    pub fn compact(&mut self, gap_max: u32) {
        compact_differences(&mut self.positive_spans, &mut self.positive_buckets, gap_max);
        compact_differences(&mut self.negative_spans, &mut self.negative_buckets, gap_max);
    }
}

/// Counts as [`compact_side`] sees them.
trait Count: Copy + std::ops::AddAssign + PartialEq {
    const ZERO: Self;
}

impl Count for f64 {
    const ZERO: Self = 0.0;
}

impl Count for i64 {
    const ZERO: Self = 0;
}

fn compact_side<T: Count>(spans: &mut Vec<Span>, counts: &mut Vec<T>, gap_max: u32) {
    if is_compact(spans, counts, gap_max) {
        return;
    }
    let mut compacted: Layout<T> = Layout::with_capacity(spans.len(), counts.len());
    let mut last: Option<i32> = None;
    for (index, count) in Indexed::new(spans, counts).filter(|(_, count)| *count != T::ZERO) {
        if let Some(last) = last {
            let gap = i64::from(index) - i64::from(last) - 1;
            if gap <= i64::from(gap_max) {
                for empty in last.wrapping_add(1)..index {
                    compacted.push(empty, T::ZERO);
                }
            }
        }
        compacted.push(index, count);
        last = Some(index);
    }
    *spans = compacted.spans;
    *counts = compacted.counts;
}

/// Whether there is certainly nothing to do: no empty bucket, no empty span, no gap that is to be filled.
fn is_compact<T: Count>(spans: &[Span], counts: &[T], gap_max: u32) -> bool {
    let gap_max = i32::try_from(gap_max).unwrap_or(i32::MAX);
    spans
        .iter()
        .enumerate()
        .all(|(position, span)| span.length > 0 && (position == 0 || span.offset > gap_max))
        && !counts.contains(&T::ZERO)
}

fn compact_differences(spans: &mut Vec<Span>, differences: &mut Vec<i64>, gap_max: u32) {
    let mut sum: i64 = 0;
    for difference in differences.iter_mut() {
        sum = sum.wrapping_add(*difference);
        *difference = sum;
    }
    compact_side(spans, differences, gap_max);
    let mut last: i64 = 0;
    for count in differences.iter_mut() {
        let difference = count.wrapping_sub(last);
        last = *count;
        *count = difference;
    }
}
