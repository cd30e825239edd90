//! Quantiles and fractions estimated from buckets.

use super::*;
use crate::histogram::NanObservations;

fn close(left: f64, right: f64) -> bool {
    crate::histogram::almost_equal(left, right, 1e-12)
}

#[track_caller]
fn assert_quantiles(histogram: &FloatHistogram, expected: &[(f64, f64)]) {
    for &(quantile, value) in expected {
        let (got, nan_observations) = histogram.quantile(quantile);
        assert!(close(got, value), "quantile {quantile}: expected {value}, got {got}");
        assert_eq!(nan_observations, NanObservations::None);
    }
}

#[track_caller]
fn assert_fractions(histogram: &FloatHistogram, expected: &[(f64, f64, f64)]) {
    for &(lower, upper, fraction) in expected {
        let (got, nan_observations) = histogram.fraction(lower, upper);
        assert!(close(got, fraction), "fraction {lower}..{upper}: expected {fraction}, got {got}");
        assert!(!nan_observations);
    }
}

/// Source of this and most below: the script native_histograms.test of Prometheus 3.14.
#[test]
fn quantiles_with_a_zero_bucket() {
    let counts = [2.0, 3.0, 0.0, 1.0, 4.0];
    let positive = empty().totals(12.0, 100.0).zero(0.001, 2.0).up(0, &counts);
    assert_quantiles(
        &positive,
        &[
            (1.001, f64::INFINITY),
            (1.0, 16.0),
            (0.99, 15.67072476139083),
            (0.9, 12.99603834169977),
            (0.6, 4.594793419988138),
            (0.5, 1.5874010519681994),
            (0.1, 0.0006),
            (0.0, 0.0),
            (-1.0, f64::NEG_INFINITY),
            (f64::NAN, f64::NAN),
        ],
    );
    let negative = empty().totals(12.0, 100.0).zero(0.001, 2.0).down(0, &counts);
    assert_quantiles(
        &negative,
        &[
            (1.0, 0.0),
            (0.99, -0.00006),
            (0.9, -0.0006),
            (0.5, -1.5874010519681996),
            (0.1, -12.996038341699768),
        ],
    );
    assert_quantiles(&negative, &[(0.0, -16.0)]);
    let both = empty().totals(24.0, 100.0).zero(0.001, 4.0).up(0, &counts).down(0, &counts);
    assert_quantiles(
        &both,
        &[(0.9, 10.556063286183155), (0.7, 1.2030250360821164), (0.55, 0.0006), (0.5, 0.0), (0.45, -0.0006)],
    );
    assert_quantiles(&both, &[(0.3, -1.2030250360821169), (0.01, -15.34822590920423), (0.0, -16.0)]);
}

#[test]
fn quantiles_of_custom_buckets() {
    let histogram = empty().custom(&[5.0, 10.0]).totals(4.0, 5.0).up(0, &[1.0, 2.0, 1.0]);
    assert_quantiles(&histogram, &[(0.5, 7.5), (0.0, 0.0), (0.125, 2.5), (1.0, 10.0)]);
    // What Prometheus 3.5 answers for bounds below zero.
    let negative = empty()
        .custom(&[-10.0, -5.0, 0.0, 5.0, 10.0])
        .totals(17.0, 172.5)
        .up(0, &[2.0, 1.0, 6.0, 4.0, 3.0, 1.0]);
    assert_quantiles(&negative, &[(0.0, -10.0), (0.1, -10.0), (0.15, -7.250000000000001), (1.0, 10.0)]);
    let unbounded = empty().custom(&[]).totals(100.0, 100.0).up(0, &[100.0]);
    assert_quantiles(&unbounded, &[(0.1, f64::INFINITY), (0.9, f64::INFINITY), (0.0, f64::NAN)]);
}

/// Histograms whose total is not that of their buckets; answers of Prometheus 3.5.
#[test]
fn quantiles_of_inconsistent_histograms() {
    let missing = empty().totals(10.0, 5.0).up(0, &[2.0, 3.0]);
    assert_quantiles(
        &missing,
        &[(0.1, 0.7071067811865475), (0.49, 1.954319936868492), (0.6, 0.7071067811865475)],
    );
    let excess = empty().totals(3.0, 5.0).up(0, &[2.0, 3.0]);
    assert_quantiles(&excess, &[(0.1, 0.5547847360339225), (0.6, 1.515716566510398), (1.0, 2.0), (0.0, 0.5)]);
    let unpopulated = empty().totals(10.0, 5.0).up(0, &[0.0, 0.0]);
    assert_quantiles(&unpopulated, &[(0.2, 2.0), (0.7, 1.0)]);
    assert_quantiles(&empty().totals(10.0, 5.0), &[(0.1, 0.0), (0.9, 0.0)]);
    let mut negated = empty().totals(10.0, 5.0).up(0, &[5.0, 5.0]);
    negated.mul(-1.0);
    assert_quantiles(&negated, &[(0.5, 2.0), (0.2, 2.0)]);
}

#[test]
fn quantiles_with_nan_observations_tell_of_them() {
    let some = empty().totals(15.0, f64::NAN).up(0, &[12.0]);
    assert_eq!(some.quantile(0.8), (1.0, NanObservations::Skew));
    let (value, nan_observations) = some.quantile(0.4);
    assert!(close(value, 0.7071067811865475) && nan_observations == NanObservations::Skew);
    let (value, nan_observations) = some.quantile(0.81);
    assert!(value.is_nan() && nan_observations == NanObservations::Result);
    let all = empty().totals(3.0, f64::NAN);
    assert_eq!(all.quantile(0.4).1, NanObservations::Result);
}

/// With a sum of NaN the original interpolates in the last bucket; answers of Prometheus 3.5, confirmed by the
/// recorded answers of 3.14.
#[test]
fn quantiles_with_a_sum_of_nan_are_taken_from_the_last_bucket() {
    let histogram = empty().totals(20.0, f64::NAN).up(0, &[1.0, 2.0, 3.0, 4.0, 5.0, 3.0]);
    let expected =
        [(0.0, 16.0), (0.04, 19.248400577313866), (0.1, 20.158736798317967), (0.7, 40.317473596635935)];
    for (quantile, value) in expected {
        let (got, nan_observations) = histogram.quantile(quantile);
        assert!(close(got, value), "quantile {quantile}: expected {value}, got {got}");
        assert_eq!(nan_observations, NanObservations::Skew);
    }
    let custom = empty()
        .custom(&[1.0, 2.0, 3.0, 4.0, 5.0])
        .totals(20.0, f64::NAN)
        .up(0, &[1.0, 2.0, 3.0, 4.0, 5.0, 3.0]);
    assert!(custom.quantile(0.0).0.is_nan());
    assert_eq!(custom.quantile(0.04).0, f64::INFINITY);
    assert_eq!(custom.quantile(1.0), (5.0, NanObservations::None));
}

#[test]
fn fractions_with_a_zero_bucket() {
    let inf = f64::INFINITY;
    let counts = [2.0, 3.0, 0.0, 1.0, 4.0];
    let positive = empty().totals(12.0, 100.0).zero(0.001, 2.0).up(0, &counts);
    assert_fractions(
        &positive,
        &[
            (0.0, inf, 1.0),
            (-inf, 0.0, 0.0),
            (-0.001, 0.0, 0.0),
            (0.0, 0.001, 0.16666666666666666),
            (0.0, 0.0005, 0.08333333333333333),
            (0.0, 1.5, 0.4795739585136224),
            (1.5, 6.0, 0.15250624987980724),
            (42.0, 3.1415, 0.0),
            (3.1415, f64::NAN, f64::NAN),
            (-inf, inf, 1.0),
        ],
    );
    let both = empty().totals(24.0, 100.0).zero(0.001, 4.0).up(0, &counts).down(0, &counts);
    assert_fractions(
        &both,
        &[
            (-0.0005, 0.0005, 0.08333333333333333),
            (-inf, -0.001, 0.4166666666666667),
            (-2.0, -1.5, 0.051879687409855456),
            (-6.0, -1.5, 0.07625312493990362),
        ],
    );
    assert!(empty().fraction(3.0, 42.0).0.is_nan());
}

#[test]
fn fractions_of_custom_buckets() {
    let inf = f64::INFINITY;
    let histogram = empty().custom(&[5.0, 10.0]).totals(4.0, 5.0).up(0, &[1.0, 2.0, 1.0]);
    assert_fractions(
        &histogram,
        &[(5.0, 10.0, 0.5), (-inf, inf, 1.0), (-1.0, 2.5, 0.125), (12.0, 15.0, 0.0)],
    );
    assert_fractions(&histogram, &[(12.0, inf, 0.25)]);
    // Answers of Prometheus 3.5.
    let from_zero = empty().custom(&[0.0, 10.0]).totals(17.0, 172.5).up(0, &[2.0, 1.0, 6.0]);
    assert_fractions(
        &from_zero,
        &[(-1.0, 1.0, 0.12352941176470589), (-1.0, 0.0, 0.0), (-inf, 5.0, 0.14705882352941177)],
    );
    // From histograms.test of Prometheus 3.14: the bucket without a beginning lies below any value in it.
    let negative = empty().custom(&[-3.0, -2.0, -1.0]).totals(100.0, 0.0).up(0, &[10.0, 2.0, 3.0, 85.0]);
    assert_fractions(
        &negative,
        &[(-4.0, -2.0, 0.02), (-inf, -1.5, 0.135), (-inf, inf, 1.0), (-inf, -4.0, 0.1)],
    );
}

#[test]
fn nan_observations_belong_to_no_fraction() {
    let histogram = empty().totals(15.0, f64::NAN).up(0, &[12.0]);
    assert_eq!(histogram.fraction(f64::NEG_INFINITY, f64::INFINITY), (0.8, true));
    let (fraction, nan_observations) = histogram.fraction(f64::NEG_INFINITY, 0.7071067811865475);
    assert!(close(fraction, 0.4) && nan_observations);
    assert_eq!(empty().totals(3.0, f64::NAN).fraction(0.0, 1.0), (0.0, true));
    assert_eq!(empty().totals(12.0, f64::NAN).up(0, &[12.0]).fraction(0.0, 1.0), (1.0, false));
}

#[test]
fn deviations() {
    let low = empty().schema(2).totals(4.0, 10.0).up(0, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    assert!(close(low.variance(), 1.163807968526718));
    assert!(close(low.deviation(), 1.0787993180043811));
    let counts = [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
    let wide = empty().totals(10.0, -112946.0).down(0, &counts);
    assert!(close(wide.variance(), 759352122.1939945));
    assert!(empty().variance().is_nan());
    assert_eq!(empty().totals(1.0, f64::INFINITY).up(0, &[1.0]).deviation(), f64::INFINITY);
    assert!(empty().totals(1.0, f64::NAN).up(0, &[1.0]).deviation().is_nan());
    // As recorded from Prometheus 3.14: the last custom bucket has no middle.
    assert_eq!(empty().custom(&[1.0]).totals(2.0, 2.0).up(0, &[1.0, 1.0]).variance(), f64::INFINITY);
    assert_eq!(empty().totals(4.0, 5.0).average(), 1.25);
}
