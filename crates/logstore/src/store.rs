//! The store: opening, closing, and the contracts of `storage`.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::{Mutex, RwLock};
use platform::{Clock, FileSystem, MemoryBudget, MemoryPart, MemoryShare};
use storage::logs::{
    AppendReport, AppendRules, EntryAppendable, EntryRange, LogQuerier, LogQueryable, RejectReason,
    StreamEntries,
};
use telemetry::Registry;
use tracing::info;
use wal::{Batch, GroupLog};

use crate::head::{Push, Stream, refuse_all};
use crate::lock::DirectoryLock;
use crate::metrics::Metrics;
use crate::query::StoreQuerier;
use crate::recovery::{Replayed, replay};
use crate::reserve::Reserve;
use crate::tenant::{Found, Tenant};
use crate::{Error, Settings};

/// A batch that has grown longer is not kept for the next push.
const BATCH_BYTES_KEPT: usize = 1 << 20;
/// So many batches are kept.
const BATCHES_KEPT: usize = 4;

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
    /// Bytes of the buffers that entries go to now.
    pub(crate) head_bytes: AtomicUsize,
    pub(crate) memory: MemoryShare,
    pub(crate) reserve: Reserve,
    batches: Mutex<Vec<Batch>>,
    closed: AtomicBool,
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
            log,
            head_bytes: AtomicUsize::new(0),
            memory: MemoryShare::new(Arc::clone(&resources.memory), MemoryPart::Head),
            reserve: Reserve::default(),
            batches: Mutex::default(),
            closed: AtomicBool::new(false),
            lock: Mutex::new(lock),
            resources,
        };
        inner.replay(&segments)?;
        inner.measure_reserve();
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
        Ok(self.0.log.sync()?)
    }

    /// Does what is to be done from time to time; to be called once a minute.
    ///
    /// # Errors
    /// The first error of the work; the rest is done all the same.
    pub fn maintain(&self) -> Result<(), Error> {
        self.0.forget_idle();
        Ok(())
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
        let _no_push_runs = self.0.pushing.write();
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
        let reserve = self.settings.read().disk_reserve_bytes;
        if let Ok(space) = self.resources.fs.space(&self.path) {
            self.reserve.measure(space, reserve.unwrap_or(0), &self.metrics);
        }
    }

    fn forget_idle(&self) {
        let idle = self.settings.read().stream_idle;
        let tenants: Vec<_> = self.tenants.read().values().cloned().collect();
        for tenant in tenants {
            let _no_push_runs = self.pushing.write();
            let gone = tenant.forget_idle(self.resources.clock.monotonic(), idle);
            self.metrics.streams_removed.with(&[&tenant.name]).add(gone as u64);
            self.count_streams(&tenant);
        }
    }

    fn count_streams(&self, tenant: &Tenant) {
        let active = tenant.streams.read().active_count();
        self.metrics.memory_streams.with(&[&tenant.name]).set(active as f64);
    }

    fn grow(&self, bytes: usize) {
        let all = self.head_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.memory.take(bytes as u64);
        self.metrics.head_bytes.set(all as f64);
    }

    /// Reads the segments of the log into memory.
    fn replay(&self, segments: &[wal::Segment]) -> Result<(), Error> {
        let started = self.resources.clock.monotonic();
        self.metrics.wal.replay_active.set(1.0);
        let mut replayed = Replayed::default();
        let stream =
            |tenant: &str, labels: &model::Labels| match self.tenant_or_new(tenant).stream(labels, 0, true) {
                Found::Stream(stream) | Found::Created(stream) => Some(stream),
                Found::OverLimit => None,
            };
        for segment in segments {
            replay(&*self.resources.fs, segment, &mut replayed, stream, |_, _| true)?;
        }
        let tenants: Vec<_> = self.tenants.read().values().cloned().collect();
        let mut streams_count = 0;
        for tenant in tenants {
            let streams = tenant.streams.read();
            streams_count += streams.len();
            let bytes = |stream: &Arc<Stream>| stream.buffer().lock().heap_bytes();
            self.grow(streams.all_active().map(bytes).sum());
            drop(streams);
            self.count_streams(&tenant);
        }
        let took = self.resources.clock.monotonic().saturating_sub(started);
        self.tell_replayed(replayed, streams_count, took);
        Ok(())
    }

    fn tell_replayed(&self, replayed: Replayed, streams: usize, took: std::time::Duration) {
        let metrics = &self.metrics.wal;
        metrics.replay_active.set(0.0);
        metrics.replay_seconds.set(took.as_secs_f64());
        metrics.corruptions.add(replayed.damages);
        metrics.recovered_streams.add(streams as u64);
        metrics.recovered_entries.add(replayed.entries);
        metrics.recovered_bytes.add(replayed.bytes);
        metrics.duplicate_entries.add(replayed.duplicates);
        info!(duration = ?took, streams, entries = replayed.entries, "log of entries is read");
    }

    fn batch(&self) -> Batch {
        let kept = self.batches.lock().pop();
        kept.unwrap_or_else(|| Batch::new(self.settings.read().wal.compression))
    }

    fn keep_batch(&self, mut batch: Batch) {
        let is_small = batch.len_bytes() <= BATCH_BYTES_KEPT;
        batch.clear();
        let mut batches = self.batches.lock();
        if is_small && batches.len() < BATCHES_KEPT {
            batches.push(batch);
        }
    }

    fn append(
        &self,
        tenant: &Tenant,
        push: &[StreamEntries<'_>],
        rules: &AppendRules,
    ) -> Result<AppendReport, Error> {
        let mut refused = Vec::new();
        let mut found = Vec::with_capacity(push.len());
        let takes_new = self.resources.memory.takes_series();
        let mut created = 0;
        for (position, of_stream) in push.iter().enumerate().filter(|(_, of)| !of.entries.is_empty()) {
            match tenant.stream(of_stream.labels, rules.streams_max, takes_new) {
                Found::Stream(stream) => found.push((position, stream)),
                Found::Created(stream) => {
                    created += 1;
                    found.push((position, stream));
                }
                Found::OverLimit => {
                    refused.extend(refuse_all(
                        position,
                        0..of_stream.entries.len(),
                        &RejectReason::StreamLimit,
                    ));
                }
            }
        }
        if created > 0 {
            self.metrics.streams_created.with(&[&tenant.name]).add(created);
            self.count_streams(tenant);
        }
        found.sort_by_key(|(position, stream)| (stream.id, *position));
        let now = self.resources.clock.monotonic();
        let push = Push { tenant: &tenant.name, push, found: &found, rules, now };
        let mut batch = self.batch();
        let appended = push.append(&mut batch, |batch| {
            let full = std::mem::take(batch);
            *batch = self.log.commit(full)?;
            Ok(())
        });
        self.keep_batch(batch);
        let mut appended = appended?;
        self.grow(appended.grown);
        self.metrics.wal.logged_records.inc();
        self.metrics.duplicate_bytes.add(appended.duplicate_bytes);
        let report = &mut appended.report;
        report.rejected.append(&mut refused);
        report.rejected.sort_unstable_by_key(|rejected| (rejected.stream, rejected.entry));
        Ok(appended.report)
    }
}

impl EntryAppendable for LogStore {
    fn append(
        &self,
        tenant: &str,
        push: &[StreamEntries<'_>],
        rules: &AppendRules,
    ) -> storage::Result<AppendReport> {
        let inner = &self.0;
        inner.reserve.check(&inner.metrics)?;
        let _head_stays = inner.pushing.read();
        if inner.closed.load(Ordering::Acquire) {
            return Err(Error::Closed.into());
        }
        let tenant = inner.tenant_or_new(tenant);
        inner.append(&tenant, push, rules).map_err(|error| {
            if is_disk_full(&error) {
                inner.metrics.wal.disk_full.inc();
            }
            error.into()
        })
    }
}

fn is_disk_full(error: &Error) -> bool {
    let Error::Wal(wal::Error::Io { source, .. }) = error else { return false };
    source.kind() == std::io::ErrorKind::StorageFull
}

impl LogQueryable for LogStore {
    fn log_querier(&self, tenant: &str, range: EntryRange) -> storage::Result<Box<dyn LogQuerier>> {
        Ok(Box::new(StoreQuerier::new(self.0.tenant(tenant), range)))
    }
}
