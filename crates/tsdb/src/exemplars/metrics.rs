//! The metrics of the exemplars.

use std::sync::Arc;

use telemetry::{Counter, Registry};

use super::Exemplars;
use super::ring::Ring;

/// Typed handles of what is counted.
#[derive(Debug)]
pub(super) struct ExemplarMetrics {
    pub(super) appended: Counter,
    pub(super) out_of_order: Counter,
}

impl ExemplarMetrics {
    pub(super) fn new(registry: &Registry) -> Self {
        let counter =
            |name: &str, help: &str| registry.counter(&format!("prometheus_tsdb_exemplar_{name}"), help);
        Self {
            appended: counter("exemplars_appended_total", "Total number of appended exemplars."),
            out_of_order: counter(
                "out_of_order_exemplars_total",
                "Total number of out of order exemplar ingestion failed attempts.",
            ),
        }
    }
}

/// Declares the gauges that are computed when they are asked for.
pub(super) fn register_computed(registry: &Registry, exemplars: &Arc<Exemplars>) {
    let gauge = |name: &str, help: &str, value: fn(&Ring) -> f64| {
        let exemplars = Arc::downgrade(exemplars);
        let value = move || exemplars.upgrade().map_or(0.0, |exemplars| value(&exemplars.ring.read()));
        registry.gauge_fn(&format!("prometheus_tsdb_exemplar_{name}"), help, value);
    };
    gauge("exemplars_in_storage", "Number of exemplars currently in circular storage.", |ring| {
        ring.len() as f64
    });
    gauge(
        "series_with_exemplars_in_storage",
        "Number of series with exemplars currently in circular storage.",
        |ring| ring.series_count() as f64,
    );
    gauge(
        "last_exemplars_timestamp_seconds",
        "The timestamp of the oldest exemplar stored in circular storage. Useful to check for what timerange the current exemplar buffer limit allows. This usually means the last timestampfor all exemplars for a typical setup. This is not true though if one of the series timestamp is in future compared to rest series.",
        |ring| ring.oldest_time().unwrap_or(0) as f64 / 1000.0,
    );
    gauge("max_exemplars", "Total number of exemplars the exemplar storage can store, resizeable.", |ring| {
        ring.capacity() as f64
    });
}
