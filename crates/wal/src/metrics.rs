//! The metrics of a log. The names are those that dashboards know: a prefix for each log of the store.

use std::sync::{Arc, OnceLock};

use telemetry::{Counter, Family, Gauge, Registry, Summary};

use crate::Compression;

/// Counts what a log writes.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) sync_duration: Summary,
    pub(crate) page_flushes: Counter,
    pub(crate) completed_pages: Counter,
    pub(crate) segment_current: Gauge,
    pub(crate) writes_failed: Counter,
    pub(crate) record_parts: Counter,
    pub(crate) record_bytes: Counter,
    saved_bytes: Family<Counter>,
    /// Those of them that were asked for: Snappy's and Zstandard's.
    saved_by: Arc<[OnceLock<Counter>; 2]>,
}

impl Metrics {
    /// Declares the metrics under `prefix`, as in `prometheus_tsdb_wal`.
    pub fn new(registry: &Registry, prefix: &str) -> Self {
        let name = |rest: &str| format!("{prefix}_{rest}");
        Self {
            sync_duration: registry.summary(
                &name("fsync_duration_seconds"),
                "Duration of write log fsync.",
                &[0.5, 0.9, 0.99],
            ),
            page_flushes: registry.counter(&name("page_flushes_total"), "Total number of page flushes."),
            completed_pages: registry
                .counter(&name("completed_pages_total"), "Total number of completed pages."),
            segment_current: registry.gauge(
                &name("segment_current"),
                "Write log segment index that TSDB is currently writing to.",
            ),
            writes_failed: registry
                .counter(&name("writes_failed_total"), "Total number of write log writes that failed."),
            record_parts: registry
                .counter(&name("record_part_writes_total"), "Total number of record parts written."),
            record_bytes: registry.counter(
                &name("record_parts_bytes_written_total"),
                "Total number of record part bytes written, headers included.",
            ),
            saved_bytes: registry.counters(
                &name("record_bytes_saved_total"),
                "Total number of bytes saved by compressing records.",
                &["compression"],
            ),
            saved_by: Arc::default(),
        }
    }

    pub(crate) fn saved(&self, compression: Compression, bytes: u64) {
        let [snappy, zstd] = &*self.saved_by;
        let (kept, name) = match compression {
            Compression::None => return,
            Compression::Snappy => (snappy, "snappy"),
            Compression::Zstd => (zstd, "zstd"),
        };
        kept.get_or_init(|| self.saved_bytes.with(&[name])).add(bytes);
    }
}
