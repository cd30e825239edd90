//! How a log is written.

use std::time::Duration;

use crate::Compression;
use crate::frame::PAGE_BYTES;

/// When written records are made safe against a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncMode {
    /// Before a commit returns.
    Always,
    /// So often, by whoever calls [`crate::GroupLog::sync`].
    Interval(Duration),
}

/// How a log is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// At which size the next segment is begun; a multiple of the page size.
    pub segment_bytes: u64,
    /// How records are compressed.
    pub compression: Compression,
    /// When they are synced.
    pub sync: SyncMode,
}

impl Settings {
    /// The segment size that Prometheus uses.
    pub const SEGMENT_BYTES: u64 = 128 * 1024 * 1024;

    /// The segment size rounded up to whole pages, at least one.
    pub(crate) fn segment_bytes(&self) -> u64 {
        self.segment_bytes.max(1).next_multiple_of(PAGE_BYTES as u64)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            segment_bytes: Self::SEGMENT_BYTES,
            compression: Compression::Snappy,
            sync: SyncMode::Interval(Duration::from_secs(1)),
        }
    }
}
