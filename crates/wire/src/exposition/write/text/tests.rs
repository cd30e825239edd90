//! Families come out as the text format's documentation lays them out.

use model::MetricType;

use super::write_text;
use crate::exposition::{Family, Metric, MetricValue};

fn family(name: &str, metric_type: MetricType, value: MetricValue) -> Family {
    let labels = vec![("code".to_owned(), "a\"b\\c\nd".to_owned())];
    Family {
        name: name.to_owned(),
        help: "One\\two\n\"three\".".to_owned(),
        metric_type,
        unit: String::new(),
        metrics: vec![Metric { labels, value, timestamp: None }],
    }
}

fn text(family: Family) -> String {
    let mut out = String::new();
    write_text(&[family], &mut out);
    out
}

#[test]
fn counters_with_escapes() {
    assert_eq!(
        text(family("requests_total", MetricType::Counter, MetricValue::Number(1234567.0))),
        "# HELP requests_total One\\\\two\\n\"three\".\n# TYPE requests_total counter\n\
         requests_total{code=\"a\\\"b\\\\c\\nd\"} 1.234567e+06\n"
    );
}

#[test]
fn histograms_and_summaries_without_labels_and_help() {
    let buckets = vec![(0.5, 3), (f64::INFINITY, 10_000_000)];
    let value = MetricValue::Histogram { count: 10_000_000, sum: 7.25, buckets };
    let mut histogram = family("h_seconds", MetricType::Histogram, value);
    histogram.help.clear();
    histogram.metrics[0].labels.clear();
    histogram.metrics[0].timestamp = Some(-5);
    assert_eq!(
        text(histogram),
        "# TYPE h_seconds histogram\nh_seconds_bucket{le=\"0.5\"} 3 -5\nh_seconds_bucket{le=\"+Inf\"} 10000000 -5\n\
         h_seconds_sum 7.25 -5\nh_seconds_count 10000000 -5\n"
    );
    let value = MetricValue::Summary { count: 2, sum: 3.0, quantiles: vec![(0.99, f64::NAN)] };
    let mut summary = family("s", MetricType::Summary, value);
    summary.help.clear();
    summary.metrics[0].labels.clear();
    assert_eq!(text(summary), "# TYPE s summary\ns{quantile=\"0.99\"} NaN\ns_sum 3\ns_count 2\n");
}

#[test]
fn names_outside_the_classic_syntax_are_quoted() {
    let mut gauge = family("my.name", MetricType::Gauge, MetricValue::Number(1.0));
    gauge.help.clear();
    gauge.metrics[0].labels = vec![("l.x".to_owned(), "1".to_owned())];
    assert_eq!(text(gauge), "# TYPE \"my.name\" gauge\n{\"my.name\",\"l.x\"=\"1\"} 1\n");
}
