//! The bounds of buckets and the order in which they are walked.

use super::*;
use crate::histogram::{Bucket, Indexed, custom_bound, exponential_bound};

/// What the real program prints of a histogram with these buckets.
fn text(bucket: Bucket) -> String {
    let open = if bucket.lower_inclusive { '[' } else { '(' };
    let close = if bucket.upper_inclusive { ']' } else { ')' };
    format!("{open}{:?},{:?}{close}:{}", bucket.lower, bucket.upper, bucket.count)
}

#[test]
fn bounds_are_those_of_the_real_program() {
    assert_eq!(exponential_bound(0, 0), 1.0);
    assert_eq!(exponential_bound(3, 0), 8.0);
    assert_eq!(exponential_bound(1, -4), 65536.0);
    // Not the nearest float to the square root of two.
    assert_eq!(exponential_bound(1, 1), 1.414213562373095);
    assert_eq!(exponential_bound(-1, 1), 0.7071067811865475);
    assert_eq!(exponential_bound(3, 3), 1.2968395546510096);
    assert_eq!(exponential_bound(-1, 8), 0.9972960560854698);
}

#[test]
fn bounds_end_at_the_largest_number_and_then_at_infinity() {
    for (schema, last) in [(0, 1024), (2, 4096), (-2, 256)] {
        assert_eq!(exponential_bound(last, schema), f64::MAX);
        assert_eq!(exponential_bound(last + 1, schema), f64::INFINITY);
    }
    assert_eq!(exponential_bound(1023, 0), 8.98846567431158e307);
    assert_eq!(exponential_bound(4095, 2), 1.5116737128319336e308);
}

#[test]
fn bounds_lose_digits_below_the_smallest_normal_number() {
    assert_eq!(exponential_bound(-1074, 0), 5e-324);
    assert_eq!(exponential_bound(-1073, 0), 1e-323);
    assert_eq!(exponential_bound(-1075, 0), 0.0);
    assert_eq!(exponential_bound(-67, -4), 2e-323);
    assert_eq!(exponential_bound(-66, -4), 1.295163e-318);
}

#[test]
fn custom_bounds_are_open_at_both_ends() {
    let bounds = [5.0, 10.0];
    assert_eq!(custom_bound(-1, &bounds), f64::NEG_INFINITY);
    assert_eq!(custom_bound(0, &bounds), 5.0);
    assert_eq!(custom_bound(1, &bounds), 10.0);
    assert_eq!(custom_bound(2, &bounds), f64::INFINITY);
}

#[test]
fn buckets_come_in_the_order_of_their_bounds() {
    let histogram = empty().zero(0.5, 2.0).up(0, &[2.0, 1.0, 6.0]).down(0, &[1.0, 2.0]);
    let texts: Vec<String> = histogram.ascending().map(text).collect();
    let expected =
        ["[-2.0,-1.0):2", "[-1.0,-0.5):1", "[-0.5,0.5]:2", "(0.5,1.0]:2", "(1.0,2.0]:1", "(2.0,4.0]:6"];
    assert_eq!(texts, expected);
    let mut falling: Vec<String> = histogram.descending().map(text).collect();
    falling.reverse();
    assert_eq!(falling, expected);
}

#[test]
fn no_other_bucket_reaches_into_the_zero_bucket() {
    let histogram =
        empty().schema(-4).totals(121.0, 4e6).zero(0.001, 1.0).up(0, &[40.0, 80.0]).down(0, &[2.0]);
    let bounds: Vec<(f64, f64)> = histogram.ascending().map(|bucket| (bucket.lower, bucket.upper)).collect();
    assert_eq!(bounds, [(-1.0, -0.001), (-0.001, 0.001), (0.001, 1.0), (1.0, 65536.0)]);
    assert!(histogram.descending().map(|bucket| (bucket.lower, bucket.upper)).eq(bounds.into_iter().rev()));
}

#[test]
fn zero_bucket_is_listed_only_with_a_positive_count() {
    assert_eq!(empty().zero(0.5, 0.0).ascending().count(), 0);
    assert_eq!(empty().zero(0.5, -2.0).descending().count(), 0);
    assert_eq!(empty().zero(0.5, f64::NAN).ascending().count(), 0);
    assert_eq!(empty().zero(0.5, 1.0).ascending().count(), 1);
}

#[test]
fn custom_buckets_include_minus_infinity() {
    let histogram = empty().custom(&[-10.0, 0.0, 5.0]).up(0, &[2.0, 1.0, 6.0, 4.0]);
    let texts: Vec<String> = histogram.ascending().map(text).collect();
    assert_eq!(texts, ["[-inf,-10.0]:2", "(-10.0,0.0]:1", "(0.0,5.0]:6", "(5.0,inf]:4"]);
}

#[test]
fn spans_may_be_empty_or_too_long_or_too_short() {
    let spans = [
        Span { offset: 2, length: 0 },
        Span { offset: 1, length: 2 },
        Span { offset: 0, length: 0 },
        Span { offset: 4, length: 1 },
    ];
    let forwards: Vec<_> = Indexed::new(&spans, &[7, 8, 9]).collect();
    assert_eq!(forwards, [(3, 7), (4, 8), (9, 9)]);
    let backwards: Vec<_> = Indexed::new(&spans, &[7, 8, 9]).rev().collect();
    assert_eq!(backwards, [(9, 9), (4, 8), (3, 7)]);
    assert_eq!(Indexed::new(&spans, &[7, 8, 9, 10]).count(), 3);
    assert_eq!(Indexed::new(&spans, &[7]).collect::<Vec<_>>(), [(3, 7)]);
    assert_eq!(Indexed::<i64>::new(&spans, &[]).next_back(), None);
}

#[test]
fn both_ends_of_an_iterator_meet_inside_a_span() {
    let spans = [Span { offset: -1, length: 4 }];
    let mut indexed = Indexed::new(&spans, &[1, 2, 3, 4]);
    assert_eq!(indexed.next(), Some((-1, 1)));
    assert_eq!(indexed.next_back(), Some((2, 4)));
    assert_eq!(indexed.next_back(), Some((1, 3)));
    assert_eq!(indexed.next(), Some((0, 2)));
    assert_eq!(indexed.next(), None);
    assert_eq!(indexed.next_back(), None);
}

#[test]
fn compaction_cuts_empty_buckets_and_joins_spans() {
    let mut histogram = empty();
    histogram.positive_spans =
        vec![Span { offset: -2, length: 3 }, Span { offset: 0, length: 4 }, Span { offset: 3, length: 1 }];
    histogram.positive_buckets = vec![0.0, 1.0, 2.0, 3.0, 0.0, 0.0, 4.0, 0.0];
    histogram.compact(0);
    assert_eq!(histogram.positive_spans, [Span { offset: -1, length: 3 }, Span { offset: 2, length: 1 }]);
    assert_eq!(histogram.positive_buckets, [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn compaction_fills_gaps_up_to_the_limit() {
    let mut histogram = empty();
    histogram.negative_spans =
        vec![Span { offset: 0, length: 1 }, Span { offset: 2, length: 1 }, Span { offset: 3, length: 1 }];
    histogram.negative_buckets = vec![1.0, 2.0, 3.0];
    histogram.compact(2);
    assert_eq!(histogram.negative_spans, [Span { offset: 0, length: 4 }, Span { offset: 3, length: 1 }]);
    assert_eq!(histogram.negative_buckets, [1.0, 0.0, 0.0, 2.0, 3.0]);
}

#[test]
fn whole_number_histograms_compact_to_the_same_buckets() {
    let mut histogram = crate::histogram::Histogram {
        positive_spans: vec![Span { offset: 0, length: 4 }],
        positive_buckets: vec![2, -2, 5, -1],
        ..Default::default()
    };
    histogram.compact(0);
    assert_eq!(histogram.positive_spans, [Span { offset: 0, length: 1 }, Span { offset: 1, length: 2 }]);
    assert_eq!(histogram.positive_buckets, [2, 3, -1]);
    assert_eq!(histogram.positive_indexed().collect::<Vec<_>>(), [(0, 2), (2, 5), (3, 4)]);
}
