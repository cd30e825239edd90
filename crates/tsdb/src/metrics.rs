//! The store's metrics, under the names that dashboards and alerts know.

use std::sync::{Arc, OnceLock};

use telemetry::{Counter, Family, Gauge, Histogram, Registry, exponential_buckets};

use crate::head::{Head, LateMetrics, Memory};

const CLEAN_START_HELP: &str = "-1: lockfile is disabled. 0: a lockfile from a previous execution was replaced. 1: lockfile creation was clean";

/// Typed handles of all metrics of the store.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) clean_start: Gauge,
    pub(crate) disk: DiskMetrics,
    pub(crate) log: LogMetrics,
    pub(crate) compactions_triggered: Counter,
    pub(crate) series: Gauge,
    pub(crate) stale_series: Gauge,
    pub(crate) ended: EndedMetrics,
    pub(crate) turnover: TurnoverMetrics,
    pub(crate) chunks_created: Counter,
    pub(crate) chunks_removed: Counter,
    pub(crate) head_truncations: Counter,
    pub(crate) head_truncations_failed: Counter,
    pub(crate) head_compactions_failed: Counter,
    pub(crate) mmap_chunks: Counter,
    pub(crate) mmap_chunk_corruptions: Counter,
    pub(crate) samples_appended: Family<Counter>,
    /// Those of floats and of histograms, once they were asked for.
    appended_by_kind: Arc<[OnceLock<Counter>; 2]>,
    pub(crate) out_of_order: Family<Counter>,
    pub(crate) out_of_bounds: Family<Counter>,
    pub(crate) active_appenders: Gauge,
    pub(crate) series_not_found: Counter,
    pub(crate) replay_seconds: Gauge,
    pub(crate) replay_unknown_refs: Family<Counter>,
    pub(crate) late: LateMetrics,
    pub(crate) snapshot_errors: Counter,
}

/// What the disk does to the store.
#[derive(Debug, Clone)]
pub(crate) struct DiskMetrics {
    pub(crate) blocks_damaged: Gauge,
    pub(crate) reserve_reached: Gauge,
    pub(crate) reserve_refusals: Counter,
}

impl DiskMetrics {
    fn new(registry: &Registry) -> Self {
        Self {
            blocks_damaged: registry.gauge(
                "lapwing_tsdb_blocks_damaged",
                "Number of blocks that could not be opened and are left out.",
            ),
            reserve_reached: registry.gauge(
                "lapwing_tsdb_disk_reserve_reached",
                "Whether less of the disk is free than is kept in reserve, so that no samples are taken.",
            ),
            reserve_refusals: registry.counter(
                "lapwing_tsdb_disk_reserve_refusals_total",
                "Batches that were refused since the disk's reserve was reached.",
            ),
        }
    }
}

/// Series that come and go.
#[derive(Debug, Clone)]
pub(crate) struct TurnoverMetrics {
    pub(crate) created: Counter,
    pub(crate) removed: Counter,
    pub(crate) refused: Counter,
}

impl TurnoverMetrics {
    fn new(registry: &Registry) -> Self {
        Self {
            created: registry.counter(
                "prometheus_tsdb_head_series_created_total",
                "Total number of series created in the head",
            ),
            removed: registry.counter(
                "prometheus_tsdb_head_series_removed_total",
                "Total number of series removed in the head",
            ),
            refused: registry.counter(
                "lapwing_tsdb_series_refused_total",
                "Requests for new series that were refused since the head has as many as it may have.",
            ),
        }
    }
}

/// What is done to series that have ended, before their time.
#[derive(Debug, Clone)]
pub(crate) struct EndedMetrics {
    pub(crate) compactions: Counter,
    pub(crate) compactions_failed: Counter,
    pub(crate) compaction_seconds: Histogram,
}

impl EndedMetrics {
    fn new(registry: &Registry) -> Self {
        Self {
            compactions: registry.counter(
                "prometheus_tsdb_stale_series_compactions_triggered_total",
                "Total number of triggered stale series compactions.",
            ),
            compactions_failed: registry.counter(
                "prometheus_tsdb_stale_series_compactions_failed_total",
                "Total number of stale series compactions that failed.",
            ),
            compaction_seconds: registry.histogram(
                "prometheus_tsdb_stale_series_compaction_duration_seconds",
                "Duration of stale series compaction runs.",
                &exponential_buckets(1.0, 2.0, 14),
            ),
        }
    }
}

/// What is done to the WAL.
#[derive(Debug, Clone)]
pub(crate) struct LogMetrics {
    pub(crate) truncations: Counter,
    pub(crate) truncations_failed: Counter,
    pub(crate) checkpoints: Counter,
    pub(crate) checkpoints_failed: Counter,
    pub(crate) checkpoint_deletions: Counter,
    pub(crate) checkpoint_deletions_failed: Counter,
    pub(crate) corruptions: Counter,
    pub(crate) reader_corruptions: Counter,
}

impl LogMetrics {
    fn new(registry: &Registry) -> Self {
        let counter = |name: &str, help: &str| registry.counter(&format!("prometheus_tsdb_{name}"), help);
        Self {
            truncations: counter(
                "wal_truncations_total",
                "Total number of write log truncations that were attempted.",
            ),
            truncations_failed: counter(
                "wal_truncations_failed_total",
                "Total number of write log truncations that failed.",
            ),
            checkpoints: counter(
                "checkpoint_creations_total",
                "Total number of checkpoint creations attempted.",
            ),
            checkpoints_failed: counter(
                "checkpoint_creations_failed_total",
                "Total number of checkpoint creations that failed.",
            ),
            checkpoint_deletions: counter(
                "checkpoint_deletions_total",
                "Total number of checkpoint deletions attempted.",
            ),
            checkpoint_deletions_failed: counter(
                "checkpoint_deletions_failed_total",
                "Total number of checkpoint deletions that failed.",
            ),
            corruptions: counter("wal_corruptions_total", "Total number of WAL corruptions."),
            reader_corruptions: counter(
                "wal_reader_corruption_errors_total",
                "Errors encountered when reading the WAL.",
            ),
        }
    }
}

impl Metrics {
    /// Counts appended samples: floats and histograms.
    pub(crate) fn note_appended(&self, counts: [u64; 2]) {
        for ((kept, kind), count) in self.appended_by_kind.iter().zip(["float", "histogram"]).zip(counts) {
            if count > 0 {
                kept.get_or_init(|| self.samples_appended.with(&[kind])).add(count);
            }
        }
    }

    pub(crate) fn new(registry: &Registry) -> Self {
        let counter = |name: &str, help: &str| registry.counter(&format!("prometheus_tsdb_{name}"), help);
        let gauge = |name: &str, help: &str| registry.gauge(&format!("prometheus_tsdb_{name}"), help);
        let by_type =
            |name: &str, help: &str| registry.counters(&format!("prometheus_tsdb_{name}"), help, &["type"]);
        Self {
            clean_start: gauge("clean_start", CLEAN_START_HELP),
            disk: DiskMetrics::new(registry),
            log: LogMetrics::new(registry),
            compactions_triggered: counter(
                "compactions_triggered_total",
                "Total number of triggered compactions for the partition.",
            ),
            series: gauge("head_series", "Total number of series in the head block."),
            stale_series: gauge("head_stale_series", "Total number of stale series in the head block."),
            ended: EndedMetrics::new(registry),
            turnover: TurnoverMetrics::new(registry),
            chunks_created: counter(
                "head_chunks_created_total",
                "Total number of chunks created in the head",
            ),
            chunks_removed: counter(
                "head_chunks_removed_total",
                "Total number of chunks removed in the head",
            ),
            head_truncations: counter(
                "head_truncations_total",
                "Total number of head truncations attempted.",
            ),
            head_truncations_failed: counter(
                "head_truncations_failed_total",
                "Total number of head truncations that failed.",
            ),
            head_compactions_failed: counter(
                "compactions_failed_total",
                "Total number of compactions that failed for the partition.",
            ),
            mmap_chunks: counter("mmap_chunks_total", "Total number of chunks that were memory-mapped."),
            mmap_chunk_corruptions: counter(
                "mmap_chunk_corruptions_total",
                "Total number of memory-mapped chunk corruptions.",
            ),
            samples_appended: by_type("head_samples_appended_total", "Total number of appended samples."),
            appended_by_kind: Arc::default(),
            out_of_order: by_type(
                "out_of_order_samples_total",
                "Total number of out of order samples ingestion failed attempts due to out of order being disabled.",
            ),
            out_of_bounds: by_type(
                "out_of_bound_samples_total",
                "Total number of out of bound samples ingestion failed attempts with out of order support disabled.",
            ),
            active_appenders: gauge(
                "head_active_appenders",
                "Number of currently active appender transactions",
            ),
            series_not_found: counter(
                "head_series_not_found_total",
                "Total number of requests for series that were not found.",
            ),
            replay_seconds: gauge("data_replay_duration_seconds", "Time taken to replay the data on disk."),
            replay_unknown_refs: by_type(
                "wal_replay_unknown_refs_total",
                "Total number of unknown series references encountered during WAL replay.",
            ),
            snapshot_errors: counter(
                "snapshot_replay_error_total",
                "Total number snapshot replays that failed.",
            ),
            late: LateMetrics::new(registry),
        }
    }
}

/// Declares the gauges that are computed when they are asked for.
pub(crate) fn register_computed(registry: &Registry, head: &Arc<Head>) {
    let gauge = |name: &str, help: &str, value: fn(&Memory) -> f64| {
        let head = Arc::downgrade(head);
        let value = move || head.upgrade().map_or(0.0, |head| value(&head.memory));
        registry.gauge_fn(&format!("prometheus_tsdb_{name}"), help, value);
    };
    gauge("head_chunks", "Total number of chunks in the head block.", |head| head.chunk_count() as f64);
    gauge(
        "head_min_time",
        "Minimum time bound of the head block. The unit is decided by the library consumer.",
        |head| head.min_time() as f64,
    );
    gauge("head_min_time_seconds", "Minimum time bound of the head block.", |head| {
        (head.min_time() / 1000) as f64
    });
    gauge(
        "head_max_time",
        "Maximum timestamp of the head block. The unit is decided by the library consumer.",
        |head| head.max_time() as f64,
    );
    gauge("head_max_time_seconds", "Maximum timestamp of the head block.", |head| {
        (head.max_time() / 1000) as f64
    });
    gauge("isolation_low_watermark", "The lowest TSDB append ID that is still referenced.", |head| {
        head.isolation.low_watermark() as f64
    });
    gauge("isolation_high_watermark", "The highest TSDB append ID that has been given out.", |head| {
        head.isolation.high_watermark() as f64
    });
    let own = |name: &str, help: &str, value: fn(&Memory) -> f64| {
        let head = Arc::downgrade(head);
        registry.gauge_fn(name, help, move || head.upgrade().map_or(0.0, |head| value(&head.memory)));
    };
    own(
        "lapwing_tsdb_raw_label_entries",
        "Series that are found by the labels as their senders write them.",
        |head| head.raw.count() as f64,
    );
    own("lapwing_tsdb_raw_label_bytes", "Memory of the table of these series.", |head| {
        head.raw.heap_bytes() as f64
    });
}
