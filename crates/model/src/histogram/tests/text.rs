//! Histograms as text.

use super::*;

/// Texts that Prometheus 3.5 and the script aggregators.test of 3.14 show.
#[test]
fn text_lists_populated_buckets() {
    let histogram = empty().totals(20.0, 10.0).zero(0.001, 2.0).up(0, &[1.0, 2.0]).down(0, &[1.0, 2.0]);
    assert_eq!(
        histogram.to_string(),
        "{count:20, sum:10, [-2,-1):2, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2}"
    );
    let mut custom = empty().custom(&[-10.0, -5.0, 0.0]).totals(17.0, 172.5).up(0, &[2.0, 1.0, 0.0, 4.0]);
    custom.mul(1_234_567.0);
    assert_eq!(
        custom.to_string(),
        "{count:2.0987639e+07, sum:2.129628075e+08, [-Inf,-10]:2.469134e+06, (-10,-5]:1.234567e+06, \
         (0,+Inf]:4.938268e+06}"
    );
    let mut negated = empty().totals(17.0, f64::NAN).zero(0.5, 2.0).up(0, &[2.0]);
    negated.mul(-1.0);
    assert_eq!(negated.to_string(), "{count:-17, sum:NaN, [-0.5,0.5]:-2, (0.5,1]:-2}");
    assert_eq!(
        empty().zero(1e-128, f64::NEG_INFINITY).to_string(),
        "{count:0, sum:0, [-1e-128,1e-128]:-Inf}"
    );
    assert_eq!(
        empty().totals(5.0, 1.0).up(-1076, &[0.0, 1.0, 1.0, 0.0, 2.0]).to_string(),
        "{count:5, sum:1, (0,0):1, (0,5e-324]:1, (1e-323,2e-323]:2}"
    );
}

#[test]
fn notation_leaves_out_what_is_zero() {
    assert_eq!(empty().notation(), "{{}}");
    assert_eq!(empty().up(3, &[0.0]).notation(), "{{}}");
    assert_eq!(empty().custom(&[]).notation(), "{{schema:-53 custom_values:[]}}");
    let histogram = empty()
        .schema(1)
        .totals(3.0, 1.0)
        .up(0, &[1.0, 0.0, 0.0, 2.0])
        .down(-2, &[0.0, 1.0])
        .hint(CounterResetHint::NotReset);
    let text =
        "{{schema:1 count:3 sum:1 counter_reset_hint:not_reset buckets:[1 0 0 2] n_offset:-1 n_buckets:[1]}}";
    assert_eq!(histogram.notation(), text);
    assert_eq!(histogram.compacted().notation(), text);
    let custom = empty().custom(&[0.5, 1e6, 1e7, 123456789.0]).totals(3.0, 1.5).up(1, &[1e6, 0.0, 0.0, 1e21]);
    assert_eq!(
        custom.notation(),
        "{{schema:-53 count:3 sum:1.5 custom_values:[0.5 1e+06 1e+07 1.23456789e+08] offset:1 \
         buckets:[1e+06 0 0 1e+21]}}"
    );
    let odd =
        empty().totals(f64::INFINITY, f64::NAN).zero(1e-128, f64::NEG_INFINITY).hint(CounterResetHint::Gauge);
    assert_eq!(
        odd.notation(),
        "{{count:+Inf sum:NaN z_bucket:-Inf z_bucket_w:1e-128 counter_reset_hint:gauge}}"
    );
}

#[test]
fn notation_of_buckets_far_apart_is_bounded() {
    let mut histogram = empty();
    histogram.positive_spans =
        vec![Span { offset: i32::MIN / 2, length: 1 }, Span { offset: i32::MAX, length: 1 }];
    histogram.positive_buckets = vec![1.0, 2.0];
    assert_eq!(histogram.notation(), "{{offset:-1073741824 buckets:[1]}}");
}

#[test]
fn listing_for_the_api_tells_which_bounds_belong_to_a_bucket() {
    // As recorded from Prometheus 3.14 for a histogram and for its negative, whose zero bucket is not listed.
    let mut histogram = empty().zero(0.01, 0.75).up(0, &[2.5, 0.0, 4.0]).down(0, &[1.25]);
    let rules = |histogram: &FloatHistogram| -> Vec<(u8, f64)> {
        histogram.listed().map(|bucket| (bucket.boundary_rule(), bucket.count)).collect()
    };
    assert_eq!(rules(&histogram), [(1, 1.25), (3, 0.75), (0, 2.5), (0, 4.0)]);
    histogram.mul(-1.0);
    assert_eq!(rules(&histogram), [(1, -1.25), (0, -2.5), (0, -4.0)]);
    let custom = empty().custom(&[0.1]).up(0, &[126.0, 122.0]);
    assert_eq!(rules(&custom), [(3, 126.0), (0, 122.0)]);
    assert_eq!(rules(&empty().up(-1076, &[7.0])), [(2, 7.0)]);
}

#[test]
fn size_counts_spans_buckets_and_bounds() {
    assert_eq!(empty().size_bytes(), 168);
    assert_eq!(empty().up(0, &[1.0, 2.0]).down(0, &[1.0]).size_bytes(), 168 + 8 * 5);
    assert_eq!(empty().custom(&[1.0, 2.0]).up(0, &[1.0]).size_bytes(), 168 + 8 * 4);
}
