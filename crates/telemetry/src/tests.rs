//! Metrics count, share and show what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::{MetricKind, Registry, Value, exponential_buckets, linear_buckets, process};

#[test]
fn one_name_is_one_metric() {
    let registry = Registry::new();
    registry.counter("a_total", "A.").inc();
    registry.counter("a_total", "A.").add(2);
    let families = registry.gather();
    assert_eq!(families.len(), 1);
    assert_eq!((families[0].name.as_str(), families[0].help.as_str()), ("a_total", "A."));
    assert_eq!(families[0].kind, MetricKind::Counter);
    assert_eq!(families[0].metrics[0].value, Value::Counter(3.0));
}

#[test]
fn float_counters_never_shrink() {
    let counter = Registry::new().counter_f("seconds_total", "S.");
    counter.add(1.5);
    counter.add(-1.0);
    counter.add(f64::NAN);
    assert_eq!(counter.get(), 1.5);
}

#[test]
fn histogram_buckets_are_cumulative_and_include_their_bound() {
    let registry = Registry::new();
    let histogram = registry.histogram("h_seconds", "H.", &[1.0, 5.0]);
    for value in [0.5, 1.0, 3.0, 7.0] {
        histogram.observe(value);
    }
    let expected =
        Value::Histogram { count: 4, sum: 11.5, buckets: vec![(1.0, 2), (5.0, 3), (f64::INFINITY, 4)] };
    assert_eq!(registry.gather()[0].metrics[0].value, expected);
}

#[test]
fn many_observations_count_as_each_of_them() {
    let registry = Registry::new();
    let bounds = [1.0, 5.0];
    let (one_by_one, at_once) =
        (registry.histogram("a_seconds", "A.", &bounds), registry.histogram("b_seconds", "B.", &bounds));
    let values = [0.5, 1.0, 3.0, 7.0, -1.0];
    values.iter().for_each(|value| one_by_one.observe(*value));
    at_once.observe_all(values);
    at_once.observe_all([]);
    let families = registry.gather();
    assert_eq!(families[0].metrics[0].value, families[1].metrics[0].value);
    assert_eq!(at_once.count(), 5);
}

#[test]
fn families_list_their_children_by_label_values() {
    let registry = Registry::new();
    let family = registry.counters("requests_total", "R.", &["handler", "code"]);
    assert_eq!(registry.gather(), [], "a family without children is not shown");
    family.with(&["/b", "200"]).inc();
    family.with(&["/a", "500"]).add(4);
    family.with(&["/a", "200"]).add(2);
    family.with(&["/b", "200"]).inc();
    let families = registry.gather();
    let shown: Vec<_> = families[0]
        .metrics
        .iter()
        .map(|metric| (metric.labels[0].1.as_str(), metric.labels[1].1.as_str(), metric.value.clone()))
        .collect();
    assert_eq!(
        shown,
        [
            ("/a", "200", Value::Counter(2.0)),
            ("/a", "500", Value::Counter(4.0)),
            ("/b", "200", Value::Counter(2.0))
        ]
    );
    family.retain(|values| values[0] == "/a");
    family.remove(&["/a", "200"]);
    assert_eq!(registry.gather()[0].metrics.len(), 1);
}

/// A registry whose clock the test moves.
fn registry_with_clock() -> (Registry, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&seconds);
    (Registry::with_time(move || Duration::from_secs(clock.load(Ordering::Relaxed))), seconds)
}

fn quantiles(registry: &Registry) -> Vec<(f64, f64)> {
    match &registry.gather()[0].metrics[0].value {
        Value::Summary { quantiles, .. } => quantiles.clone(),
        other => panic!("{other:?} is no summary"),
    }
}

#[test]
fn summary_quantiles_are_ranks_of_what_was_observed() {
    let (registry, _) = registry_with_clock();
    let summary = registry.summary("s_seconds", "S.", &[0.5, 0.9, 0.99]);
    for value in 1..=100 {
        summary.observe(f64::from(value));
    }
    assert_eq!(quantiles(&registry), [(0.5, 50.0), (0.9, 90.0), (0.99, 99.0)]);
}

#[test]
fn summary_forgets_after_ten_minutes_but_keeps_counting() {
    let (registry, seconds) = registry_with_clock();
    let summary = registry.summary("s_seconds", "S.", &[0.5]);
    summary.observe(5.0);
    seconds.store(500, Ordering::Relaxed);
    summary.observe(9.0);
    assert_eq!(quantiles(&registry), [(0.5, 5.0)]);
    seconds.store(700, Ordering::Relaxed);
    assert_eq!(quantiles(&registry), [(0.5, 9.0)]);
    seconds.store(5000, Ordering::Relaxed);
    assert!(quantiles(&registry)[0].1.is_nan());
    assert_eq!((summary.count(), summary.sum()), (2, 14.0));
}

#[test]
fn summary_of_very_many_observations_stays_near_the_truth() {
    let (registry, _) = registry_with_clock();
    let summary = registry.summary("s_seconds", "S.", &[0.5]);
    for value in 0..100_000 {
        summary.observe(f64::from(value));
    }
    let median = quantiles(&registry)[0].1;
    assert!((40_000.0..60_000.0).contains(&median), "median {median}");
}

#[test]
fn computed_values_and_collectors_are_read_at_gathering() {
    let registry = Registry::new();
    registry.gauge_fn("b", "B.", || 2.0);
    registry.counter_fn("c_total", "C.", || 3.0);
    registry.collector(|families| {
        let mut family = families[0].clone();
        family.name = "a".to_owned();
        families.push(family);
    });
    let names: Vec<_> = registry.gather().into_iter().map(|family| family.name).collect();
    assert_eq!(names, ["a", "b", "c_total"]);
}

#[test]
fn process_metrics_describe_this_process() {
    let registry = Registry::new();
    process::register(&registry);
    let families = registry.gather();
    let value =
        |name: &str| match families.iter().find(|family| family.name == name).unwrap().metrics[0].value {
            Value::Gauge(value) | Value::Counter(value) => value,
            _ => f64::NAN,
        };
    assert!(value("process_resident_memory_bytes") > 1e5);
    assert!(value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"));
    assert!(value("process_open_fds") >= 3.0);
    assert!(value("process_max_fds") >= value("process_open_fds"));
    assert!(value("process_start_time_seconds") > 1.6e9);
    assert!(value("process_cpu_seconds_total") >= 0.0);
}

#[test]
fn bucket_rows() {
    assert_eq!(exponential_buckets(1.0, 10.0, 3), [1.0, 10.0, 100.0]);
    assert_eq!(linear_buckets(1.0, 2.0, 3), [1.0, 3.0, 5.0]);
}
