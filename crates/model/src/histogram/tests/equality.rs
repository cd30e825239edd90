//! When histograms count as equal.

use super::*;
use crate::histogram::almost_equal;

#[test]
fn numbers_are_compared_relative_to_their_size() {
    assert!(almost_equal(1.0, 1.000001, 1e-6));
    assert!(!almost_equal(1.0, 1.00001, 1e-6));
    assert!(almost_equal(1e300, 1.000001e300, 1e-6));
    assert!(almost_equal(f64::NAN, f64::NAN, 1e-6));
    assert!(almost_equal(f64::INFINITY, f64::INFINITY, 1e-6));
    assert!(!almost_equal(f64::INFINITY, f64::MAX, 1e-6));
    assert!(!almost_equal(0.0, 1e-300, 1e-6));
    assert!(almost_equal(0.0, -0.0, 1e-6));
    assert!(!almost_equal(f64::NAN, 1.0, 1e-6));
}

#[test]
fn equality_is_that_of_bits_and_layouts() {
    let histogram = empty().totals(1.0, f64::NAN).zero(0.1, 1.0).up(0, &[1.0, 2.0]);
    assert!(histogram.same_as(&histogram.clone().hint(CounterResetHint::Gauge)));
    let mut spread = histogram.clone();
    spread.positive_spans =
        vec![Span { offset: 5, length: 0 }, Span { offset: -5, length: 2 }, Span { offset: 7, length: 0 }];
    assert!(histogram.same_as(&spread));
    spread.positive_spans = vec![Span { offset: 0, length: 1 }, Span { offset: 1, length: 1 }];
    assert!(!histogram.same_as(&spread));
    assert!(!histogram.same_as(&histogram.clone().zero(0.2, 1.0)));
    assert!(!histogram.same_as(&histogram.clone().schema(1)));
    let near = histogram.clone().up(0, &[1.0, 2.0000000001]);
    assert!(!histogram.same_as(&near));
    assert!(histogram.almost_same_as(&near, 1e-6));
    assert!(!histogram.almost_same_as(&histogram.clone().up(0, &[1.0, 2.1]), 1e-6));
    let custom = empty().custom(&[1.0]);
    assert!(!custom.same_as(&empty().custom(&[2.0])));
}
