//! Sums, differences, products and quotients of histograms.

use super::*;
use crate::histogram::{Error, Histogram, Reconciled};

fn sum(left: &FloatHistogram, right: &FloatHistogram) -> FloatHistogram {
    let mut sum = left.clone();
    sum.add(right).unwrap();
    sum.compacted()
}

fn difference(left: &FloatHistogram, right: &FloatHistogram) -> FloatHistogram {
    let mut difference = left.clone();
    difference.sub(right).unwrap();
    difference.compacted()
}

/// Source of the numbers here and below: the script native_histograms.test of Prometheus 3.14.
#[test]
fn sum_of_two_schemas_has_the_lower_one() {
    let coarse = empty()
        .totals(25.0, 3.1)
        .zero(0.001, 4.0)
        .up(0, &[1.0, 2.0, 0.0, 1.0, 1.0])
        .down(0, &[2.0, 4.0, 0.0, 0.0, 1.0, 9.0]);
    let fine = empty()
        .schema(1)
        .totals(0.0, 1.3)
        .zero(0.001, 3.0)
        .up(0, &[2.0, 4.0, 2.0, 3.0, 2.0, 2.0])
        .down(0, &[1.0, 2.0, 5.0, 3.0, 8.0, 1.0, 1.0, 1.0, 1.0, 6.0, 3.0]);
    let expected = empty()
        .totals(25.0, 4.4)
        .zero(0.001, 7.0)
        .up(0, &[3.0, 8.0, 5.0, 3.0, 1.0])
        .down(0, &[3.0, 11.0, 11.0, 2.0, 3.0, 18.0]);
    assert_eq!(sum(&coarse, &fine), expected);
    assert_eq!(sum(&fine, &coarse), expected);
}

#[test]
fn difference_of_two_schemas_has_the_lower_one_and_is_a_gauge() {
    let coarse = empty()
        .totals(41.0, 2345.6)
        .zero(0.001, 5.0)
        .up(0, &[1.0, 3.0, 1.0, 2.0, 1.0, 1.0, 1.0])
        .down(0, &[0.0, 1.0, 4.0, 2.0, 7.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0, 2.0]);
    let fine = empty()
        .schema(1)
        .totals(11.0, 1234.5)
        .zero(0.001, 3.0)
        .up(0, &[0.0, 2.0, 1.0])
        .down(0, &[0.0, 0.0, 3.0, 2.0]);
    let expected = empty()
        .totals(30.0, 2345.6 - 1234.5)
        .zero(0.001, 2.0)
        .up(0, &[1.0, 0.0, 1.0, 2.0, 1.0, 1.0, 1.0])
        .down(0, &[0.0, -2.0, 2.0, 2.0, 7.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0, 2.0])
        .hint(CounterResetHint::Gauge)
        .compacted();
    assert_eq!(difference(&coarse, &fine), expected);
}

#[test]
fn zero_buckets_of_different_width_take_in_the_buckets_below_the_wider_one() {
    let wide = empty().totals(3.0, 0.0).zero(1.0, 2.0).up(1, &[1.0]);
    let narrow = empty().totals(13.0, 0.0).zero(0.01, 1.0).up(-1, &[3.0, 4.0, 5.0]).down(0, &[6.0]);
    let expected = empty().totals(16.0, 0.0).zero(1.0, 16.0).up(1, &[6.0]);
    assert_eq!(sum(&wide, &narrow), expected);
    assert_eq!(sum(&narrow, &wide), expected);
}

#[test]
fn zero_bucket_grows_to_the_end_of_a_populated_bucket() {
    let wide = empty().totals(2.0, 0.0).zero(0.75, 2.0);
    let narrow = empty().totals(7.0, 0.0).zero(0.0, 0.0).down(0, &[3.0, 4.0]);
    let expected = empty().totals(9.0, 0.0).zero(1.0, 5.0).down(1, &[4.0]);
    assert_eq!(sum(&wide, &narrow), expected);
    // An empty bucket is no reason to grow.
    let narrow = empty().totals(4.0, 0.0).down(0, &[0.0, 4.0]);
    assert_eq!(sum(&wide, &narrow), empty().totals(6.0, 0.0).zero(0.75, 2.0).down(1, &[4.0]));
}

#[test]
fn observations_that_went_to_the_zero_bucket_are_not_counted_twice_at_a_lower_schema() {
    // (1, 1.41] lies below the threshold, (1.41, 2] above: at schema 0 they are one bucket.
    let fine = empty().schema(1).totals(3.0, 0.0).up(1, &[1.0, 2.0]);
    let coarse = empty().totals(1.0, 0.0).zero(1.414213562373095, 1.0);
    let expected = empty().totals(4.0, 0.0).zero(1.414213562373095, 2.0).up(1, &[2.0]);
    assert_eq!(sum(&coarse, &fine), expected);
    assert_eq!(sum(&fine, &coarse), expected);
}

#[test]
fn custom_bounds_that_differ_are_reduced_to_the_common_ones() {
    let few = empty().custom(&[2.0, 4.0, 6.0]).totals(15.0, 55.0).up(0, &[1.0, 2.0, 5.0, 7.0]);
    let many = empty()
        .custom(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
        .totals(450.0, 555.0)
        .up(0, &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]);
    let mut difference = many.clone();
    let reconciled = difference.sub(&few).unwrap();
    assert_eq!(reconciled, Reconciled { conflicting_resets: false, custom_bounds: true });
    let expected = empty().custom(&[2.0, 4.0, 6.0]).totals(435.0, 500.0).up(0, &[29.0, 68.0, 105.0, 233.0]);
    assert_eq!(difference, expected.hint(CounterResetHint::Gauge));
}

#[test]
fn without_common_bounds_one_bucket_remains() {
    let left = empty().custom(&[1.0]).totals(3.0, 3.0).up(0, &[3.0]);
    let right = empty().custom(&[5.0, 10.0]).totals(4.0, 4.0).up(1, &[3.0, 1.0]);
    assert_eq!(sum(&left, &right), empty().custom(&[]).totals(7.0, 7.0).up(0, &[7.0]));
}

#[test]
fn exponential_and_custom_buckets_do_not_add() {
    let exponential = empty().totals(1.0, 1.0).up(0, &[1.0]);
    let custom = empty().custom(&[5.0]).totals(1.0, 1.0).up(0, &[1.0]);
    let mut sum = exponential.clone();
    assert_eq!(sum.add(&custom), Err(Error::MixedSchemas));
    assert_eq!(sum.sub(&custom), Err(Error::MixedSchemas));
    assert_eq!(sum, exponential);
}

#[test]
fn hints_of_a_sum() {
    use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
    let table = [
        (Unknown, Unknown, Unknown, false),
        (Unknown, NotReset, Unknown, false),
        (NotReset, NotReset, NotReset, false),
        (Reset, Reset, Reset, false),
        (Reset, Unknown, Unknown, false),
        (Reset, NotReset, Unknown, true),
        (Gauge, Reset, Gauge, false),
        (Gauge, Gauge, Gauge, false),
        (NotReset, Gauge, Gauge, false),
    ];
    for (left, right, expected, conflict) in table {
        for (left, right) in [(left, right), (right, left)] {
            let mut sum = empty().hint(left);
            let reconciled = sum.add(&empty().hint(right)).unwrap();
            assert_eq!((sum.counter_reset_hint, reconciled.conflicting_resets), (expected, conflict));
            let mut difference = empty().hint(left);
            let reconciled = difference.sub(&empty().hint(right)).unwrap();
            assert_eq!((difference.counter_reset_hint, reconciled.conflicting_resets), (Gauge, conflict));
        }
    }
}

#[test]
fn product_and_quotient_scale_everything_and_turn_to_gauges_below_zero() {
    let histogram = empty().totals(30.0, 33.0).zero(0.001, 3.0).up(0, &[3.0, 3.0]).down(0, &[6.0]);
    let mut product = histogram.clone();
    product.mul(-2.0);
    let expected = empty().totals(-60.0, -66.0).zero(0.001, -6.0).up(0, &[-6.0, -6.0]).down(0, &[-12.0]);
    assert_eq!(product, expected.hint(CounterResetHint::Gauge));
    let mut quotient = histogram.clone();
    quotient.div(3.0);
    assert_eq!(quotient, empty().totals(10.0, 11.0).zero(0.001, 1.0).up(0, &[1.0, 1.0]).down(0, &[2.0]));
}

#[test]
fn division_by_zero_leaves_infinite_totals_and_no_buckets() {
    let mut histogram = empty().totals(30.0, 33.0).zero(0.001, 3.0).up(0, &[3.0]).down(0, &[6.0]);
    histogram.div(0.0);
    assert!(histogram.positive_buckets.is_empty() && histogram.negative_spans.is_empty());
    assert_eq!(
        (histogram.count, histogram.sum, histogram.zero_count),
        (f64::INFINITY, f64::INFINITY, f64::INFINITY)
    );
    let mut nothing = empty().up(0, &[0.0]);
    nothing.div(0.0);
    assert!(nothing.count.is_nan() && nothing.sum.is_nan() && nothing.zero_count.is_nan());
}

#[test]
fn resolution_is_reduced_by_merging() {
    let mut histogram = empty().schema(1).up(-3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    histogram.reduce_resolution(0).unwrap();
    // (2^-2, 2^-1.5] (2^-1.5, 2^-1] | ..., in pairs that end at whole powers of two.
    assert_eq!(histogram, empty().up(-1, &[3.0, 7.0, 11.0, 7.0]));
    assert_eq!(histogram.reduce_resolution(1), Err(Error::SchemaNotLower { from: 0, to: 1 }));
    let mut custom = empty().custom(&[1.0]);
    assert_eq!(custom.reduce_resolution(-54), Err(Error::ReductionOfCustomBuckets));
}

#[test]
fn whole_number_histograms_are_reduced_alike() {
    let mut histogram = Histogram {
        schema: 10,
        positive_spans: vec![Span { offset: 1, length: 6 }],
        positive_buckets: vec![1, 1, 1, 1, 1, 1],
        ..Default::default()
    };
    let mut float = histogram.to_float();
    histogram.reduce_resolution(8).unwrap();
    float.reduce_resolution(8).unwrap();
    assert_eq!(histogram.to_float(), float);
    assert_eq!(float, empty().schema(8).up(1, &[10.0, 11.0]));
}
