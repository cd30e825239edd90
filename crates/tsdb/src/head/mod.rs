//! The samples that are still in memory, and the log that keeps them.

mod appender;
mod apply;
mod batch;
mod chunk;
mod chunk_buffer;
mod commit;
mod compact;
mod copy;
mod deleted;
mod ended;
mod files;
mod filing;
mod isolation;
mod kinds;
mod labels;
mod late;
mod memory;
mod pages;
mod querier;
mod raw;
mod read;
mod recovered;
mod series;
mod sessions;
mod set;
mod snapshot;
mod stats;
mod truncate;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use wal::GroupLog;

pub(crate) use appender::HeadAppender;
pub(crate) use apply::{Applied, apply_floats, apply_histograms};
pub(crate) use chunk::{ChunkShape, FullChunk, OpenChunk};
pub(crate) use compact::{Origin, Target};
pub(crate) use ended::Ended;
pub(crate) use files::entry;
pub(crate) use files::{ChunkFiles, FileChunk, Loaded};
pub(crate) use kinds::HeadHistogram;
pub(crate) use late::{Ambiguous, LateLog, LateMetrics, LateParts, LateReplay, LateSpan};
pub(crate) use memory::Memory;
pub(crate) use querier::{HeadQuerier, HeadRange};
pub(crate) use recovered::RecoveredSeries;
pub(crate) use sessions::Barrier;
pub(crate) use snapshot::{LAST_HEARD, Restored, SnapshotReader, Unusable, remove_unfinished, snapshots};
pub use stats::{HeadStats, TopEntry};

use crate::Error;
use commit::Buffers;

/// The head: what is in memory, and its log.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) memory: Memory,
    pub(crate) log: GroupLog,
    /// Of what came out of order.
    pub(crate) late: LateLog,
    /// What the log works with, and where it stands: checkpoints are written beside it.
    log_parts: wal::Parts,
    log_folder: PathBuf,
    /// Memory of finished batches, used again by the next ones.
    buffers: Mutex<Vec<Buffers>>,
}

/// Finished batches whose memory is kept.
const BUFFERS_KEPT: usize = 16;

impl Head {
    /// Opens the log behind what was read of it into `memory`.
    pub(crate) fn open(
        memory: Memory,
        log_parts: wal::Parts,
        log_folder: &Path,
        late: LateLog,
    ) -> Result<Arc<Self>, Error> {
        let log = GroupLog::open(log_parts.clone(), log_folder, memory.settings().wal.clone())?;
        let log_folder = log_folder.to_owned();
        Ok(Arc::new(Self { memory, log, late, log_parts, log_folder, buffers: Mutex::default() }))
    }

    fn take_buffers(&self) -> Buffers {
        self.buffers.lock().pop().unwrap_or_default()
    }

    fn give_buffers(&self, mut buffers: Buffers) {
        buffers.clear();
        let mut kept = self.buffers.lock();
        if kept.len() < BUFFERS_KEPT && buffers.is_modest() {
            kept.push(buffers);
        }
    }
}
