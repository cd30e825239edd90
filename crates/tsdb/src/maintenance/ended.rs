//! Ended series on their way into blocks, where there are so many that they are not kept for the next block.

use std::time::Duration;

use tracing::info;

use crate::Error;
use crate::block::{BlockMeta, hint};
use crate::db::Inner;
use crate::head::{Barrier, Ended, Target};

/// The next block of the head takes them anyway when it is written within this part of a range: ten minutes of two
/// hours.
const NEXT_BLOCK_PART: i64 = 12;

/// How far the way has come; what does not go on now is tried again a minute later.
#[derive(Debug, Default)]
pub(super) enum EndedWork {
    /// Nothing is under way.
    #[default]
    Idle,
    /// Blocks hold them, but these readers may still read them from memory.
    Written(Ended, Barrier),
}

impl Inner {
    /// Writes ended series as blocks and takes them out of memory, where they are too large a share.
    pub(super) fn compact_ended(&self, work: &mut EndedWork) -> Result<(), Error> {
        if matches!(work, EndedWork::Idle) {
            let threshold = self.settings.read().stale_series_threshold;
            if threshold.is_none_or(|share| self.head.memory.ended_share() < share) || self.is_block_near() {
                return Ok(());
            }
            let started = self.parts.clock.monotonic();
            let metrics = &self.head.memory.metrics.ended;
            metrics.compactions.inc();
            let written = self.write_ended().inspect_err(|error| {
                if !matches!(error, Error::Stopped) {
                    metrics.compactions_failed.inc();
                }
            });
            *work = match written {
                Err(Error::Stopped) => return Ok(()),
                written => written?,
            };
            let took: Duration = self.parts.clock.monotonic().saturating_sub(started);
            metrics.compaction_seconds.observe(took.as_secs_f64());
        }
        if let EndedWork::Written(ended, readers) = work {
            if !self.head.memory.readers.have_passed(*readers) {
                return Ok(());
            }
            let removed = self.head.drop_ended(ended)?;
            info!(ended = ended.count(), removed, "ended series have left the head");
            *work = EndedWork::Idle;
        }
        Ok(())
    }

    /// Whether the head's next block is written soon.
    fn is_block_near(&self) -> bool {
        let memory = &self.head.memory;
        let range = memory.shape.range_ms;
        let spans = memory.max_time().saturating_sub(memory.min_time());
        spans.saturating_add(range / NEXT_BLOCK_PART) > range.saturating_add(range / 2)
    }

    /// Writes a block of ended series for each range of time, and has new readers look for them there.
    fn write_ended(&self) -> Result<EndedWork, Error> {
        let memory = &self.head.memory;
        let range = memory.shape.range_ms;
        let ended = memory.ended();
        let settings = memory.settings().blocks().writer;
        let target = Target { fs: &self.parts.fs, folder: &self.path, settings };
        let Some((first, last)) = ended.span() else { return Ok(EndedWork::Idle) };
        let mut written = Vec::new();
        let mut start = first;
        while start <= last {
            let end = start.div_euclid(range).saturating_add(1).saturating_mul(range);
            // No further than there are samples: older releases take the end of such a block for that of the head's.
            let meta_end = end.min(last.saturating_add(1));
            let mut meta = BlockMeta::new(self.blocks.new_ulid(), start, meta_end);
            meta.compaction.hints = vec![hint::FROM_STALE_SERIES.to_owned()];
            written.extend(memory.write_ended(&target, meta, &ended, &|| !self.is_stopping())?);
            start = end;
        }
        let _nothing_reads = self.moving.write();
        self.blocks.reload(self.other_bytes())?;
        let damaged = self.blocks.damaged();
        for meta in &written {
            if damaged.iter().any(|block| block.ulid == meta.ulid) {
                // It was written, but cannot be read: the head must go on serving its samples.
                return Err(Error::Unreadable { ulid: meta.ulid });
            }
            info!(ulid = %meta.ulid, series = meta.stats.num_series, "write block of ended series");
        }
        memory.hide_ended(&ended);
        Ok(EndedWork::Written(ended, memory.readers.barrier()))
    }
}
