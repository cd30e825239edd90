//! The store: opening, closing, and the contracts of `storage`.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use platform::{Clock, DiskReserve, FileSystem, MemoryBudget, MemoryPart, MemoryShare};
use storage::logs::{EntryRange, LogQuerier, LogQueryable};
use telemetry::Registry;
use wal::{Batch, GroupLog};

use crate::deletion::Deletions;
use crate::flush::{FlushReason, Flushing};
use crate::lock::DirectoryLock;
use crate::metrics::Metrics;
use crate::query::StoreQuerier;
use crate::recovery::keep_numbers;
use crate::tenant::Tenant;
use crate::{DeleteMode, Error, Settings, reserve};

/// What the store works with.
#[derive(Clone)]
pub struct Resources {
    /// Where the folder stands.
    pub fs: Arc<dyn FileSystem>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where the store's metrics are declared.
    pub registry: Registry,
    /// The memory that the process may take.
    pub memory: Arc<MemoryBudget>,
}

/// A part that could not be opened and is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedPart {
    /// Its file, which stays as it is.
    pub path: PathBuf,
    /// What is wrong with it.
    pub error: String,
}

/// An open store of log entries; cheap to clone, all clones are the same store.
#[derive(Clone)]
pub struct LogStore(pub(crate) Arc<Inner>);

/// The parts of an open store.
pub(crate) struct Inner {
    pub(crate) resources: Resources,
    pub(crate) path: PathBuf,
    pub(crate) settings: RwLock<Settings>,
    pub(crate) metrics: Metrics,
    pub(crate) tenants: RwLock<HashMap<String, Arc<Tenant>>>,
    /// Held by pushes while they run, and by whoever ends the present head.
    pub(crate) pushing: RwLock<()>,
    pub(crate) log: GroupLog,
    /// Where streams are called by numbers in the log, those of one epoch mean the same; no other epoch of this log has
    /// its number. It ends with the head, and where labels that were told may be lost.
    pub(crate) epoch: AtomicU64,
    /// Bytes of the buffers that entries go to now.
    pub(crate) head_bytes: AtomicUsize,
    /// By how much they have grown since parts were merged last.
    pub(crate) came_bytes: AtomicUsize,
    pub(crate) memory: MemoryShare,
    pub(crate) reserve: DiskReserve,
    /// Held by whoever writes the head to parts.
    pub(crate) flushing: Mutex<Flushing>,
    /// When the first entry of the present head came.
    pub(crate) head_since: Mutex<Option<Duration>>,
    pub(crate) damaged: Mutex<Vec<DamagedPart>>,
    pub(crate) deletions: Deletions,
    /// Held by whoever does the work between the requests.
    pub(crate) maintaining: Mutex<()>,
    pub(crate) batches: Mutex<Vec<Batch>>,
    pub(crate) closed: AtomicBool,
    lock: Mutex<Option<DirectoryLock>>,
}

impl fmt::Debug for LogStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LogStore({})", self.0.path.display())
    }
}

impl LogStore {
    /// Opens a folder, created if missing, and reads its log.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process holds it; [`Error::Io`] or [`Error::Wal`] where it cannot be read
    /// or written. Damaged content is no error.
    pub fn open(resources: Resources, path: &Path, settings: Settings) -> Result<Self, Error> {
        let fs = &resources.fs;
        fs.create_dir_all_synced(path).map_err(Error::io("create", path))?;
        let metrics = Metrics::new(&resources.registry);
        let lock = if settings.lock { Some(DirectoryLock::take(fs, path)?) } else { None };
        let folder = path.join("wal");
        wal::remove_leftovers(&**fs, &folder)?;
        keep_numbers(&**fs, path, &folder)?;
        let segments = wal::segments(&**fs, &folder)?;
        let log_parts = wal::Parts {
            fs: Arc::clone(fs),
            clock: Arc::clone(&resources.clock),
            metrics: wal::Metrics::new(&resources.registry, "lapwing_logs_wal"),
        };
        let log = GroupLog::open(log_parts, &folder, settings.wal.clone())?;
        let inner = Inner {
            path: path.to_owned(),
            settings: RwLock::new(settings),
            metrics,
            tenants: RwLock::default(),
            pushing: RwLock::default(),
            // The segment is one that no process has begun before.
            epoch: AtomicU64::new(u64::from(log.position().segment) << 32 | 1),
            log,
            head_bytes: AtomicUsize::new(0),
            came_bytes: AtomicUsize::new(0),
            memory: MemoryShare::new(Arc::clone(&resources.memory), MemoryPart::Head),
            reserve: DiskReserve::default(),
            flushing: Mutex::default(),
            head_since: Mutex::default(),
            damaged: Mutex::default(),
            deletions: Deletions::default(),
            maintaining: Mutex::default(),
            batches: Mutex::default(),
            closed: AtomicBool::new(false),
            lock: Mutex::new(lock),
            resources,
        };
        let covered = inner.open_parts()?;
        inner.replay(&segments, &covered)?;
        inner.measure_reserve();
        inner.metrics.compactor.running.set(1.0);
        Ok(Self(Arc::new(inner)))
    }

    /// Changes how entries are kept; how the log is written stays as it was when the store was opened.
    pub fn apply(&self, settings: Settings) {
        *self.0.settings.write() = settings;
    }

    /// Makes all that was acknowledged survive a crash of the machine; to be called at the log's sync interval.
    ///
    /// # Errors
    /// [`Error::Wal`]: what was acknowledged since the last sync is uncertain.
    pub fn sync(&self) -> Result<(), Error> {
        self.0.measure_reserve();
        Ok(self.0.log.sync().inspect_err(|_| self.0.next_epoch())?)
    }

    /// Does what is to be done from time to time: writes an old head to parts, removes what is past its retention, takes
    /// deleted rows out of parts, merges parts. It may take long, costs nothing where nothing is to be done, and is
    /// best called every few seconds by a thread of its own.
    ///
    /// # Errors
    /// The first error of the work; the rest is done all the same.
    pub fn maintain(&self) -> Result<(), Error> {
        self.0.maintain()
    }

    /// Writes all entries in memory to parts.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Wal`], [`Error::Compress`]: they stay in memory and in the log. [`Error::Closed`].
    pub fn flush(&self) -> Result<(), Error> {
        self.0.flush(self.0.flushing.lock(), FlushReason::Forced)
    }

    /// Parts that could not be opened and are left out.
    pub fn damaged_parts(&self) -> Vec<DamagedPart> {
        self.0.damaged.lock().clone()
    }

    /// The tenants that have or had entries, sorted.
    pub fn tenants(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.tenants.read().keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// How many streams of a tenant take entries.
    pub fn active_streams(&self, tenant: &str) -> usize {
        self.0.tenant(tenant).map_or(0, |tenant| tenant.streams.read().active_count())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Syncs the log and gives the folder free. Pushes are refused from now on.
    ///
    /// # Errors
    /// [`Error::Wal`] where the last sync fails.
    pub fn close(&self) -> Result<(), Error> {
        self.0.closed.store(true, Ordering::Release);
        let _no_work_runs = self.0.maintaining.lock();
        // A head that is being written is written to its end before another process may have the folder.
        let _no_head_is_written = self.0.flushing.lock();
        let _no_push_runs = self.0.pushing.write();
        self.0.metrics.compactor.running.set(0.0);
        self.0.log.close()?;
        if let Some(mut lock) = self.0.lock.lock().take() {
            lock.release(&*self.0.resources.fs)?;
        }
        Ok(())
    }
}

impl Inner {
    /// A tenant that is known.
    pub(crate) fn tenant(&self, name: &str) -> Option<Arc<Tenant>> {
        self.tenants.read().get(name).cloned()
    }

    /// A tenant, made known.
    pub(crate) fn tenant_or_new(&self, name: &str) -> Arc<Tenant> {
        if let Some(tenant) = self.tenant(name) {
            return tenant;
        }
        let mut tenants = self.tenants.write();
        Arc::clone(tenants.entry(name.to_owned()).or_insert_with(|| Arc::new(Tenant::new(name))))
    }

    fn measure_reserve(&self) {
        let bytes = self.settings.read().disk_reserve_bytes.unwrap_or(0);
        if let Ok(space) = self.resources.fs.space(&self.path) {
            self.metrics.wal.disk_usage(space.total, space.available);
            reserve::measure(&self.reserve, space, bytes, &self.metrics);
        }
    }

    pub(crate) fn forget_idle(&self) {
        let idle = self.settings.read().stream_idle;
        let mut buffers = 0;
        for tenant in self.all_tenants() {
            let _no_push_runs = self.pushing.write();
            let gone = tenant.forget_idle(self.resources.clock.monotonic(), idle);
            if gone > 0 {
                // Their numbers may become those of others.
                self.next_epoch();
            }
            self.metrics.streams_removed.with(&[&tenant.name]).add(gone as u64);
            self.count_streams(&tenant);
            buffers += tenant.streams.read().active_count();
        }
        self.metrics.memory_chunks.set(buffers as f64);
    }

    pub(crate) fn count_streams(&self, tenant: &Tenant) {
        let active = tenant.streams.read().active_count();
        self.metrics.memory_streams.with(&[&tenant.name]).set(active as f64);
    }
}

impl LogQueryable for LogStore {
    fn log_querier(&self, tenant: &str, range: EntryRange) -> storage::Result<Box<dyn LogQuerier>> {
        let deletions = match self.0.settings.read().delete_mode(tenant) {
            DeleteMode::Ignore => Vec::new(),
            DeleteMode::Hide | DeleteMode::Remove => self.0.deletions.of(tenant),
        };
        Ok(Box::new(StoreQuerier::new(self.0.tenant(tenant), deletions, range)))
    }
}
