//! How the store keeps samples.

use std::time::Duration;

/// How the store keeps samples; every value has Prometheus's default.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The span of a head chunk range and of the smallest block.
    pub block_duration_min: Duration,
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
    /// How the log is written.
    pub wal: wal::Settings,
    /// Whether metadata is written to the log.
    pub metadata_in_wal: bool,
    /// Whether the data directory is locked against other processes.
    pub lock: bool,
}

impl Settings {
    pub(crate) fn chunk_range_ms(&self) -> i64 {
        i64::try_from(self.block_duration_min.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    pub(crate) fn out_of_order_window_ms(&self) -> i64 {
        let window = self.out_of_order_window.unwrap_or_default();
        i64::try_from(window.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            block_duration_min: Duration::from_hours(2),
            samples_per_chunk: 120,
            start_timestamps: false,
            xor2: false,
            histogram_start_timestamps: false,
            out_of_order_window: None,
            series_max: None,
            wal: wal::Settings::default(),
            metadata_in_wal: false,
            lock: true,
        }
    }
}
