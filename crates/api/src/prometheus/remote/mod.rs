//! `/api/v1/write` and `/api/v1/read`: samples from other servers, and samples for them.

pub(crate) mod body;
mod metrics;
pub(crate) mod read;
mod settings;
pub(crate) mod write;

use std::sync::Arc;

use parking_lot::Mutex;
use storage::RawHasher;
use telemetry::Registry;
use tokio::sync::Semaphore;
use wire::remote::Decompressor;

use metrics::Metrics;
pub use settings::{RemoteReadSettings, RemoteWriteSettings, WriteMessage};

/// What requests of both kinds share.
pub(crate) struct Remote {
    metrics: Metrics,
    hasher: RawHasher,
    /// KiB of bodies that may be in memory at once.
    body_room: Arc<Semaphore>,
    /// Requests that are taken apart at once.
    write_turns: Arc<Semaphore>,
    read_turns: Arc<Semaphore>,
    /// Memory of bodies that were taken apart, used again by the next ones.
    decompressors: Mutex<Vec<Decompressor>>,
    /// Memory of requests that were stored, used again by the next ones.
    columns: Mutex<Vec<write::Columns>>,
}

/// The longest body that is read, decompressed.
const BODY_BYTES_MAX: usize = 32 << 20;
/// The longest compressed body: what Snappy may make of [`BODY_BYTES_MAX`] that do not compress.
const COMPRESSED_BYTES_MAX: usize = 32 + BODY_BYTES_MAX + BODY_BYTES_MAX / 6;
/// Compressed bodies that are in memory at once, in KiB.
const BODY_ROOM_KIB: usize = 256 << 10;
/// A decompressor that has grown beyond is not kept.
const KEPT_BYTES_MAX: usize = 8 << 20;
/// The most of each kind that are kept.
const KEPT_MAX: usize = 4;

impl Remote {
    pub(crate) fn new(registry: &Registry, read: &RemoteReadSettings) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let read_turns = read.concurrency_max.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            metrics: Metrics::new(registry),
            hasher: RawHasher::new(),
            body_room: Arc::new(Semaphore::new(BODY_ROOM_KIB)),
            // More than cores: those that wait for the log write it together.
            write_turns: Arc::new(Semaphore::new((4 * cores).max(8))),
            read_turns: Arc::new(Semaphore::new(read_turns)),
            decompressors: Mutex::default(),
            columns: Mutex::default(),
        }
    }

    fn take_decompressor(&self) -> Decompressor {
        self.decompressors.lock().pop().unwrap_or_default()
    }

    fn give_decompressor(&self, decompressor: Decompressor) {
        let mut kept = self.decompressors.lock();
        if decompressor.capacity() <= KEPT_BYTES_MAX && kept.len() < KEPT_MAX {
            kept.push(decompressor);
        }
    }

    fn take_columns(&self) -> write::Columns {
        self.columns.lock().pop().unwrap_or_default()
    }

    fn give_columns(&self, mut columns: write::Columns) {
        columns.clear();
        let mut kept = self.columns.lock();
        if columns.is_modest() && kept.len() < KEPT_MAX {
            kept.push(columns);
        }
    }
}
