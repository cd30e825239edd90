//! The store's metrics, under the names that dashboards and alerts know.

use telemetry::{Counter, Family, Gauge, Registry};

/// Typed handles of all metrics of the store.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) memory_streams: Family<Gauge>,
    pub(crate) streams_created: Family<Counter>,
    pub(crate) streams_removed: Family<Counter>,
    pub(crate) head_bytes: Gauge,
    pub(crate) duplicate_bytes: Counter,
    pub(crate) flushes_failed: Counter,
    pub(crate) parts_damaged: Gauge,
    pub(crate) parts_expired: Counter,
    pub(crate) merges: Counter,
    pub(crate) deletes_received: Counter,
    pub(crate) deletes_processed: Counter,
    pub(crate) wal: WalMetrics,
    pub(crate) reserve_reached: Gauge,
    pub(crate) reserve_refusals: Counter,
}

/// What is done with the log.
#[derive(Debug, Clone)]
pub(crate) struct WalMetrics {
    pub(crate) logged_records: Counter,
    pub(crate) disk_full: Counter,
    pub(crate) replay_active: Gauge,
    pub(crate) replay_seconds: Gauge,
    pub(crate) corruptions: Counter,
    pub(crate) recovered_streams: Counter,
    pub(crate) recovered_entries: Counter,
    pub(crate) recovered_bytes: Counter,
    pub(crate) duplicate_entries: Counter,
}

impl WalMetrics {
    fn new(registry: &Registry) -> Self {
        let counter = |name: &str, help: &str| registry.counter(&format!("loki_ingester_wal_{name}"), help);
        let gauge = |name: &str, help: &str| registry.gauge(&format!("loki_ingester_wal_{name}"), help);
        Self {
            logged_records: counter("records_logged_total", "Total number of WAL records logged."),
            disk_full: counter(
                "disk_full_failures_total",
                "Total number of wal write failures due to full disk.",
            ),
            replay_active: gauge("replay_active", "Whether the WAL is replaying"),
            replay_seconds: gauge(
                "replay_duration_seconds",
                "Time taken to replay the checkpoint and the WAL.",
            ),
            corruptions: counter("corruptions_total", "Total number of WAL corruptions encountered."),
            recovered_streams: counter(
                "recovered_streams_total",
                "Total number of streams recovered from the WAL.",
            ),
            recovered_entries: counter(
                "recovered_entries_total",
                "Total number of entries recovered from the WAL.",
            ),
            recovered_bytes: counter(
                "recovered_bytes_total",
                "Total number of bytes recovered from the WAL.",
            ),
            duplicate_entries: counter(
                "duplicate_entries_total",
                "Entries discarded during WAL replay due to existing in checkpoints.",
            ),
        }
    }
}

impl Metrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        Self {
            memory_streams: registry.gauges(
                "loki_ingester_memory_streams",
                "The total number of streams in memory per tenant.",
                &["tenant"],
            ),
            streams_created: registry.counters(
                "loki_ingester_streams_created_total",
                "The total number of streams created per tenant.",
                &["tenant"],
            ),
            streams_removed: registry.counters(
                "loki_ingester_streams_removed_total",
                "The total number of streams removed per tenant.",
                &["tenant"],
            ),
            head_bytes: registry
                .gauge("lapwing_logs_head_bytes", "Bytes of entries in memory that are in no part yet."),
            duplicate_bytes: registry.counter(
                "lapwing_logs_duplicate_bytes_total",
                "Bytes of lines that were pushed again and not stored again.",
            ),
            flushes_failed: registry.counter(
                "lapwing_logs_flushes_failed_total",
                "Attempts to write entries in memory to parts that failed.",
            ),
            parts_damaged: registry.gauge(
                "lapwing_logs_parts_damaged",
                "Number of parts that could not be opened and are left out.",
            ),
            parts_expired: registry.counter(
                "lapwing_logs_parts_expired_total",
                "Parts that were removed since their entries were too old or too many.",
            ),
            merges: registry.counter("lapwing_logs_merges_total", "Merges of parts."),
            deletes_received: registry.counter(
                "loki_compactor_delete_requests_received_total",
                "Number of delete requests received per user",
            ),
            deletes_processed: registry.counter(
                "loki_compactor_delete_requests_processed_total",
                "Number of delete requests processed per user",
            ),
            wal: WalMetrics::new(registry),
            reserve_reached: registry.gauge(
                "lapwing_logs_disk_reserve_reached",
                "Whether less of the disk is free than is kept in reserve, so that no log entries are taken.",
            ),
            reserve_refusals: registry.counter(
                "lapwing_logs_disk_reserve_refusals_total",
                "Pushes that were refused since the disk's reserve was reached.",
            ),
        }
    }
}
