//! How the store keeps entries.

use std::time::Duration;

/// How much raw text and bookkeeping the head holds before it is written down.
const HEAD_BYTES_MAX: usize = 64 << 20;
/// Room for what makes room: merging and rewriting.
const DISK_RESERVE_BYTES: u64 = 512 << 20;

/// How the store keeps entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How the log of what was pushed is written.
    pub wal: wal::Settings,
    /// How many bytes of entries are in memory before they are written to parts; at most 1 GiB.
    pub head_bytes_max: usize,
    /// How long entries are in memory alone before they are written to parts.
    pub head_age_max: Duration,
    /// How long a stream counts as active after its last entry has left memory.
    pub stream_idle: Duration,
    /// How much of the disk is left free: below it no entries are taken; at most a twentieth of the file system.
    /// `None` for nothing.
    pub disk_reserve_bytes: Option<u64>,
    /// Whether the folder is locked against other processes.
    pub lock: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            wal: wal::Settings::default(),
            head_bytes_max: HEAD_BYTES_MAX,
            head_age_max: Duration::from_hours(1),
            stream_idle: Duration::from_hours(1),
            disk_reserve_bytes: Some(DISK_RESERVE_BYTES),
            lock: true,
        }
    }
}
