//! All blocks of a data directory: opened, asked, compacted, deleted from, removed when they are too old.
//!
//! Nothing here has a thread of its own. [`Blocks::reload`] looks at the folder, [`Blocks::compact_next`] does one
//! compaction; both are to be called from time to time, and by one caller after another.

mod change;
mod folder;
mod metrics;
mod query;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use platform::{Clock, FileSystem, MemoryBudget};
use telemetry::Registry;
use tracing::{error, info, warn};

use crate::Error;
use crate::block::{Block, BlockMeta, BlockWriterSettings, Selections, Ulid};
use crate::compaction::PlanSettings;
use crate::decoded::DecodedChunks;
use crate::retention::{self, Removals, RetentionSettings, Sized};
pub use folder::DamagedBlock;
use metrics::BlockMetrics;

/// How blocks are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlocksSettings {
    /// How they grow.
    pub compaction: PlanSettings,
    /// How long, and how much of it, they are kept.
    pub retention: RetentionSettings,
    /// How they are written.
    pub writer: BlockWriterSettings,
}

/// The blocks of a data directory.
#[derive(Debug)]
pub struct Blocks {
    fs: Arc<dyn FileSystem>,
    clock: Arc<dyn Clock>,
    path: PathBuf,
    settings: RwLock<BlocksSettings>,
    /// Sorted by their first time.
    open: RwLock<Arc<Vec<Arc<Block>>>>,
    /// Blocks that do not open, by folder.
    damaged: RwLock<BTreeMap<String, DamagedBlock>>,
    /// Held by whoever changes the folder.
    changing: Mutex<()>,
    metrics: Arc<BlockMetrics>,
    /// What queries found in the blocks.
    selections: Arc<Selections>,
    /// What they decoded.
    decoded: Option<Arc<DecodedChunks>>,
}

impl Blocks {
    /// Opens the blocks in `path`, and removes what earlier processes left unfinished there.
    ///
    /// A block that is damaged is set aside under another name and told by [`Blocks::damaged`].
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be read.
    pub fn open(
        fs: Arc<dyn FileSystem>,
        clock: Arc<dyn Clock>,
        registry: &Registry,
        path: &Path,
        settings: BlocksSettings,
        memory: &Arc<MemoryBudget>,
    ) -> Result<Self, Error> {
        let metrics = BlockMetrics::new(registry);
        let blocks = Self {
            fs,
            clock,
            path: path.to_owned(),
            settings: RwLock::new(settings),
            open: RwLock::default(),
            damaged: RwLock::default(),
            changing: Mutex::new(()),
            metrics: Arc::new(metrics),
            selections: Selections::new(registry, memory),
            decoded: None,
        };
        folder::remove_leftovers(&*blocks.fs, path)?;
        blocks.reload(0)?;
        Ok(blocks)
    }

    /// Changes how blocks are kept; it takes effect with the next compaction or reload.
    pub fn apply(&self, settings: BlocksSettings) {
        *self.settings.write() = settings;
    }

    /// Has queries keep what they decode, and ask first for what others did.
    pub(crate) fn with_decoded(self, decoded: Option<Arc<DecodedChunks>>) -> Self {
        Self { decoded, ..self }
    }

    /// Lets go of what queries found and decoded where memory is short.
    pub(crate) fn shrink_caches(&self) {
        self.selections.shrink();
        if let Some(decoded) = &self.decoded {
            decoded.shrink();
        }
    }

    /// Lets go of what queries decoded and none reads any more; to be called once a minute.
    pub(crate) fn age_caches(&self) {
        if let Some(decoded) = &self.decoded {
            decoded.age();
        }
    }

    /// The open blocks, by their first time.
    pub fn all(&self) -> Arc<Vec<Arc<Block>>> {
        Arc::clone(&self.open.read())
    }

    /// Blocks that do not open.
    pub fn damaged(&self) -> Vec<DamagedBlock> {
        self.damaged.read().values().cloned().collect()
    }

    /// What the open blocks are.
    pub fn metas(&self) -> Vec<BlockMeta> {
        self.all().iter().map(|block| block.meta()).collect()
    }

    /// Where the newest block ends (exclusive); `None` without any. Blocks of a part of the head's samples do not
    /// count, those of late samples or of ended series: other samples of their time may still come.
    pub fn max_time(&self) -> Option<i64> {
        let whole = self.metas().into_iter().filter(|meta| !meta.is_of_a_part());
        whole.map(|meta| meta.max_time).max()
    }

    /// Where the oldest block begins; `None` without any.
    pub fn min_time(&self) -> Option<i64> {
        self.all().first().map(|block| block.meta().min_time)
    }

    /// Length of all files of all blocks.
    pub fn bytes(&self) -> u64 {
        self.all().iter().map(|block| block.bytes()).sum()
    }

    /// Looks at the folder: opens new blocks, and removes those that others replace, or that are too old or too
    /// much. `other_bytes` is what log and head take.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be read; the blocks then stay as they were.
    pub fn reload(&self, other_bytes: u64) -> Result<(), Error> {
        let _one_at_a_time = self.changing.lock();
        self.reload_locked(other_bytes)
    }

    fn reload_locked(&self, other_bytes: u64) -> Result<(), Error> {
        self.metrics.reloads.inc();
        let known: BTreeMap<Ulid, Arc<Block>> =
            self.all().iter().map(|block| (block.meta().ulid, Arc::clone(block))).collect();
        let found = folder::open_all(&self.fs, &self.path, &known)
            .inspect_err(|_| self.metrics.reloads_failed.inc())?;
        self.set_damaged(found.damaged, &found.open);
        let sized: Vec<Sized> =
            found.open.iter().map(|block| Sized { meta: block.meta(), bytes: block.bytes() }).collect();
        let removals = retention::plan(&sized, other_bytes, self.settings.read().retention);
        let (removed, mut open): (Vec<_>, Vec<_>) =
            found.open.into_iter().partition(|block| removals.contains(block.meta().ulid));
        open.sort_by_key(|block| {
            let meta = block.meta();
            (meta.min_time, meta.max_time, meta.ulid)
        });
        self.metrics.show(&open);
        let is_open = |ulid: Ulid| open.iter().any(|block| block.ulid() == ulid);
        self.selections.retain(is_open);
        if let Some(decoded) = self.decoded.as_ref().filter(|_| !known.keys().all(|ulid| is_open(*ulid))) {
            decoded.retain_blocks(is_open);
        }
        *self.open.write() = Arc::new(open);
        self.remove(&removed, &removals);
        Ok(())
    }

    /// Removes the folders of blocks that are no longer asked; queries that have them open go on.
    fn remove(&self, removed: &[Arc<Block>], removals: &Removals) {
        if !removals.beyond_time.is_empty() {
            self.metrics.time_retentions.inc();
        }
        if !removals.beyond_size.is_empty() {
            self.metrics.size_retentions.inc();
        }
        for block in removed {
            match folder::remove(&*self.fs, block.folder()) {
                Ok(()) => info!(block = %block.meta().ulid, "Deleting obsolete block"),
                // The next look at the folder tries again.
                Err(error) => warn!(%error, "block cannot be removed"),
            }
        }
    }

    /// Takes note of the blocks that do not open: those that another one replaces are removed, others that are
    /// damaged set aside, and what could not be read stays for the next time.
    fn set_damaged(&self, found: Vec<DamagedBlock>, open: &[Arc<Block>]) {
        let metas: Vec<BlockMeta> = open.iter().map(|block| block.meta()).collect();
        let is_replaced = |ulid: Ulid| {
            metas.iter().any(|meta| meta.compaction.parents.iter().any(|parent| parent.ulid == ulid))
        };
        let mut damaged = self.damaged.write();
        damaged.retain(|_, block| block.is_set_aside);
        for mut block in found {
            if is_replaced(block.ulid) {
                if let Err(error) = folder::remove(&*self.fs, &block.folder) {
                    warn!(%error, "block cannot be removed");
                }
                continue;
            }
            self.metrics.reloads_failed.inc();
            if let Err(error) = folder::set_aside(&*self.fs, &mut block) {
                warn!(%error, "damaged block cannot be renamed");
            }
            error!(block = %block.ulid, folder = %block.folder.display(), reason = %block.reason, "block does not open");
            damaged.insert(block.ulid.to_string(), block);
        }
    }
}
