//! When chunk snapshots are taken.

use tracing::{info, warn};

use super::{HeadWork, folder_bytes};
use crate::Error;
use crate::db::Inner;
use crate::recovery::Replayed;

/// A snapshot is taken when the log has grown by this part of what the last one took.
const LOG_PER_SNAPSHOT: u64 = 4;

/// The newest snapshot that a start would use.
#[derive(Debug, Default)]
pub(super) struct LastSnapshot {
    /// The segment with which the log goes on from it; `None` without any.
    segment: Option<u32>,
    /// Length of its files.
    bytes: u64,
    /// What the log had written when it was taken.
    log_bytes: u64,
    /// What a start had to read behind it.
    replayed_bytes: u64,
    /// What the log had written when one was tried since, and could not be written.
    failed_at: Option<u64>,
}

impl LastSnapshot {
    pub(super) fn new(replayed: &Replayed) -> Self {
        let segment = replayed.snapshot.map(|position| position.segment);
        Self { segment, replayed_bytes: replayed.log_bytes, ..Self::default() }
    }
}

impl Inner {
    /// Takes a snapshot where a start would have much of the log to read.
    pub(super) fn snapshot_if_due(&self, work: &mut HeadWork) -> Result<(), Error> {
        let Some(log_bytes_min) = self.head.memory.settings().snapshot_log_bytes else { return Ok(()) };
        let last = &work.snapshot;
        let grown = self.grown(last);
        let checkpoint = wal::last_checkpoint(&*self.parts.fs, &self.path.join("wal"))?;
        let is_outlived =
            checkpoint.zip(last.segment).is_some_and(|(point, segment)| point.number >= segment);
        let enough = log_bytes_min.max(last.bytes / LOG_PER_SNAPSHOT);
        // One that fails costs as much as one that does not: it is not tried again each minute, and not at all where
        // the room it takes is kept for what makes room.
        let has_failed = last.failed_at.is_some_and(|at| self.head.log.written_bytes() - at < enough);
        let has_no_room = self.head.memory.reserve.is_reached();
        if self.is_stopping() || has_failed || has_no_room || !is_outlived && grown < enough {
            return Ok(());
        }
        self.take_snapshot(work, &|| !self.is_stopping())
    }

    /// The last act before the log is closed: the next start reads nothing else.
    pub(crate) fn snapshot_at_end(&self, work: &mut HeadWork) {
        let memory = &self.head.memory;
        let is_unchanged = work.snapshot.segment.is_some() && self.grown(&work.snapshot) == 0;
        if memory.settings().snapshot_log_bytes.is_none() || is_unchanged || memory.labels.read().count() == 0
        {
            return;
        }
        if let Err(error) = self.take_snapshot(work, &|| true) {
            warn!(%error, "chunk snapshot cannot be written; the next start reads the WAL");
        }
    }

    /// How much a start would have to read of the log.
    fn grown(&self, last: &LastSnapshot) -> u64 {
        (self.head.log.written_bytes() - last.log_bytes).saturating_add(last.replayed_bytes)
    }

    fn take_snapshot(&self, work: &mut HeadWork, go_on: &dyn Fn() -> bool) -> Result<(), Error> {
        let started = self.parts.clock.monotonic();
        let log_bytes = self.head.log.written_bytes();
        let snapshot = match self.head.write_snapshot(&self.path, go_on) {
            Err(Error::Stopped) => return Ok(()),
            Err(error) => {
                work.snapshot.failed_at = Some(log_bytes);
                return Err(error);
            }
            Ok(written) => written,
        };
        let bytes = folder_bytes(&*self.parts.fs, &snapshot.path);
        let took = self.parts.clock.monotonic().saturating_sub(started);
        info!(snapshot = %snapshot.path.display(), bytes, duration = ?took, "Chunk snapshot written");
        let segment = Some(snapshot.position.segment);
        work.snapshot = LastSnapshot { segment, bytes, log_bytes, ..LastSnapshot::default() };
        Ok(())
    }
}
