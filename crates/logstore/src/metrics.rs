//! The store's metrics, under the names that dashboards and alerts know.

mod chunks;
mod compactor;

use std::time::Duration;

use telemetry::{Counter, Family, Gauge, Histogram, Registry};

use chunks::ChunkMetrics;
use compactor::CompactorMetrics;
pub(crate) use compactor::OperationMetrics;

/// Typed handles of all metrics of the store.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) memory_streams: Family<Gauge>,
    pub(crate) streams_created: Family<Counter>,
    pub(crate) streams_removed: Family<Counter>,
    pub(crate) head_bytes: Gauge,
    pub(crate) memory_chunks: Gauge,
    pub(crate) duplicate_bytes: Family<Counter>,
    pub(crate) chunks: ChunkMetrics,
    pub(crate) compactor: CompactorMetrics,
    checkpoints: CheckpointMetrics,
    pub(crate) flushes_failed: Counter,
    pub(crate) parts_damaged: Gauge,
    pub(crate) parts_expired: Counter,
    pub(crate) merges: Counter,
    pub(crate) wal: WalMetrics,
    pub(crate) reserve_reached: Gauge,
    pub(crate) reserve_refusals: Counter,
}

/// What is done with the log.
#[derive(Debug, Clone)]
pub(crate) struct WalMetrics {
    pub(crate) logged_records: Counter,
    pub(crate) logged_bytes: Counter,
    disk_usage: Gauge,
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
        // What is read at a start goes to memory at once: nothing is in use on the way, or written down meanwhile.
        gauge("bytes_in_use", "Total number of bytes in use by the WAL recovery process.");
        gauge("replay_flushing", "Whether the wal replay is in a flushing phase due to backpressure");
        counter("recovered_chunks_total", "Total number of chunks recovered from the WAL checkpoints.");
        counter("discarded_samples_total", "WAL segment entries discarded during replay.");
        Self {
            logged_bytes: counter(
                "logged_bytes_total",
                "Total number of bytes written to disk for WAL records.",
            ),
            disk_usage: gauge("disk_usage_percent", "Current disk usage percentage (0.0 to 1.0)"),
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

impl WalMetrics {
    /// How much of the disk is in use.
    pub(crate) fn disk_usage(&self, total: u64, available: u64) {
        self.disk_usage.set(1.0 - available as f64 / total.max(1) as f64);
    }
}

/// Writing the head to parts does here what a checkpoint of the log does in Loki: what it holds is needed no more.
#[derive(Debug, Clone)]
struct CheckpointMetrics {
    made: Counter,
    failed: Counter,
    removed: Counter,
    seconds: Histogram,
}

impl CheckpointMetrics {
    fn new(registry: &Registry) -> Self {
        let name = |name: &str| format!("loki_ingester_checkpoint_{name}");
        registry
            .counter(&name("deletions_failed_total"), "Total number of checkpoint deletions that failed.");
        Self {
            made: registry
                .counter(&name("creations_total"), "Total number of checkpoint creations attempted."),
            failed: registry.counter(
                &name("creations_failed_total"),
                "Total number of checkpoint creations that failed.",
            ),
            removed: registry
                .counter(&name("deletions_total"), "Total number of checkpoint deletions attempted."),
            seconds: registry.histogram(
                &name("duration_seconds"),
                "Time taken to create a checkpoint.",
                &[0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0],
            ),
        }
    }
}

impl Metrics {
    /// The head was written to parts, or could not be.
    pub(crate) fn flushed(&self, is_well: bool, took: Duration) {
        let CheckpointMetrics { made, failed, removed, seconds } = &self.checkpoints;
        made.inc();
        if is_well {
            removed.inc()
        } else {
            failed.inc()
        }
        seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn new(registry: &Registry) -> Self {
        // Whoever fills the head writes it down: nothing waits for that.
        registry.gauge(
            "loki_ingester_flush_queue_length",
            "The total number of series pending in the flush queue.",
        );
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
            memory_chunks: registry
                .gauge("loki_ingester_memory_chunks", "The total number of chunks in memory."),
            duplicate_bytes: registry.counters(
                "loki_duplicate_log_bytes_total",
                "Bytes of lines that were pushed again and not stored again.",
                &["tenant"],
            ),
            chunks: ChunkMetrics::new(registry),
            compactor: CompactorMetrics::new(registry),
            checkpoints: CheckpointMetrics::new(registry),
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
