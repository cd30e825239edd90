//! Blocks that are written from memory, under the names that Loki gives its chunks.

use std::time::Duration;

use telemetry::{Counter, Family, Histogram, Registry, exponential_buckets, linear_buckets};

use crate::flush::FlushReason;
use crate::part::Part;

const HOUR: f64 = 3_600e9;

/// What is written from memory; a block counts as a chunk.
#[derive(Debug, Clone)]
pub(crate) struct ChunkMetrics {
    flushed: Family<Counter>,
    created: Counter,
    age_seconds: Histogram,
    bounds_hours: Histogram,
    entries: Histogram,
    size_bytes: Histogram,
    utilization: Histogram,
    compression_ratio: Histogram,
    encode_seconds: Histogram,
    index_entries: Histogram,
}

impl ChunkMetrics {
    pub(super) fn new(registry: &Registry) -> Self {
        let histogram = |name: &str, help: &str, buckets: &[f64]| {
            registry.histogram(&format!("loki_ingester_chunk_{name}"), help, buckets)
        };
        let ages = [60.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 36_000.0, 43_200.0, 57_600.0];
        // Chunks are cut by nothing else here, and none is written twice.
        registry
            .counter("loki_chunk_store_deduped_chunks_total", "Count of chunks which were not stored twice.");
        Self {
            flushed: registry.counters(
                "loki_ingester_chunks_flushed_total",
                "Total flushed chunks per reason.",
                &["reason"],
            ),
            created: registry
                .counter("loki_ingester_chunks_created_total", "The total number of chunks created."),
            age_seconds: histogram("age_seconds", "Age of a chunk's first entry when it is written.", &ages),
            bounds_hours: histogram(
                "bounds_hours",
                "Hours between the first and the last entry of a chunk.",
                &linear_buckets(1.0, 1.0, 8),
            ),
            entries: histogram(
                "entries",
                "Entries of a chunk when it is written.",
                &exponential_buckets(20.0, 4.0, 9),
            ),
            size_bytes: histogram(
                "size_bytes",
                "Bytes of a chunk as it is stored.",
                &exponential_buckets(2_000.0, 2.0, 12),
            ),
            utilization: histogram(
                "utilization",
                "What part of the largest chunk a chunk is when it is written.",
                &linear_buckets(0.0, 0.2, 6),
            ),
            compression_ratio: histogram(
                "compression_ratio",
                "How many times larger what is written is before it is compressed.",
                &linear_buckets(0.75, 2.0, 15),
            ),
            encode_seconds: histogram(
                "encode_time_seconds",
                "How long it takes to encode what is written at once.",
                &exponential_buckets(0.01, 4.0, 6),
            ),
            index_entries: registry.histogram(
                "loki_chunk_store_index_entries_per_chunk",
                "Entries of the index for a chunk.",
                &exponential_buckets(1.0, 2.0, 5),
            ),
        }
    }

    /// A part was written, at `now` in nanoseconds; its largest block may have `block_bytes_max` of text.
    pub(crate) fn written(&self, part: &Part, reason: FlushReason, now: i64, block_bytes_max: usize) {
        let blocks = &part.index.blocks;
        self.flushed.with(&[reason.as_str()]).add(blocks.len() as u64);
        self.created.add(blocks.len() as u64);
        let text =
            blocks.iter().map(|block| block.line_bytes + block.metadata_bytes).sum::<u64>().max(1) as f64;
        self.compression_ratio.observe(text / part.bytes.max(1) as f64);
        for block in blocks {
            let own = (block.line_bytes + block.metadata_bytes) as f64;
            self.age_seconds.observe(now.saturating_sub(block.start).max(0) as f64 / 1e9);
            self.bounds_hours.observe(block.end.saturating_sub(block.start) as f64 / HOUR);
            self.entries.observe(f64::from(block.rows));
            self.size_bytes.observe(part.bytes as f64 * own / text);
            self.utilization.observe(own / block_bytes_max.max(1) as f64);
            self.index_entries.observe(1.0);
        }
    }

    /// Parts were written at once, in so much time.
    pub(crate) fn encoded(&self, took: Duration) {
        self.encode_seconds.observe(took.as_secs_f64());
    }
}
