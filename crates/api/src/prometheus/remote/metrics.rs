//! Metrics of the remote endpoints.

use telemetry::{Counter, Gauge, Registry};

/// The metrics, under the names that dashboards know.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    pub(super) invalid_labels: Counter,
    pub(super) without_metadata: Counter,
    pub(super) read_queries: Gauge,
}

impl Metrics {
    pub(super) fn new(registry: &Registry) -> Self {
        Self {
            invalid_labels: registry.counter(
                "prometheus_api_remote_write_invalid_labels_samples_total",
                "The total number of received remote write samples and histogram samples which were rejected due to invalid labels.",
            ),
            without_metadata: registry.counter(
                "prometheus_api_remote_write_without_metadata_appended_samples_total",
                "The total number of received remote write samples (and histogram samples) which were ingested without corresponding metadata.",
            ),
            read_queries: registry.gauge(
                "prometheus_remote_read_handler_queries",
                "The current number of remote read queries that are either in execution or queued on the handler.",
            ),
        }
    }
}
