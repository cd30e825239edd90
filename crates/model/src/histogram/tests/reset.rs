//! When a counter histogram was reset.

use super::*;

#[test]
fn hints_decide_where_they_know() {
    let low = empty().totals(1.0, 1.0);
    let high = empty().totals(2.0, 1.0);
    assert!(low.clone().detect_reset(&high));
    assert!(!low.hint(CounterResetHint::NotReset).detect_reset(&high));
    assert!(high.clone().hint(CounterResetHint::Reset).detect_reset(&high));
    assert!(!high.clone().hint(CounterResetHint::Gauge).detect_reset(&high));
    assert!(!high.clone().detect_reset(&high.clone().hint(CounterResetHint::Gauge)));
}

#[test]
fn a_fall_in_one_bucket_is_a_reset() {
    let before = empty().totals(4.0, 5.0).up(0, &[1.0, 2.0, 1.0]).down(2, &[1.0]);
    assert!(empty().totals(5.0, 6.0).up(0, &[1.0, 1.0, 3.0]).down(2, &[1.0]).detect_reset(&before));
    assert!(empty().totals(5.0, 6.0).up(0, &[1.0, 2.0, 3.0]).detect_reset(&before));
    assert!(empty().totals(5.0, 6.0).up(1, &[2.0, 3.0]).down(2, &[1.0]).detect_reset(&before));
    assert!(
        !empty()
            .totals(5.0, 0.0)
            .up(-1, &[1.0, 1.0, 2.0, 3.0])
            .down(0, &[1.0, 1.0, 1.0])
            .detect_reset(&before)
    );
}

#[test]
fn empty_buckets_may_vanish() {
    let before = empty().totals(4.0, 5.0).up(0, &[0.0, 4.0, 0.0, 0.0]);
    assert!(!empty().totals(4.0, 5.0).up(1, &[4.0]).detect_reset(&before));
    assert!(!empty().totals(4.0, 5.0).detect_reset(&empty().totals(4.0, 5.0).up(0, &[0.0])));
}

#[test]
fn finer_buckets_are_a_reset_and_coarser_ones_are_compared() {
    let fine = empty().schema(1).totals(10.0, 5.0).up(1, &[1.0, 2.0, 3.0, 4.0]);
    assert!(!empty().totals(10.0, 5.0).up(1, &[3.0, 7.0]).detect_reset(&fine));
    assert!(empty().totals(10.0, 5.0).up(1, &[2.0, 8.0]).detect_reset(&fine));
    assert!(fine.detect_reset(&empty().totals(10.0, 5.0).up(1, &[3.0, 7.0])));
}

#[test]
fn zero_bucket_may_widen_but_not_into_a_populated_bucket() {
    let before = empty().totals(6.0, 5.0).zero(0.25, 1.0).up(0, &[2.0, 3.0]);
    assert!(!empty().totals(6.0, 5.0).zero(1.0, 3.0).up(1, &[3.0]).detect_reset(&before));
    assert!(empty().totals(6.0, 5.0).zero(1.0, 2.0).up(1, &[4.0]).detect_reset(&before));
    assert!(empty().totals(6.0, 5.0).zero(0.75, 3.0).up(1, &[3.0]).detect_reset(&before));
    assert!(!empty().totals(6.0, 5.0).zero(0.4, 1.0).up(0, &[2.0, 3.0]).detect_reset(&before));
    assert!(empty().totals(6.0, 5.0).zero(0.125, 1.0).up(0, &[2.0, 3.0]).detect_reset(&before));
    assert!(empty().totals(6.0, 5.0).zero(0.25, 0.0).up(0, &[2.0, 4.0]).detect_reset(&before));
}

#[test]
fn custom_buckets_are_compared_at_common_bounds() {
    // From native_histograms.test and functions.test of Prometheus 3.14.
    let before = empty().custom(&[2.0, 4.0, 6.0]).totals(15.0, 55.0).up(0, &[1.0, 2.0, 5.0, 7.0]);
    let after = empty().custom(&[2.0, 3.0, 4.0, 6.0]).totals(15.0, 56.0).up(0, &[1.0, 0.0, 1.0, 5.0, 8.0]);
    assert!(after.detect_reset(&before));
    let after = empty().custom(&[2.0, 3.0, 4.0, 6.0]).totals(15.0, 56.0).up(0, &[1.0, 1.0, 1.0, 5.0, 8.0]);
    assert!(!after.detect_reset(&before));
    let one = empty().custom(&[1.0]).totals(3.0, 3.0).up(0, &[3.0]);
    let other = empty().custom(&[5.0, 10.0]).totals(3.0, 3.0).up(0, &[3.0]);
    assert!(!other.detect_reset(&one));
}

#[test]
fn a_change_between_exponential_and_custom_buckets_is_a_reset() {
    let exponential = empty().totals(1.0, 1.0).up(0, &[1.0]);
    let custom = empty().custom(&[5.0]).totals(3.0, 1.0).up(0, &[3.0]);
    assert!(custom.detect_reset(&exponential));
    assert!(exponential.detect_reset(&custom));
    assert!(empty().totals(3.0, 1.0).up(0, &[3.0]).detect_reset(&custom));
}
