//! What was seen in the counts of the original.

use promql_syntax::{Options, parse_expr};

use super::summarized;

/// The parts of a query that count counts and sums alone, the innermost first.
fn parts(query: &str) -> Vec<&str> {
    let expr = parse_expr(query, Options::ALL).unwrap();
    summarized(&expr).into_iter().map(|span| &query[span.start..span.end]).collect()
}

#[test]
fn what_is_below_a_function_of_counts_is_counted_without_buckets() {
    assert_eq!(parts("(histogram_count(h))"), ["h"]);
    assert_eq!(parts("1 == abs(histogram_sum(rate(h[1m])))"), ["h[1m]", "rate(h[1m])"]);
    assert_eq!(parts("max_over_time(histogram_avg(h)[5m:15s])"), ["h"]);
    assert_eq!(parts("(histogram_count(last_over_time(sum(h)[5m:])))").len(), 4);
    assert_eq!(parts("(histogram_quantile(0.9, last_over_time(histogram_count(h)[5m:])))"), ["h"]);
}

#[test]
fn the_outermost_function_reads_whole_histograms() {
    assert!(parts("histogram_count(h)").is_empty());
    assert!(parts("histogram_avg(rate(h[1m]))").is_empty());
}

#[test]
fn so_do_functions_of_buckets_and_all_selectors_but_the_first() {
    assert!(parts("(histogram_count(histogram_quantile(0.9, h)))").is_empty());
    assert!(parts("up == on () group_right () histogram_count(h)").is_empty());
    assert_eq!(parts("(histogram_count(a * b))"), ["a"]);
    assert!(parts("topk(scalar(histogram_count(a)), b)").is_empty());
    assert!(parts("1 + 2").is_empty());
}
