//! The store: opening, closing, and the contracts of `storage`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::Matcher;
use parking_lot::{Mutex, RwLock};
use platform::{Clock, FileSystem, MemoryBudget};
use storage::merge::MergedQuerier;
use storage::{
    AppendOptions, Appendable, Appender, ExemplarQueryable, Querier, Queryable, SeriesExemplars, TimeRange,
};
use telemetry::Registry;
use tracing::info;
use wal::Position;

use crate::block::Block;
use crate::block::recode::merge_encoded;
use crate::blocks::{Blocks, DamagedBlock};
use crate::decoded::DecodedChunks;
use crate::exemplars::Exemplars;
use crate::head::{
    ChunkFiles, Head, HeadAppender, HeadQuerier, HeadRange, HeadStats, LateLog, LateParts, Memory,
};
use crate::lock::DirectoryLock;
use crate::maintenance::HeadWork;
use crate::metrics::{Metrics, register_computed};
use crate::recovery::{ReplayProgress, cores, replay, replay_late};
use crate::{Error, Settings, copy};

/// What the store works with.
#[derive(Clone)]
pub struct Parts {
    /// Where the data directory stands.
    pub fs: Arc<dyn FileSystem>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where the store's metrics are declared.
    pub registry: Registry,
    /// Told how far a start has come.
    pub progress: Arc<ReplayProgress>,
    /// The memory that the process may take.
    pub memory: Arc<MemoryBudget>,
}

/// An open data directory; cheap to clone, all clones are the same store.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

/// The parts of an open store.
pub(crate) struct Inner {
    pub(crate) parts: Parts,
    pub(crate) path: PathBuf,
    /// As of the last reload.
    pub(crate) settings: RwLock<Settings>,
    pub(crate) blocks: Blocks,
    pub(crate) head: Arc<Head>,
    /// Held by queriers while they take blocks and head, and by whoever moves samples from one to the other.
    pub(crate) moving: RwLock<()>,
    /// Held by whoever does the work between the requests.
    pub(crate) maintaining: Mutex<HeadWork>,
    /// Ends long work early.
    pub(crate) stopping: AtomicBool,
    lock: Mutex<Option<DirectoryLock>>,
}

impl fmt::Debug for Db {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Db({})", self.0.path.display())
    }
}

impl Db {
    /// Opens a data directory, created if missing, and reads its log.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process holds it; [`Error::Io`] or [`Error::Wal`] where it cannot be read
    /// or written. Damaged content is no error.
    pub fn open(parts: Parts, path: &Path, settings: Settings) -> Result<Self, Error> {
        let fs = &parts.fs;
        fs.create_dir_all_synced(path).map_err(Error::io("create", path))?;
        let metrics = Metrics::new(&parts.registry);
        let lock = if settings.lock { Some(DirectoryLock::take(fs, path)?) } else { None };
        metrics.clean_start.set(match &lock {
            None => -1.0,
            Some(lock) if lock.was_stale => 0.0,
            Some(_) => 1.0,
        });
        let started = parts.clock.monotonic();
        let folder = path.join("wal");
        let (clock, kept) = (Arc::clone(&parts.clock), settings.blocks());
        let blocks = Blocks::open(Arc::clone(fs), clock, &parts.registry, path, kept, &parts.memory)?;
        let decoded = DecodedChunks::new(settings.decoded_chunks, &parts.registry, &parts.memory);
        let blocks = blocks.with_decoded(decoded.clone());
        let files = ChunkFiles::new(Arc::clone(fs), &path.join("chunks_head")).with_decoded(decoded);
        copy::remove_leftovers(&**fs, path)?;
        let exemplars = Exemplars::new(&parts.registry, settings.exemplars_max);
        let memory = Memory::new(settings.clone(), metrics, files, exemplars, &parts.memory);
        if let Some(end) = blocks.max_time() {
            memory.begin_at(end);
        }
        let mut replayed = replay(fs, &folder, &memory, &parts.progress)?;
        let late_parts = LateParts {
            fs: Arc::clone(fs),
            clock: Arc::clone(&parts.clock),
            registry: parts.registry.clone(),
        };
        let late = LateLog::new(late_parts, &path.join("wbl"), settings.wal.clone());
        let has_late = replay_late(fs, &late, &memory, &mut replayed)?;
        if has_late || settings.out_of_order_window.is_some() {
            late.begin().open()?;
        }
        memory.truncate(memory.append_from(), cores());
        memory.settle();
        let log_parts = wal::Parts {
            fs: Arc::clone(fs),
            clock: Arc::clone(&parts.clock),
            metrics: wal::Metrics::new(&parts.registry, "prometheus_tsdb_wal"),
        };
        let head = Head::open(memory, log_parts, &folder, late)?;
        let memory = &head.memory;
        let took = parts.clock.monotonic().saturating_sub(started);
        memory.metrics.replay_seconds.set(took.as_secs_f64());
        info!(duration = ?took, series = memory.labels.read().count(), "WAL replay completed");
        register_computed(&parts.registry, &head);
        Ok(Self(Arc::new(Inner {
            parts,
            path: path.to_owned(),
            settings: RwLock::new(settings),
            blocks,
            head,
            moving: RwLock::new(()),
            maintaining: Mutex::new(HeadWork::new(&replayed)),
            stopping: AtomicBool::new(false),
            lock: Mutex::new(lock),
        })))
    }

    /// Changes how samples are kept: the window for samples that come out of order, the encoding of floats, when ended
    /// series leave the head early, the retention, and how many exemplars are kept. All else stays as it was when the store was opened.
    ///
    /// # Errors
    /// [`Error::Wal`]: the log for samples that come out of order could not be begun; nothing has changed then.
    pub fn apply(&self, settings: Settings) -> Result<(), Error> {
        let head = &self.0.head;
        if settings.out_of_order_window.is_some() {
            head.late.begin().open()?;
        }
        head.memory.set_encoding(&settings);
        head.memory.set_late_window(settings.out_of_order_window_ms());
        head.memory.exemplars.resize(settings.exemplars_max);
        self.0.blocks.apply(settings.blocks());
        *self.0.settings.write() = settings;
        Ok(())
    }

    /// Makes all that was committed survive a crash of the machine, moves full chunks from memory to files, and lets
    /// caches shrink where memory is short; to be called at the log's sync interval.
    ///
    /// # Errors
    /// [`Error::Wal`]: what was committed since the last sync is uncertain.
    pub fn sync(&self) -> Result<(), Error> {
        self.0.measure_reserve();
        self.0.blocks.shrink_caches();
        let head = &self.0.head;
        head.log.sync()?;
        head.late.sync()?;
        head.memory.file_chunks()?;
        head.file_late()
    }

    /// Does what is to be done from time to time; to be called once a minute.
    ///
    /// # Errors
    /// The first error of the work; the rest is done all the same.
    pub fn maintain(&self) -> Result<(), Error> {
        self.0.maintain()
    }

    /// Deletes what the series that fulfil every matcher have in `range`, in blocks and head; gone from queries
    /// when this returns, and from the disk when blocks are compacted. What comes later is not deleted.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`], [`Error::Wal`]: some of it may be deleted then.
    pub fn delete(&self, range: TimeRange, matchers: &[Matcher]) -> Result<(), Error> {
        // Nothing moves from the head to a block meanwhile: it would be looked for in both in vain.
        let _nothing_runs = self.0.maintaining.lock();
        self.0.blocks.delete(range, matchers)?;
        self.0.head.delete(range, matchers)
    }

    /// Writes every block anew of which something is deleted, so that it leaves the disk.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`], [`Error::Damaged`], [`Error::Chunk`]: the blocks before are done;
    /// [`Error::Stopped`].
    pub fn clean_tombstones(&self) -> Result<(), Error> {
        self.0.clean_tombstones()
    }

    /// Copies the samples as blocks into `snapshots/<name>` of the data directory: those there are by second names
    /// of their files, and with `with_head` what is committed now of the head as one more.
    ///
    /// The folder appears complete or not at all, and survives a crash of the machine once this returns.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`], [`Error::Chunk`], [`Error::Read`], [`Error::Stopped`].
    pub fn snapshot(&self, name: &str, with_head: bool) -> Result<(), Error> {
        self.0.copy(name, with_head)
    }

    /// The open blocks, by their first time.
    pub fn blocks(&self) -> Arc<Vec<Arc<Block>>> {
        self.0.blocks.all()
    }

    /// Blocks that could not be opened and are left out.
    pub fn damaged_blocks(&self) -> Vec<DamagedBlock> {
        self.0.blocks.damaged()
    }

    /// Figures of the head, with tables of at most `limit` lines.
    pub fn head_stats(&self, limit: usize) -> HeadStats {
        self.0.head.memory.stats(limit)
    }

    /// Time of the oldest sample that is kept; `None` without any.
    pub fn min_time(&self) -> Option<i64> {
        let first = self.0.blocks.min_time();
        let head = Some(self.0.head.memory.min_time()).filter(|time| *time != i64::MAX);
        first.into_iter().chain(head).min()
    }

    /// Where the next record of the log goes.
    pub fn wal_position(&self) -> Position {
        self.0.head.log.position()
    }

    /// The data directory.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Ends long work, syncs the log and gives the data directory free. Nothing may be committed afterwards.
    ///
    /// # Errors
    /// [`Error::Wal`] where the last sync fails.
    pub fn close(&self) -> Result<(), Error> {
        self.0.stopping.store(true, Ordering::Release);
        let mut work = self.0.maintaining.lock();
        self.0.snapshot_at_end(&mut work);
        let synced = self.0.head.log.close().and(self.0.head.late.close());
        self.0.head.memory.files.close()?;
        if let Some(mut lock) = self.0.lock.lock().take() {
            lock.release(&*self.0.parts.fs)?;
        }
        Ok(synced?)
    }
}

impl Appendable for Db {
    fn appender(&self, options: AppendOptions) -> Box<dyn Appender> {
        Box::new(HeadAppender::new(Arc::clone(&self.0.head), options))
    }
}

impl Queryable for Db {
    fn querier(&self, range: TimeRange) -> storage::Result<Box<dyn Querier>> {
        let _nothing_moves = self.0.moving.read();
        // The first has precedence: of samples at one time the one that came in order stays.
        let (mut parts, mut late_blocks) = self.0.blocks.queriers(range);
        let memory = &self.0.head.memory;
        let in_order = TimeRange::new(range.start.max(memory.head_from()), range.end);
        let in_head = HeadRange { in_order, late: range };
        if memory.overlaps(in_head) {
            parts.push(Box::new(HeadQuerier::new(Arc::clone(&self.0.head), in_head)));
        }
        parts.append(&mut late_blocks);
        Ok(MergedQuerier::with_chunk_merge(parts, merge_encoded))
    }
}

impl ExemplarQueryable for Db {
    fn exemplars(
        &self,
        range: TimeRange,
        selectors: &[Vec<Matcher>],
    ) -> storage::Result<Vec<SeriesExemplars>> {
        Ok(self.0.head.memory.exemplars.find(range, selectors))
    }
}
