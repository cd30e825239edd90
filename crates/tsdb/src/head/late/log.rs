//! The write-behind log: what came out of order, in the order in which memory takes it.
//!
//! A marker in it says that all samples of a series before it stand in a chunk of a file. So whoever writes samples
//! holds the log until memory has them, and whoever writes a marker holds it from reading memory on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, MutexGuard};
use platform::{Clock, FileSystem};
use telemetry::{Counter, Registry};
use wal::{Batch, Compression, GroupLog, SyncMode};

use super::{LateSamples, push_records};

/// Prefix of the log's metrics.
const METRICS: &str = "prometheus_tsdb_out_of_order_wbl";

/// What the log works with.
#[derive(Debug, Clone)]
pub(crate) struct LateParts {
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) registry: Registry,
}

/// The write-behind log; there is none on disk before it is needed.
#[derive(Debug)]
pub(crate) struct LateLog {
    parts: LateParts,
    folder: PathBuf,
    settings: wal::Settings,
    opened: OnceLock<Opened>,
    writing: Mutex<()>,
}

#[derive(Debug)]
struct Opened {
    log: GroupLog,
    truncations: Counter,
    truncations_failed: Counter,
}

impl LateLog {
    pub(crate) fn new(parts: LateParts, folder: &Path, settings: wal::Settings) -> Self {
        let folder = folder.to_owned();
        Self { parts, folder, settings, opened: OnceLock::new(), writing: Mutex::new(()) }
    }

    /// Where it stands.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes the log for writing, and with it the right to change what memory holds of late samples.
    pub(crate) fn begin(&self) -> LateWriting<'_> {
        LateWriting { log: self, _alone: self.writing.lock() }
    }

    /// Makes what was written survive a crash of the machine.
    pub(crate) fn sync(&self) -> Result<(), wal::Error> {
        self.opened.get().map_or(Ok(()), |opened| opened.log.sync())
    }

    /// As [`LateLog::sync`], where every commit is to be synced.
    pub(crate) fn sync_commit(&self) -> Result<(), wal::Error> {
        if self.settings.sync == SyncMode::Always { self.sync() } else { Ok(()) }
    }

    /// The last sync.
    pub(crate) fn close(&self) -> Result<(), wal::Error> {
        self.opened.get().map_or(Ok(()), |opened| opened.log.close())
    }
}

/// The log while it is being written.
pub(crate) struct LateWriting<'a> {
    log: &'a LateLog,
    _alone: MutexGuard<'a, ()>,
}

impl LateWriting<'_> {
    /// Begins the log if there is none.
    pub(crate) fn open(&self) -> Result<(), wal::Error> {
        self.opened().map(drop)
    }

    fn opened(&self) -> Result<&Opened, wal::Error> {
        let LateLog { parts, folder, settings, opened, .. } = self.log;
        if let Some(opened) = opened.get() {
            return Ok(opened);
        }
        let registry = &parts.registry;
        let log_parts = wal::Parts {
            fs: Arc::clone(&parts.fs),
            clock: Arc::clone(&parts.clock),
            metrics: wal::Metrics::new(registry, METRICS),
        };
        // Commits sync after they have given the log to the next one.
        let sync = SyncMode::Interval(std::time::Duration::from_secs(1));
        let log = GroupLog::open(log_parts, folder, wal::Settings { sync, ..settings.clone() })?;
        let counter = |name: &str, help: &str| registry.counter(&format!("{METRICS}_{name}"), help);
        Ok(opened.get_or_init(|| Opened {
            log,
            truncations: counter("truncations_total", "Total number of write log truncations attempted."),
            truncations_failed: counter(
                "truncations_failed_total",
                "Total number of write log truncations that failed.",
            ),
        }))
    }

    /// An empty batch of records.
    pub(crate) fn batch(&self) -> Batch {
        Batch::new(self.compression())
    }

    fn compression(&self) -> Compression {
        self.log.settings.compression
    }

    /// Writes records; they survive the end of the process when this returns.
    pub(crate) fn write(&self, batch: Batch) -> Result<(), wal::Error> {
        if batch.is_empty() {
            return Ok(());
        }
        self.opened()?.log.commit(batch).map(drop)
    }

    /// Writes samples that memory is to take now.
    pub(crate) fn write_samples(&self, samples: &LateSamples) -> Result<(), wal::Error> {
        let mut batch = self.batch();
        push_records(samples, &mut batch)?;
        self.write(batch)
    }

    /// Ends the present segment; gives the number of the next one, which holds all that comes.
    pub(crate) fn next_segment(&self) -> Result<u32, wal::Error> {
        self.opened()?.log.next_segment()
    }

    /// Removes the segments before `number`.
    pub(crate) fn remove_before(&self, number: u32) -> Result<(), wal::Error> {
        let opened = self.opened()?;
        opened.truncations.inc();
        let removed = opened.log.remove_before(number).map(drop);
        removed.inspect_err(|_| opened.truncations_failed.inc())
    }
}
