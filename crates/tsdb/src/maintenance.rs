//! The work between the requests: blocks that come and go, compaction, retention.

mod ended;
mod late;
mod snapshot;

use std::path::Path;
use std::sync::atomic::Ordering;

use platform::FileSystem;
use tracing::{info, warn};

use crate::Error;
use crate::block::BlockMeta;
use crate::db::Inner;
use crate::head::{Barrier, Origin, Target};
use crate::recovery::Replayed;
use crate::reserve;
use ended::EndedWork;
use late::LateWork;
use snapshot::LastSnapshot;

/// Folders beside the blocks that count for retention by size.
const OTHER_FOLDERS: [&str; 3] = ["wal", "wbl", "chunks_head"];

/// How far the head's way into a block has come. Each step waits for those who began before the last one; where
/// they have not ended, it is taken a minute later.
#[derive(Debug, Default)]
pub(crate) struct HeadWork {
    /// The span that no more samples are taken for, and the appenders that may still have some.
    closing: Option<(i64, i64, Barrier)>,
    /// The time before which blocks hold everything, and the readers that may still read it from the head.
    leaving: Option<(i64, Barrier)>,
    /// What came out of order.
    late: LateWork,
    /// Series that have ended.
    ended: EndedWork,
    snapshot: LastSnapshot,
}

impl HeadWork {
    /// The work after a start that has read so much.
    pub(crate) fn new(replayed: &Replayed) -> Self {
        Self { snapshot: LastSnapshot::new(replayed), ..Self::default() }
    }
}

impl Inner {
    /// Does all that is to be done.
    pub(crate) fn maintain(&self) -> Result<(), Error> {
        let mut work = self.maintaining.lock();
        self.blocks.age_caches();
        self.measure_retention()?;
        self.blocks.reload(self.other_bytes())?;
        let head = self.compact_head(&mut work);
        let late = self.compact_late(&mut work.late);
        let ended = self.compact_ended(&mut work.ended);
        let snapshot = self.snapshot_if_due(&mut work);
        self.compact_blocks()?;
        head.and(late).and(ended).and(snapshot)?;
        let damaged = self.blocks.damaged().len();
        self.head.memory.metrics.disk.blocks_damaged.set(damaged as f64);
        Ok(())
    }

    /// Looks whether the disk has room for more samples.
    pub(crate) fn measure_reserve(&self) {
        let memory = &self.head.memory;
        let Some(bytes) = memory.settings().disk_reserve_bytes else { return };
        match self.parts.fs.space(&self.path) {
            Ok(space) => reserve::measure(&memory.reserve, space, bytes, &memory.metrics.disk),
            Err(error) => warn!(%error, "free space of the disk cannot be measured"),
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Turns a percentage of the file system into bytes.
    fn measure_retention(&self) -> Result<(), Error> {
        let settings = self.settings.read().clone();
        if let Some(percentage) = settings.retention_percentage {
            let space = self.parts.fs.space(&self.path).map_err(Error::io("measure", &self.path))?;
            let mut kept = settings.blocks();
            kept.retention.bytes = Some((space.total as f64 / 100.0 * percentage) as u64);
            self.blocks.apply(kept);
        }
        Ok(())
    }

    /// Writes the head's oldest samples as blocks, as long as it spans more than half a range above one.
    fn compact_head(&self, work: &mut HeadWork) -> Result<(), Error> {
        let memory = &self.head.memory;
        while !self.is_stopping() {
            if let Some((min_time, readers)) = work.leaving {
                if !memory.readers.have_passed(readers) {
                    return Ok(());
                }
                work.leaving = None;
                self.head.truncate(min_time)?;
            }
            let (start, end, appenders) = match work.closing {
                Some(closing) => closing,
                None => {
                    let Some((start, end)) = self.compactable() else { return Ok(()) };
                    memory.refuse_before(end);
                    (start, end, memory.appenders.barrier())
                }
            };
            work.closing = Some((start, end, appenders));
            if !memory.appenders.have_passed(appenders) {
                return Ok(());
            }
            match self.write_head_block(start, end) {
                Ok(()) => {}
                Err(Error::Stopped) => return Ok(()),
                Err(error) => {
                    memory.metrics.head_compactions_failed.inc();
                    return Err(error);
                }
            }
            work.closing = None;
            work.late.is_due = true;
            work.leaving = Some((end, memory.readers.barrier()));
        }
        Ok(())
    }

    /// The span of the next block of the head.
    fn compactable(&self) -> Option<(i64, i64)> {
        let memory = &self.head.memory;
        let (min_time, max_time, range) = (memory.min_time(), memory.max_time(), memory.shape.range_ms);
        let spans_enough = max_time.saturating_sub(min_time) > range.saturating_add(range / 2);
        let end = min_time.div_euclid(range).saturating_add(1).saturating_mul(range);
        (min_time <= max_time && spans_enough).then_some((min_time, end))
    }

    /// Writes a span of the head as a block, and has it read from there.
    fn write_head_block(&self, start: i64, end: i64) -> Result<(), Error> {
        let memory = &self.head.memory;
        let settings = memory.settings().blocks().writer;
        let target = Target { fs: &self.parts.fs, folder: &self.path, settings };
        let meta = BlockMeta::new(self.blocks.new_ulid(), start, end);
        let started = self.parts.clock.monotonic();
        memory.metrics.compactions_triggered.inc();
        let written = memory.write_block(&target, meta, Origin::InOrder, &|| !self.is_stopping())?;
        let _nothing_reads = self.moving.write();
        if let Some(meta) = written {
            self.blocks.reload(self.other_bytes())?;
            if !self.blocks.metas().iter().any(|open| open.ulid == meta.ulid) {
                // It was written, but cannot be read: the head must go on serving its samples.
                return Err(Error::Unreadable { ulid: meta.ulid });
            }
            let took = self.parts.clock.monotonic().saturating_sub(started);
            info!(ulid = %meta.ulid, start, end, series = meta.stats.num_series, duration = ?took, "write block");
        }
        memory.begin_at(end);
        Ok(())
    }

    /// Compacts blocks until there is nothing more to be compacted.
    fn compact_blocks(&self) -> Result<(), Error> {
        let mut pace = |_bytes| !self.is_stopping();
        while !self.is_stopping() {
            match self.blocks.compact_next(self.other_bytes(), &|_| false, &mut pace) {
                Ok(true) => self.head.memory.metrics.compactions_triggered.inc(),
                Ok(false) | Err(Error::Stopped) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// See [`crate::Db::clean_tombstones`].
    pub(crate) fn clean_tombstones(&self) -> Result<(), Error> {
        let _nothing_else = self.maintaining.lock();
        self.blocks.clean_tombstones(self.other_bytes(), &mut |_bytes| !self.is_stopping())
    }

    /// Length of the files that are no blocks.
    fn other_bytes(&self) -> u64 {
        let fs = &*self.parts.fs;
        OTHER_FOLDERS.iter().map(|name| folder_bytes(fs, &self.path.join(name))).sum()
    }
}

/// Length of all files in a folder and those below it; what cannot be read counts nothing.
fn folder_bytes(fs: &dyn FileSystem, folder: &Path) -> u64 {
    let bytes_of = |entry: platform::DirEntry| {
        let path = folder.join(&entry.name);
        if entry.is_dir { folder_bytes(fs, &path) } else { fs.metadata(&path).map_or(0, |file| file.len) }
    };
    match fs.list(folder) {
        Ok(entries) => entries.into_iter().map(bytes_of).sum(),
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                warn!(path = %folder.display(), %error, "Folder cannot be measured");
            }
            0
        }
    }
}
