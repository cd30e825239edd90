//! Answers of small queries, each computed by hand.

use crate::data::Bench;

#[test]
fn an_instant_selector_finds_the_newest_sample_within_the_lookback() {
    let bench = Bench::new("up{job=\"a\"} 1 2\nup{job=\"b\"} 3 stale");
    assert_eq!(bench.instant_text("up", 5), "{__name__=\"up\", job=\"a\"} 1\n{__name__=\"up\", job=\"b\"} 3");
    assert_eq!(bench.instant_text("up", 10), "{__name__=\"up\", job=\"a\"} 2");
    assert_eq!(bench.instant_text("up", 309), "{__name__=\"up\", job=\"a\"} 2");
    assert_eq!(bench.instant_text("up", 310), "", "the lookback is open at its left end");
}

#[test]
fn rates_are_extrapolated_and_resets_made_good() {
    let bench = Bench::new("c_total 0 10 20 5 15 25 35");
    assert_eq!(bench.instant_text("increase(c_total[1m])", 60), "{} 54");
    assert_eq!(bench.instant_text("rate(c_total[30s])", 60), "{} 1");
    assert_eq!(bench.range_text("increase(c_total[30s])", (50, 60, 10)), "{} 25@50 30@60");
}

#[test]
fn aggregations_group_by_labels() {
    let bench = Bench::new("x{a=\"1\",b=\"1\"} 1\nx{a=\"1\",b=\"2\"} 2\nx{a=\"2\",b=\"1\"} 4");
    assert_eq!(bench.instant_text("sum(x)", 0), "{} 7");
    assert_eq!(bench.instant_text("sum by (a) (x)", 0), "{a=\"1\"} 3\n{a=\"2\"} 4");
    assert_eq!(bench.instant_text("max without (a) (x)", 0), "{b=\"1\"} 4\n{b=\"2\"} 2");
    assert_eq!(
        bench.instant_text("topk(2, x)", 0),
        "{__name__=\"x\", a=\"2\", b=\"1\"} 4\n{__name__=\"x\", a=\"1\", b=\"2\"} 2"
    );
    assert_eq!(bench.instant_text("count_values(\"v\", x > 1)", 0), "{v=\"2\"} 1\n{v=\"4\"} 1");
    // The label of the value takes the place of one of the group, so that groups meet.
    assert_eq!(bench.instant_text("count_values by (a) (\"a\", (x > 1) * 0)", 0), "{a=\"0\"} 2");
}

#[test]
fn vectors_are_matched_by_their_labels() {
    let bench =
        Bench::new("x{a=\"1\"} 6\nx{a=\"2\"} 8\ny{a=\"1\"} 3\nz{a=\"1\",b=\"1\"} 1\nz{a=\"1\",b=\"2\"} 2");
    assert_eq!(bench.instant_text("x / y", 0), "{a=\"1\"} 2");
    assert_eq!(bench.instant_text("x > 7", 0), "{__name__=\"x\", a=\"2\"} 8");
    assert_eq!(bench.instant_text("x unless y", 0), "{__name__=\"x\", a=\"2\"} 8");
    assert_eq!(
        bench.instant_text("z * on (a) group_left x", 0),
        "{a=\"1\", b=\"1\"} 6\n{a=\"1\", b=\"2\"} 12"
    );
    assert_eq!(
        bench.instant_text("x * on (a) z", 0),
        "error: found duplicate series for the match group {a=\"1\"} on the right hand-side of the operation: \
         [{__name__=\"z\", a=\"1\", b=\"2\"}, {__name__=\"z\", a=\"1\", b=\"1\"}];many-to-many matching not \
         allowed: matching labels must be unique on one side"
    );
}

#[test]
fn subqueries_are_evaluated_at_multiples_of_their_step() {
    let bench = Bench::new("x 0 1 2 3 4 5 6 7 8");
    assert_eq!(bench.instant_text("x[30s:10s]", 35), "{__name__=\"x\"} 1@10 2@20 3@30");
    assert_eq!(bench.instant_text("max_over_time(x[30s:10s])", 35), "{} 3");
    assert_eq!(bench.range_text("sum_over_time(x[20s:10s])", (20, 40, 10)), "{} 3@20 5@30 7@40");
}

#[test]
fn fixed_times_are_evaluated_once_and_repeated() {
    let bench = Bench::new("x 0 1 2 3 4");
    assert_eq!(bench.range_text("x @ 20", (0, 20, 10)), "{__name__=\"x\"} 2@0 2@10 2@20");
    assert_eq!(bench.range_text("x @ end() - x @ start()", (10, 30, 20)), "{} 2@10 2@30");
}

#[test]
fn classic_histograms_give_quantiles() {
    let bench = Bench::new("b_bucket{le=\"1\"} 5\nb_bucket{le=\"2\"} 10\nb_bucket{le=\"+Inf\"} 10");
    assert_eq!(bench.instant_text("histogram_quantile(0.75, b_bucket)", 0), "{} 1.5");
}

#[test]
fn series_that_lose_their_names_must_stay_different() {
    let bench = Bench::new("a{x=\"1\"} 1\nb{x=\"1\"} 2");
    let expected = "error: vector cannot contain metrics with the same labelset";
    assert_eq!(bench.instant_text("abs({__name__=~\"a|b\"})", 0), expected);
    assert_eq!(
        bench.instant_text("rate({__name__=~\"a|b\"}[5m])", 0),
        "",
        "without samples there is no conflict"
    );
}
