//! Metrics of the OTLP receiver.

use telemetry::{Counter, Registry};

/// The metrics, under the names of the original.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    pub(super) without_metadata: Counter,
    pub(super) out_of_order_exemplars: Counter,
    pub(super) label_collisions: Counter,
}

impl Metrics {
    pub(super) fn new(registry: &Registry) -> Self {
        let warnings = registry.counters(
            "prometheus_api_otlp_translation_warnings_total",
            "The total number of warnings that came up while OTLP metrics were translated.",
            &["category"],
        );
        Self {
            without_metadata: registry.counter(
                "prometheus_api_otlp_appended_samples_without_metadata_total",
                "The total number of samples ingested from OTLP without corresponding metadata.",
            ),
            out_of_order_exemplars: registry.counter(
                "prometheus_api_otlp_out_of_order_exemplars_total",
                "The total number of received OTLP exemplars which were rejected because they were out of order.",
            ),
            label_collisions: warnings.with(&["label_name_collision"]),
        }
    }
}
