//! All numbers from the script native_histograms.test of Prometheus 3.14.

use super::*;

#[track_caller]
fn assert_trimmed(got: &FloatHistogram, expected: &FloatHistogram) {
    let expected = expected.clone().compacted();
    assert!(got.almost_same_as(&expected, 1e-9), "expected {}, got {}", expected.notation(), got.notation());
}

fn above(histogram: &FloatHistogram, cutoff: f64) -> FloatHistogram {
    let mut rest = histogram.clone();
    rest.trim_above(cutoff);
    rest
}

fn below(histogram: &FloatHistogram, cutoff: f64) -> FloatHistogram {
    let mut rest = histogram.clone();
    rest.trim_below(cutoff);
    rest
}

#[test]
fn infinite_cutoffs_keep_all_or_nothing() {
    let histogram =
        empty().totals(34.0, 123.75).zero(0.001, 1.0).up(0, &[2.0, 4.0, 8.0, 16.0]).down(0, &[1.0, 2.0]);
    let nothing = empty().zero(0.001, 0.0);
    assert_trimmed(&below(&histogram, f64::NEG_INFINITY), &histogram);
    assert_trimmed(&above(&histogram, f64::INFINITY), &histogram);
    assert_trimmed(&below(&histogram, f64::INFINITY), &nothing);
    assert_trimmed(&above(&histogram, f64::NEG_INFINITY), &nothing);
    let custom = empty().custom(&[5.0, 10.0]).totals(15.0, 172.5).up(0, &[1.0, 6.0, 8.0]);
    assert_trimmed(&below(&custom, f64::NEG_INFINITY), &custom);
    assert_trimmed(&above(&custom, f64::INFINITY), &custom);
    assert_trimmed(&below(&custom, f64::INFINITY), &empty().custom(&[5.0, 10.0]));
    assert_trimmed(&above(&custom, f64::NEG_INFINITY), &empty().custom(&[5.0, 10.0]));
}

#[test]
fn exponential_buckets() {
    let histogram =
        empty().totals(34.0, 123.75).zero(0.001, 1.0).up(0, &[2.0, 4.0, 8.0, 16.0]).down(0, &[1.0, 2.0]);
    let rest = empty().totals(30.5, 120.20840280171308).zero(0.001, 0.5).up(0, &[2.0, 4.0, 8.0, 16.0]);
    assert_trimmed(&below(&histogram, 0.0), &rest);
    let rest = empty().totals(3.5, -3.5357839059327376).zero(0.001, 0.5).down(0, &[1.0, 2.0]);
    assert_trimmed(&above(&histogram, 0.0), &rest);
    let rest =
        empty().totals(10.0, 3.5355339059327373).zero(0.001, 1.0).up(0, &[2.0, 4.0]).down(0, &[1.0, 2.0]);
    assert_trimmed(&above(&histogram, 2.0), &rest);
    let rest = empty().totals(24.0, 113.13708498984761).zero(0.001, 0.0).up(2, &[8.0, 16.0]);
    assert_trimmed(&below(&histogram, 2.0), &rest);
    let rest = empty().totals(2.0, -2.8284271247461903).zero(0.001, 0.0).down(1, &[2.0]);
    assert_trimmed(&above(&histogram, -1.0), &rest);
}

#[test]
fn cutoff_inside_an_exponential_bucket() {
    let histogram = empty()
        .schema(2)
        .totals(28.0, 12.8286080906)
        .zero(0.001, 1.0)
        .up(0, &[1.0, 2.0, 4.0, 7.0, 3.0])
        .down(0, &[1.0, 5.0, 3.0, 1.0]);
    let rest = empty()
        .schema(2)
        .totals(13.410582181123704, -9.385798726068233)
        .zero(0.001, 1.0)
        .up(0, &[1.0, 1.410582181123704])
        .down(0, &[1.0, 5.0, 3.0, 1.0]);
    assert_trimmed(&above(&histogram, 1.13), &rest);
    let rest = empty()
        .schema(2)
        .totals(14.589417818876296, 22.168126492693734)
        .zero(0.001, 0.0)
        .up(1, &[0.589417818876296, 4.0, 7.0, 3.0]);
    assert_trimmed(&below(&histogram, 1.13), &rest);
    let rest = empty()
        .schema(2)
        .totals(2.45786052095524, -3.5189307983595066)
        .zero(0.001, 0.0)
        .down(2, &[1.45786052095524, 1.0]);
    assert_trimmed(&above(&histogram, -1.3), &rest);
}

#[test]
fn zero_bucket_lies_where_the_other_buckets_do() {
    let positive = empty().totals(12.0, 8.021067811865475).zero(0.5, 2.0).up(0, &[10.0]);
    assert_trimmed(
        &below(&positive, 0.5),
        &empty().totals(10.0, 7.0710678118654755).zero(0.5, 0.0).up(0, &[10.0]),
    );
    assert_trimmed(
        &below(&positive, 0.1),
        &empty().totals(11.6, 7.551067811865476).zero(0.5, 1.6).up(0, &[10.0]),
    );
    assert_trimmed(&below(&positive, 0.0), &positive);
    assert_trimmed(&above(&positive, 0.5), &empty().totals(2.0, 0.5).zero(0.5, 2.0));
    assert_trimmed(&above(&positive, 0.1), &empty().totals(0.4, 0.02).zero(0.5, 0.4));
    assert_trimmed(&above(&positive, 0.0), &empty().zero(0.5, 0.0));
    let alone = empty().totals(5.0, 0.0).zero(0.1, 5.0);
    assert_trimmed(&above(&alone, 0.1), &alone);
    assert_trimmed(&below(&alone, 0.1), &empty().zero(0.1, 0.0));
    assert_trimmed(&below(&alone, 0.05), &empty().totals(1.25, 0.09375).zero(0.1, 1.25));
    assert_trimmed(&above(&alone, 0.0), &empty().totals(2.5, -0.125).zero(0.1, 2.5));
    assert_trimmed(&below(&alone, -0.05), &empty().totals(3.75, 0.09375).zero(0.1, 3.75));
}

#[test]
fn custom_buckets() {
    let bounds = [5.0, 10.0, 15.0, 20.0];
    let histogram = empty().custom(&bounds).totals(15.0, 172.5).up(0, &[1.0, 6.0, 4.0, 3.0, 1.0]);
    let rest =
        |count, sum, offset, counts: &[f64]| empty().custom(&bounds).totals(count, sum).up(offset, counts);
    assert_trimmed(&above(&histogram, 15.0), &rest(11.0, 97.5, 0, &[1.0, 6.0, 4.0]));
    assert_trimmed(&below(&histogram, 15.0), &rest(4.0, 72.5, 3, &[3.0, 1.0]));
    assert_trimmed(&above(&histogram, 13.0), &rest(9.4, 75.1, 0, &[1.0, 6.0, 2.4]));
    assert_trimmed(&below(&histogram, 13.0), &rest(5.6, 94.9, 2, &[1.6, 3.0, 1.0]));
    assert_trimmed(&above(&histogram, 50.0), &rest(14.0, 150.0, 0, &[1.0, 6.0, 4.0, 3.0]));
    assert_trimmed(&below(&histogram, 0.0), &histogram);
    assert_trimmed(&above(&histogram, 0.0), &empty().custom(&bounds));
}

/// `</ cutoff` and `>/ cutoff` of two buckets on both sides of one bound.
#[test]
fn first_and_last_custom_bucket() {
    /// Sum and count, or nothing where all is kept.
    type Kept = Option<(f64, f64)>;
    let table: [(f64, f64, Kept, Kept); 11] = [
        (0.0, 10.0, Some((0.0, 1.0)), Some((1000.0, 100.0))),
        (0.0, 0.0, Some((0.0, 1.0)), Some((0.0, 100.0))),
        (0.0, -10.0, Some((-10.0, 1.0)), Some((0.0, 100.0))),
        (5.0, 10.0, Some((2.5, 1.0)), Some((1000.0, 100.0))),
        (5.0, 2.0, Some((0.4, 0.4)), Some((502.1, 100.6))),
        (5.0, 0.0, Some((0.0, 0.0)), None),
        (5.0, -10.0, Some((0.0, 0.0)), Some((500.0, 100.0))),
        (-5.0, 10.0, Some((-5.0, 1.0)), Some((1000.0, 100.0))),
        (-5.0, 0.0, Some((-5.0, 1.0)), Some((0.0, 100.0))),
        (-5.0, -2.0, Some((-5.0, 1.0)), Some((-200.0, 100.0))),
        (-5.0, -10.0, Some((-10.0, 1.0)), Some((-500.0, 100.0))),
    ];
    for (bound, cutoff, kept_below, kept_above) in table {
        let histogram = empty().custom(&[bound]).totals(101.0, 33.0).up(0, &[1.0, 100.0]);
        for (got, expected) in
            [(above(&histogram, cutoff), kept_below), (below(&histogram, cutoff), kept_above)]
        {
            let (sum, count) = expected.unwrap_or((33.0, 101.0));
            assert!(
                (got.sum - sum).abs() < 1e-9 && (got.count - count).abs() < 1e-9,
                "bound {bound} cutoff {cutoff}: expected {sum} {count}, got {}",
                got.notation()
            );
        }
    }
}

#[test]
fn a_bucket_without_bounds_is_kept_whole_or_not_at_all() {
    let histogram = empty().custom(&[]).totals(100.0, 100.0).up(0, &[100.0]);
    for nothing in [above(&histogram, 10.0), below(&histogram, 10.0), below(&histogram, f64::INFINITY)] {
        assert_trimmed(&nothing, &empty().custom(&[]));
    }
    assert_trimmed(&above(&histogram, f64::INFINITY), &histogram);
    assert_trimmed(&below(&histogram, f64::NEG_INFINITY), &histogram);
}

#[test]
fn without_a_cutoff_nothing_is_known() {
    // Recorded from Prometheus 3.14: totals of NaN, no buckets.
    let rest = below(&empty().totals(3.0, 5.0).zero(0.1, 1.0).up(0, &[2.0]), f64::NAN);
    assert!(rest.count.is_nan() && rest.sum.is_nan());
    assert_eq!(rest.listed().count(), 0);
}

#[test]
fn a_part_above_and_a_part_below_make_the_whole() {
    let histogram =
        empty().totals(34.0, 0.0).zero(0.001, 1.0).up(0, &[2.0, 4.0, 8.0, 16.0]).down(0, &[1.0, 2.0]);
    for cutoff in [-1.7, -1.0, -0.0004, 0.0, 0.0007, 1.3, 2.0, 7.5] {
        let together = above(&histogram, cutoff).count + below(&histogram, cutoff).count;
        assert!((together - 34.0).abs() < 1e-9, "{cutoff}: {together}");
        let (fraction, _) = histogram.fraction(f64::NEG_INFINITY, cutoff);
        assert!((above(&histogram, cutoff).count - fraction * 34.0).abs() < 1e-9, "{cutoff}");
    }
}
