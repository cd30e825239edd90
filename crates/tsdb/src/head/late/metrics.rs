//! Metrics of samples that come out of order.

use telemetry::{Counter, Family, Histogram, Registry};

/// Bounds in seconds of how late samples come.
const DELAYS: [f64; 7] = [600.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0];

/// Typed handles.
#[derive(Debug, Clone)]
pub(crate) struct LateMetrics {
    pub(crate) appended: Family<Counter>,
    pub(crate) too_old: Family<Counter>,
    pub(crate) delay: Histogram,
    pub(crate) replay_unknown_refs: Family<Counter>,
}

impl LateMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        Self {
            appended: registry.counters(
                "prometheus_tsdb_head_out_of_order_samples_appended_total",
                "Total number of appended out of order samples.",
                &["type"],
            ),
            too_old: registry.counters(
                "prometheus_tsdb_too_old_samples_total",
                "Total number of out of order samples ingestion failed attempts with out of support enabled, but sample outside of time window.",
                &["type"],
            ),
            delay: registry.histogram(
                "prometheus_tsdb_sample_ooo_delta",
                "Delta in seconds by which a sample is considered out of order (reported regardless of OOO time window and whether sample is accepted or not).",
                &DELAYS,
            ),
            replay_unknown_refs: registry.counters(
                "prometheus_tsdb_wbl_replay_unknown_refs_total",
                "Total number of unknown series references encountered during WBL replay.",
                &["type"],
            ),
        }
    }
}
