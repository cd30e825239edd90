//! How the store keeps entries.

use std::collections::HashMap;
use std::time::Duration;

use crate::Retention;

/// How much raw text and bookkeeping the head holds before it is written down.
const HEAD_BYTES_MAX: usize = 64 << 20;
/// Merged parts are written within seconds.
const PART_BYTES_MAX: u64 = 512 << 20;
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
    /// The level of Zstandard for parts that are written from memory: quick.
    pub flush_level: i32,
    /// The level of Zstandard for merged parts: small.
    pub merge_level: i32,
    /// A block of a part ends at so much text, at most 16 MiB.
    pub block_bytes_max: usize,
    /// Blocks of less text are compressed together with their neighbours until it is so much, at most 1 MiB.
    pub frame_bytes_min: usize,
    /// How long a stream counts as active after its last entry has left memory.
    pub stream_idle: Duration,
    /// A merged part has at most about so many bytes.
    pub part_bytes_max: u64,
    /// How long entries are kept of tenants that have no rule of their own.
    pub retention: Retention,
    /// How long entries are kept of these tenants.
    pub tenant_retention: HashMap<String, Retention>,
    /// How much is kept in parts of all tenants, in bytes: what is oldest goes first. `None` for all.
    pub retention_bytes: Option<u64>,
    /// How much of the disk is to be free: what is oldest goes until it is. `None` for nothing.
    pub retention_free_bytes: Option<u64>,
    /// How long a delete request can be taken back before its rows leave the parts.
    pub delete_cancel_period: Duration,
    /// What becomes of deleted rows, of tenants that have no rule of their own.
    pub delete_mode: DeleteMode,
    /// The same for these tenants.
    pub tenant_delete_modes: HashMap<String, DeleteMode>,
    /// How much of the disk is left free: below it no entries are taken; at most a twentieth of the file system.
    /// `None` for nothing.
    pub disk_reserve_bytes: Option<u64>,
    /// Whether the folder is locked against other processes.
    pub lock: bool,
}

impl Settings {
    /// Places in the text of a stream are 32-bit numbers, and a push may be as large again.
    const HEAD_BYTES_LIMIT: usize = 1 << 30;

    pub(crate) fn head_bytes_max(&self) -> usize {
        self.head_bytes_max.clamp(1, Self::HEAD_BYTES_LIMIT)
    }

    /// What becomes of deleted rows of a tenant.
    pub(crate) fn delete_mode(&self, tenant: &str) -> DeleteMode {
        self.tenant_delete_modes.get(tenant).copied().unwrap_or(self.delete_mode)
    }
}

/// What becomes of the rows that delete requests name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeleteMode {
    /// Nothing: they are seen, and stay. The requests are kept, and hold again in another mode.
    Ignore,
    /// They are hidden, and stay in the parts.
    Hide,
    /// They are hidden, and leave the parts.
    #[default]
    Remove,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // To make the log small takes as long as all else that a push does, and it is gone when its entries are in parts.
            wal: wal::Settings { compression: wal::Compression::None, ..wal::Settings::default() },
            head_bytes_max: HEAD_BYTES_MAX,
            head_age_max: Duration::from_hours(1),
            flush_level: 1,
            merge_level: 3,
            block_bytes_max: 2 << 20,
            frame_bytes_min: 512 << 10,
            stream_idle: Duration::from_hours(1),
            part_bytes_max: PART_BYTES_MAX,
            retention: Retention::default(),
            tenant_retention: HashMap::new(),
            retention_bytes: None,
            retention_free_bytes: None,
            delete_cancel_period: Duration::from_hours(24),
            delete_mode: DeleteMode::default(),
            tenant_delete_modes: HashMap::new(),
            disk_reserve_bytes: Some(DISK_RESERVE_BYTES),
            lock: true,
        }
    }
}
