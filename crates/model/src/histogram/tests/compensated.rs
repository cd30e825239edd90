//! Sums and means of many histograms.

use super::*;
use crate::histogram::{CompensatedHistogram, MeanHistogram, almost_equal};

fn series(sums: &[f64]) -> Vec<FloatHistogram> {
    sums.iter().enumerate().map(|(place, sum)| empty().totals(place as f64 + 1.0, *sum)).collect()
}

fn sum_of(histograms: &[FloatHistogram]) -> FloatHistogram {
    let mut sum = CompensatedHistogram::new(histograms[0].clone());
    for histogram in &histograms[1..] {
        sum.add(histogram).unwrap();
    }
    sum.finish()
}

fn mean_of(histograms: &[FloatHistogram]) -> FloatHistogram {
    let mut mean = MeanHistogram::new(histograms[0].clone());
    for histogram in &histograms[1..] {
        mean.add(histogram).unwrap();
    }
    mean.finish()
}

/// Source of this and below: the script native_histograms.test of Prometheus 3.14.
#[test]
fn small_numbers_survive_beside_large_ones() {
    let histograms = series(&[1.0, 1e100, 1.0, -1e100]);
    assert_eq!(sum_of(&histograms), empty().totals(10.0, 2.0));
    assert_eq!(mean_of(&histograms), empty().totals(2.5, 0.5));
    let histograms = series(&[5.3, 1e100, 1.0, -1e100, 2.0, 1e50, -1e50]);
    assert_eq!(sum_of(&histograms), empty().totals(28.0, 8.3));
    assert!(almost_equal(mean_of(&histograms).sum, 1.1857142857142857, 1e-15));
}

#[test]
fn errors_of_buckets_follow_when_the_shape_changes() {
    let histograms = [
        empty().schema(1).zero(0.0, 1.0).up(1, &[1.0, 1e100, 1.0]),
        empty().schema(1).zero(0.5, 1e100).up(1, &[1e100, 1.0, 1.0]),
        empty().zero(0.5, -1e100).up(1, &[-2e100]).down(3, &[1.0]),
    ];
    let sum = sum_of(&histograms).compacted();
    assert_eq!(sum, empty().zero(0.5, 1.0).up(1, &[2.0, 2.0]).down(3, &[1.0]));
}

#[test]
fn mean_of_sums_that_overflow_is_kept_up_incrementally() {
    let maximum = f64::MAX;
    let histograms = [
        empty().totals(maximum, 5.3).up(0, &[1.78264e50]),
        empty().totals(1e308, 1e100).up(0, &[0.76342771]),
        empty().totals(1e-6, 1.0).up(0, &[1.9592258]),
        empty().totals(1e-6, -1e100).down(0, &[349.905284031261]),
    ];
    assert_eq!(sum_of(&histograms).count, f64::INFINITY);
    let mean = mean_of(&histograms);
    let expected =
        empty().totals(6.99423283715579e307, 1.575).up(0, &[4.4566e49]).down(0, &[87.47632100781526]);
    assert!(mean.almost_same_as(&expected, 1e-6), "{}", mean.notation());
}

#[test]
fn infinite_numbers_stay_infinite() {
    let histograms = [empty().totals(f64::INFINITY, 1.0), empty().totals(1.0, f64::NEG_INFINITY)];
    assert_eq!(sum_of(&histograms), empty().totals(f64::INFINITY, f64::NEG_INFINITY));
    assert_eq!(mean_of(&histograms), empty().totals(f64::INFINITY, f64::NEG_INFINITY));
    assert_eq!(mean_of(&histograms[..1]), histograms[0]);
}

#[test]
fn a_mix_of_buckets_leaves_sum_and_mean_unchanged() {
    let custom = empty().custom(&[1.0]).totals(1.0, 1.0).up(0, &[1.0]);
    let mut sum = CompensatedHistogram::new(empty().totals(2.0, 2.0));
    assert!(sum.add(&custom).is_err());
    assert_eq!(sum.finish(), empty().totals(2.0, 2.0));
    let mut mean = MeanHistogram::new(empty().totals(f64::MAX, 2.0));
    assert!(mean.add(&custom).is_err());
    mean.add(&empty().totals(f64::MAX, 2.0)).unwrap();
    assert!(mean.add(&custom).is_err());
    assert_eq!(mean.finish(), empty().totals(f64::MAX, 2.0));
}

#[test]
fn hints_and_bounds_are_reconciled_as_in_plain_sums() {
    let first = empty().custom(&[5.0, 10.0]).totals(1.0, 1.0).up(0, &[1.0]).hint(CounterResetHint::Reset);
    let second = empty().custom(&[10.0]).totals(1.0, 1.0).up(0, &[1.0]).hint(CounterResetHint::NotReset);
    let mut sum = CompensatedHistogram::new(first.clone());
    let mut plain = first;
    assert_eq!(sum.add(&second), plain.add(&second));
    assert_eq!(sum.finish(), plain);
    assert_eq!(plain, empty().custom(&[10.0]).totals(2.0, 2.0).up(0, &[2.0]));
}
