//! How the store keeps samples.

use std::time::Duration;

use crate::block::{BlockWriterSettings, SEGMENT_BYTES_MAX};
use crate::blocks::BlocksSettings;
use crate::compaction::{PlanSettings, block_ranges};
use crate::decoded::DecodedLimit;
use crate::retention::RetentionSettings;

/// Room for a compaction of a middling head.
const DISK_RESERVE_BYTES: u64 = 512 << 20;
/// By so much the log grows before another chunk snapshot is worth its cost.
const SNAPSHOT_LOG_BYTES: u64 = 32 << 20;

/// How the store keeps samples; every value has Prometheus's default.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The span of a head chunk range and of the smallest block.
    pub block_duration_min: Duration,
    /// The span of the largest blocks that compaction makes.
    pub block_duration_max: Duration,
    /// At which size the next chunk file of a block is begun.
    pub block_segment_bytes: u64,
    /// Whether blocks that overlap in time are merged.
    pub overlapping_compaction: bool,
    /// How long blocks are kept; `None` for ever.
    pub retention: Option<Duration>,
    /// How much is kept, in bytes; `None` for all.
    pub retention_bytes: Option<u64>,
    /// How much is kept, in percent of the file system; takes the place of `retention_bytes`.
    pub retention_percentage: Option<f64>,
    /// How many samples a chunk is meant to hold.
    pub samples_per_chunk: u32,
    /// Whether start timestamps are kept (feature `st-storage`); floats are then encoded as with `xor2`.
    pub start_timestamps: bool,
    /// Whether floats are encoded as XOR2 (feature `xor2-encoding`).
    pub xor2: bool,
    /// Whether histograms are encoded with start timestamps (feature `histograms-st-encoding`).
    pub histogram_start_timestamps: bool,
    /// How far behind the newest sample of the head samples are still taken; `None` for in-order samples only.
    pub out_of_order_window: Option<Duration>,
    /// The most series that the head holds; more are refused. `None` for no limit but memory's.
    pub series_max: Option<usize>,
    /// From which share of ended series on, among all of the head, these go to blocks before their time; `None`
    /// for never.
    pub stale_series_threshold: Option<f64>,
    /// How the log is written.
    pub wal: wal::Settings,
    /// How many exemplars are kept; `None` keeps none.
    pub exemplars_max: Option<usize>,
    /// Whether metadata is written to the log.
    pub metadata_in_wal: bool,
    /// How much of the disk is left free: below it no samples are taken; at most a twentieth of the file system.
    /// `None` for nothing.
    pub disk_reserve_bytes: Option<u64>,
    /// How much the log grows at least before what is in memory is written down again, in bytes; `None` never
    /// does it, not at a clean stop either.
    pub snapshot_log_bytes: Option<u64>,
    /// How much memory chunks take that queries read again and again.
    pub decoded_chunks: DecodedLimit,
    /// Whether the data directory is locked against other processes.
    pub lock: bool,
}

impl Settings {
    pub(crate) fn chunk_range_ms(&self) -> i64 {
        milliseconds(self.block_duration_min).max(1)
    }

    /// How blocks are kept; of a percentage only the file system knows how much it is.
    pub(crate) fn blocks(&self) -> BlocksSettings {
        let ranges = block_ranges(self.chunk_range_ms(), milliseconds(self.block_duration_max));
        BlocksSettings {
            compaction: PlanSettings { ranges, overlapping: self.overlapping_compaction },
            retention: RetentionSettings {
                duration_ms: self.retention.map(milliseconds),
                bytes: self.retention_bytes,
            },
            writer: BlockWriterSettings { segment_bytes_max: self.block_segment_bytes },
        }
    }

    pub(crate) fn out_of_order_window_ms(&self) -> i64 {
        self.out_of_order_window.map_or(0, milliseconds)
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            block_duration_min: Duration::from_hours(2),
            block_duration_max: Duration::from_hours(36),
            block_segment_bytes: SEGMENT_BYTES_MAX,
            overlapping_compaction: true,
            retention: Some(Duration::from_hours(15 * 24)),
            retention_bytes: None,
            retention_percentage: None,
            samples_per_chunk: 120,
            start_timestamps: false,
            xor2: false,
            histogram_start_timestamps: false,
            out_of_order_window: None,
            series_max: None,
            stale_series_threshold: None,
            wal: wal::Settings::default(),
            exemplars_max: None,
            metadata_in_wal: false,
            disk_reserve_bytes: Some(DISK_RESERVE_BYTES),
            snapshot_log_bytes: Some(SNAPSHOT_LOG_BYTES),
            decoded_chunks: DecodedLimit::default(),
            lock: true,
        }
    }
}
