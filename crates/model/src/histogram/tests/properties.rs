//! What holds for all histograms.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::histogram::layout::{Layout, covers, union};
use crate::histogram::shape::Shape;

type Side = BTreeMap<i32, u32>;

fn any_side() -> impl Strategy<Value = Side> {
    prop::collection::btree_map(-12i32..12, 0u32..20, 0..10)
}

fn lay_out(side: &Side) -> (Vec<Span>, Vec<f64>) {
    let mut layout = Layout::default();
    for (index, count) in side {
        layout.push(*index, f64::from(*count));
    }
    (layout.spans, layout.counts)
}

/// Exponential histograms with whole counts, so that sums are exact in any order.
fn any_exponential() -> impl Strategy<Value = FloatHistogram> {
    let thresholds = prop::sample::select(vec![0.0, 0.001, 0.3, 0.5, 1.0, 1.414213562373095, 3.0]);
    (-2i32..4, thresholds, 0u32..9, any_side(), any_side()).prop_map(
        |(schema, threshold, zero_count, positive, negative)| {
            let mut histogram = empty().schema(schema).zero(0.0, 0.0);
            (histogram.positive_spans, histogram.positive_buckets) = lay_out(&positive);
            (histogram.negative_spans, histogram.negative_buckets) = lay_out(&negative);
            let widened = histogram.widened_zero_bucket(threshold);
            histogram.widen_zero_bucket(widened.threshold);
            histogram.zero_count = f64::from(zero_count);
            histogram.count = total(&histogram);
            histogram.sum = f64::from(zero_count) * 7.0;
            histogram
        },
    )
}

fn any_custom() -> impl Strategy<Value = FloatHistogram> {
    (prop::collection::btree_set(-3i32..8, 0..6), prop::collection::vec(0u32..9, 7)).prop_map(
        |(bounds, counts)| {
            let bounds: Vec<f64> = bounds.into_iter().map(f64::from).collect();
            let counts: Vec<f64> = counts.into_iter().take(bounds.len() + 1).map(f64::from).collect();
            let mut histogram = empty().custom(&bounds).up(0, &counts);
            histogram.count = total(&histogram);
            histogram
        },
    )
}

fn any_pair() -> impl Strategy<Value = (FloatHistogram, FloatHistogram)> {
    prop_oneof![(any_exponential(), any_exponential()), (any_custom(), any_custom())]
}

fn total(histogram: &FloatHistogram) -> f64 {
    let buckets = histogram.positive_buckets.iter().chain(&histogram.negative_buckets);
    histogram.zero_count + buckets.sum::<f64>()
}

fn populated(histogram: &FloatHistogram) -> Vec<crate::histogram::Bucket> {
    histogram.ascending().filter(|bucket| bucket.count != 0.0).collect()
}

proptest! {
    #[test]
    fn addition_commutes_and_loses_nothing((left, right) in any_pair()) {
        let mut sum = left.clone();
        sum.add(&right).unwrap();
        prop_assert_eq!(total(&sum), total(&left) + total(&right));
        prop_assert_eq!(sum.count, total(&sum));
        let mut other_way = right.clone();
        other_way.add(&left).unwrap();
        prop_assert_eq!(sum.compacted(), other_way.compacted());
    }

    #[test]
    fn subtraction_undoes_addition((left, right) in any_pair()) {
        let mut expected = left.clone();
        expected.reshape(&Shape::common(&left, &right).unwrap()).unwrap();
        let mut result = left.clone();
        result.add(&right).unwrap();
        result.sub(&right).unwrap();
        prop_assert_eq!(result.compacted(), expected.hint(CounterResetHint::Gauge).compacted());
    }

    #[test]
    fn a_sum_is_no_reset_after_its_parts((left, right) in any_pair()) {
        let mut sum = left.clone();
        sum.add(&right).unwrap();
        prop_assert!(!sum.detect_reset(&left));
        prop_assert!(!sum.detect_reset(&right));
    }

    #[test]
    fn a_part_is_a_reset_after_the_sum((left, right) in any_pair()) {
        prop_assume!(total(&right) > 0.0);
        let mut sum = left.clone();
        sum.add(&right).unwrap();
        prop_assert!(left.detect_reset(&sum));
    }

    #[test]
    fn compaction_keeps_what_is_populated(histogram in any_exponential(), gap_max in 0u32..4) {
        let mut compact = histogram.clone();
        compact.compact(gap_max);
        prop_assert_eq!(populated(&compact), populated(&histogram));
        let again = {
            let mut again = compact.clone();
            again.compact(gap_max);
            again
        };
        prop_assert_eq!(&again, &compact);
        let spans = compact.positive_spans.iter().skip(1);
        prop_assert!(spans.clone().all(|span| i64::from(span.offset) > i64::from(gap_max)));
    }

    #[test]
    fn falling_order_is_rising_order_reversed(histogram in any_exponential()) {
        let mut falling: Vec<_> = histogram.descending().collect();
        falling.reverse();
        prop_assert_eq!(falling, histogram.ascending().collect::<Vec<_>>());
    }

    #[test]
    fn reduction_in_steps_is_reduction_at_once(histogram in any_exponential(), first in 0i32..3, then in 0i32..3) {
        let mut stepwise = histogram.copy_to_schema(histogram.schema - first).unwrap();
        stepwise.reduce_resolution(histogram.schema - first - then).unwrap();
        let at_once = histogram.copy_to_schema(histogram.schema - first - then).unwrap();
        prop_assert_eq!(total(&at_once), total(&histogram));
        prop_assert_eq!(stepwise.compacted(), at_once.compacted());
    }

    #[test]
    fn union_covers_both_and_nothing_else(left in any_side(), right in any_side()) {
        let (left_spans, _) = lay_out(&left);
        let (right_spans, _) = lay_out(&right);
        let spans = union(&left_spans, &right_spans);
        prop_assert!(covers(&spans, &left_spans) && covers(&spans, &right_spans));
        let both: Side = left.clone().into_iter().chain(right.clone()).collect();
        prop_assert_eq!(&spans, &lay_out(&both).0);
        prop_assert_eq!(covers(&left_spans, &right_spans), right.keys().all(|index| left.contains_key(index)));
    }
}
