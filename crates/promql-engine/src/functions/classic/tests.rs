//! Estimates from classic buckets.

use super::{Bucket, Fall, fraction, quantile};

fn buckets(pairs: &[(f64, f64)]) -> Vec<Bucket> {
    pairs.iter().map(|(bound, count)| Bucket { bound: *bound, count: *count }).collect()
}

#[test]
fn quantiles_are_interpolated_from_zero() {
    let of = |q: f64| quantile(q, &mut buckets(&[(f64::INFINITY, 10.0), (1.0, 5.0), (2.0, 10.0)])).0;
    assert_eq!(of(0.25), 0.5);
    assert_eq!(of(0.75), 1.5);
    assert_eq!(of(-0.1), f64::NEG_INFINITY);
    assert_eq!(of(1.1), f64::INFINITY);
    assert!(of(f64::NAN).is_nan());
}

#[test]
fn the_unbounded_bucket_gives_the_highest_bound() {
    assert_eq!(quantile(0.9, &mut buckets(&[(1.0, 5.0), (f64::INFINITY, 10.0)])).0, 1.0);
    assert!(quantile(0.9, &mut buckets(&[(1.0, 5.0), (2.0, 10.0)])).0.is_nan(), "no unbounded bucket");
    assert!(quantile(0.9, &mut buckets(&[(f64::INFINITY, 10.0)])).0.is_nan(), "one bucket alone");
    assert!(quantile(0.9, &mut buckets(&[(1.0, 0.0), (f64::INFINITY, 0.0)])).0.is_nan(), "no observations");
}

#[test]
fn a_second_quantile_finds_what_the_first_one_left() {
    // Recorded: 0.5 alone gives 0.5; behind another quantile the unbounded bucket counts twice.
    let mut dup = buckets(&[(0.5, 1.0), (0.5, 1.0), (1.0, 4.0), (f64::INFINITY, 4.0)]);
    assert_eq!(quantile(0.5, &mut dup.clone()).0, 0.5);
    quantile(0.01, &mut dup);
    assert_eq!(dup.len(), 4);
    assert_eq!(quantile(0.5, &mut dup).0, 1.0);
}

#[test]
fn falling_counts_are_fixed_and_told() {
    let (value, fall) = quantile(0.5, &mut buckets(&[(1.0, 6.0), (2.0, 4.0), (f64::INFINITY, 10.0)]));
    assert!((value - 5.0 / 6.0).abs() < 1e-12);
    assert_eq!(fall, Some(Fall { bound_min: 2.0, bound_max: 2.0, difference_max: 2.0 }));
    let (_, fall) = quantile(0.5, &mut buckets(&[(1.0, 6.0), (2.0, 6.0 - 1e-13), (f64::INFINITY, 10.0)]));
    assert_eq!(fall, None, "a difference of rounding");
}

#[test]
fn fractions_lie_between_two_values() {
    let of = |lower: f64, upper: f64| {
        fraction(lower, upper, &mut buckets(&[(1.0, 5.0), (2.0, 10.0), (f64::INFINITY, 10.0)]))
    };
    assert_eq!(of(0.0, 1.0), 0.5);
    assert_eq!(of(0.5, 1.5), 0.5);
    assert_eq!(of(f64::NEG_INFINITY, f64::INFINITY), 1.0);
    assert_eq!(of(2.0, 1.0), 0.0);
}

#[test]
fn a_fraction_takes_buckets_as_they_are_and_no_more_than_all() {
    // Both as the original answers them.
    let mut falling = buckets(&[(0.1, 10.0), (0.5, 8.0), (1.0, 20.0), (f64::INFINITY, 25.0)]);
    assert!((fraction(f64::NEG_INFINITY, 0.3, &mut falling) - 0.36).abs() < 1e-12);
    let mut twice = buckets(&[(1.0, 5.0), (1.0, 7.0), (f64::INFINITY, 9.0)]);
    assert_eq!(fraction(f64::NEG_INFINITY, 1.0, &mut twice), 1.0);
}
