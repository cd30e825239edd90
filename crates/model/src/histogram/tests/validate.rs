//! The texts are what Prometheus 3.5 answers to remote writes of such histograms.

use super::*;
use crate::histogram::Histogram;

fn whole(
    schema: i32,
    count: u64,
    positive: (&[(i32, u32)], &[i64]),
    negative: (&[(i32, u32)], &[i64]),
) -> Histogram {
    let spans = |list: &[(i32, u32)]| list.iter().map(|&(offset, length)| Span { offset, length }).collect();
    Histogram {
        schema,
        count,
        positive_spans: spans(positive.0),
        positive_buckets: positive.1.to_vec(),
        negative_spans: spans(negative.0),
        negative_buckets: negative.1.to_vec(),
        ..Histogram::default()
    }
}

const NONE: (&[(i32, u32)], &[i64]) = (&[], &[]);

#[track_caller]
fn assert_rejected(histogram: &Histogram, text: &str) {
    assert_eq!(histogram.validate().map_err(|error| error.to_string()), Err(text.to_owned()));
}

#[test]
fn totals_must_be_those_of_the_buckets() {
    let mut histogram = whole(0, 3, (&[(0, 1)], &[12]), NONE);
    assert_rejected(
        &histogram,
        "12 observations found in buckets, but the Count field is 3: histogram's observation count should equal the \
         number of observations found in the buckets (in absence of NaN)",
    );
    histogram.sum = f64::NAN;
    assert_rejected(
        &histogram,
        "12 observations found in buckets, but the Count field is 3: histogram's observation count should be at \
         least the number of observations found in the buckets",
    );
    histogram.count = 30;
    assert_eq!(histogram.validate(), Ok(()));
}

#[test]
fn spans_and_buckets_must_agree() {
    assert_rejected(
        &whole(0, 3, (&[(0, 2)], &[5, -7]), NONE),
        "positive side: bucket number 2 has observation count of -2: histogram has a bucket whose observation count \
         is negative",
    );
    assert_rejected(
        &whole(0, 3, NONE, (&[(0, 2)], &[5, -7])),
        "negative side: bucket number 2 has observation count of -2: histogram has a bucket whose observation count \
         is negative",
    );
    assert_rejected(
        &whole(0, 3, (&[(0, 1), (-2, 1)], &[1, 1]), (&[(0, 3)], &[1, 1])),
        "positive side: span number 2 with offset -2: histogram has a span whose offset is negative",
    );
    assert_rejected(
        &whole(0, 3, NONE, (&[(0, 3)], &[1, 1])),
        "negative side: spans need 3 buckets, have 2 buckets: histogram spans specify different number of buckets \
         than provided",
    );
    assert_eq!(whole(0, 1, (&[(-5, 1)], &[1]), NONE).validate(), Ok(()));
    let huge = u32::MAX;
    assert!(whole(0, 1, (&[(0, huge), (i32::MAX, huge)], &[1]), NONE).validate().is_err());
}

#[test]
fn schemas_outside_the_range_are_rejected() {
    for schema in [-54, -52, -9, -5, 9, 52, i32::MAX] {
        assert!(whole(schema, 1, (&[(0, 1)], &[1]), NONE).validate().is_err(), "{schema}");
    }
    for schema in -4..=8 {
        assert_eq!(whole(schema, 1, (&[(0, 1)], &[1]), NONE).validate(), Ok(()));
    }
}

#[test]
fn custom_bounds_must_ascend_and_suffice() {
    let custom = |spans: &[(i32, u32)], buckets: &[i64], bounds: &[f64]| {
        let count = u64::try_from(buckets.first().copied().unwrap_or(0)).unwrap();
        let mut histogram = whole(CUSTOM_BUCKETS_SCHEMA, count, (spans, buckets), NONE);
        histogram.custom_values = bounds.into();
        histogram
    };
    let inf = f64::INFINITY;
    assert_eq!(custom(&[(0, 2)], &[1, -1], &[1.0]).validate(), Ok(()));
    assert_rejected(
        &custom(&[(0, 3)], &[1, 0, 0], &[1.0]),
        "custom buckets: only 1 custom bounds defined which is insufficient to cover total span length of 3: \
         histogram custom bounds are too few",
    );
    assert_rejected(
        &custom(&[(5, 1)], &[1], &[1.0]),
        "custom buckets: only 1 custom bounds defined which is insufficient to cover total span length of 6: \
         histogram custom bounds are too few",
    );
    assert_rejected(
        &custom(&[(0, 1)], &[1], &[2.0, 1.5]),
        "custom buckets: previous bound is 2.000000 and current is 1.500000: histogram custom bounds must be in \
         strictly increasing order",
    );
    assert_rejected(
        &custom(&[(0, 1)], &[1], &[-inf, 2.0]),
        "custom buckets: previous bound is -Inf and current is -Inf: histogram custom bounds must be in strictly \
         increasing order",
    );
    assert_rejected(
        &custom(&[(0, 1)], &[1], &[2.0, inf]),
        "custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite",
    );
    assert_rejected(
        &custom(&[(-1, 1)], &[1], &[2.0]),
        "custom buckets: span number 1 with offset -1: histogram has a span whose offset is negative",
    );
    assert!(custom(&[(0, 1)], &[1], &[f64::NAN, 2.0]).validate().is_err());
}

#[test]
fn custom_buckets_stand_alone() {
    let mut histogram = whole(CUSTOM_BUCKETS_SCHEMA, 1, (&[(0, 1)], &[1]), NONE);
    histogram.custom_values = [2.0].into();
    let good = histogram.clone();
    histogram.zero_count = 1;
    assert_rejected(&histogram, "custom buckets: must have zero count of 0");
    histogram = good.clone();
    histogram.zero_threshold = 1.0;
    assert_rejected(&histogram, "custom buckets: must have zero threshold of 0");
    histogram = good.clone();
    histogram.negative_spans = vec![Span { offset: 0, length: 1 }];
    assert_rejected(&histogram, "custom buckets: must not have negative spans");
    histogram = good.clone();
    histogram.negative_buckets = vec![1];
    assert_rejected(&histogram, "custom buckets: must not have negative buckets");
    histogram = good;
    histogram.schema = 0;
    assert_rejected(&histogram, "histogram with exponential schema must not have custom bounds");
}

#[test]
fn fractional_totals_are_not_compared() {
    let mut histogram = empty().totals(3.0, 0.0).up(0, &[12.0]);
    assert_eq!(histogram.validate(), Ok(()));
    histogram.positive_buckets = vec![-1.5];
    assert_eq!(
        histogram.validate().unwrap_err().to_string(),
        "positive side: bucket number 1 has observation count of -1.5: histogram has a bucket whose observation \
         count is negative"
    );
    histogram.positive_buckets = vec![f64::NAN];
    histogram.zero_count = -1.0;
    assert_eq!(histogram.validate(), Ok(()));
}
