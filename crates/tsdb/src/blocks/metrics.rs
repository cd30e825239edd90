//! The blocks' metrics, under the names that dashboards and alerts know.

use std::sync::Arc;

use telemetry::{Counter, DEFAULT_BUCKETS, Gauge, Histogram, Registry, exponential_buckets};

use crate::block::Block;

/// Typed handles of the blocks' metrics.
#[derive(Debug)]
pub(super) struct BlockMetrics {
    pub(super) reloads: Counter,
    pub(super) reloads_failed: Counter,
    pub(super) compactions: Counter,
    pub(super) compactions_failed: Counter,
    pub(super) vertical_compactions: Counter,
    pub(super) populating: Gauge,
    pub(super) compaction_seconds: Histogram,
    pub(super) tombstone_cleanup_seconds: Histogram,
    pub(super) time_retentions: Counter,
    pub(super) size_retentions: Counter,
    loaded: Gauge,
    bytes: Gauge,
    symbol_bytes: Gauge,
}

impl BlockMetrics {
    pub(super) fn new(registry: &Registry) -> Self {
        let counter = |name: &str, help: &str| registry.counter(&format!("prometheus_tsdb_{name}"), help);
        let gauge = |name: &str, help: &str| registry.gauge(&format!("prometheus_tsdb_{name}"), help);
        let histogram = |name: &str, help: &str, bounds: &[f64]| {
            registry.histogram(&format!("prometheus_tsdb_{name}"), help, bounds)
        };
        Self {
            reloads: counter("reloads_total", "Number of times the database reloaded block data from disk."),
            reloads_failed: counter(
                "reloads_failures_total",
                "Number of times the database failed to reloadBlocks block data from disk.",
            ),
            compactions: counter(
                "compactions_total",
                "Total number of compactions that were executed for the partition.",
            ),
            compactions_failed: counter(
                "compactions_failed_total",
                "Total number of compactions that failed for the partition.",
            ),
            vertical_compactions: counter(
                "vertical_compactions_total",
                "Total number of compactions done on overlapping blocks.",
            ),
            populating: gauge(
                "compaction_populating_block",
                "Set to 1 when a block is currently being written to the disk.",
            ),
            compaction_seconds: histogram(
                "compaction_duration_seconds",
                "Duration of compaction runs",
                &exponential_buckets(1.0, 2.0, 14),
            ),
            tombstone_cleanup_seconds: histogram(
                "tombstone_cleanup_seconds",
                "The time taken to recompact blocks to remove tombstones.",
                &DEFAULT_BUCKETS,
            ),
            time_retentions: counter(
                "time_retentions_total",
                "The number of times that blocks were deleted because the maximum time limit was exceeded.",
            ),
            size_retentions: counter(
                "size_retentions_total",
                "The number of times that blocks were deleted because the maximum number of bytes was exceeded.",
            ),
            loaded: gauge("blocks_loaded", "Number of currently loaded data blocks"),
            bytes: gauge(
                "storage_blocks_bytes",
                "The number of bytes that are currently used for local storage by all blocks.",
            ),
            symbol_bytes: gauge(
                "symbol_table_size_bytes",
                "Size of symbol table in memory for loaded blocks",
            ),
        }
    }

    /// Shows the figures of the open blocks.
    pub(super) fn show(&self, open: &[Arc<Block>]) {
        self.loaded.set(open.len() as f64);
        self.bytes.set(open.iter().map(|block| block.bytes()).sum::<u64>() as f64);
        self.symbol_bytes.set(open.iter().map(|block| block.heap_bytes()).sum::<usize>() as f64);
    }
}
