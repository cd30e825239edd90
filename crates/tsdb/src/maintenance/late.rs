//! Late samples on their way into blocks, after the head's next block was written.

use tracing::info;

use crate::Error;
use crate::block::{BlockMeta, hint};
use crate::db::Inner;
use crate::head::{Barrier, LateSpan, Origin, Target};

/// How far the way has come; what does not go on now is tried again a minute later.
#[derive(Debug, Default)]
pub(super) struct LateWork {
    /// The head has written a block since the last time.
    pub(super) is_due: bool,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, Default)]
enum Stage {
    #[default]
    Idle,
    /// The samples are chosen, and stand in blocks up to a time.
    Sealed(LateSpan, i64),
    /// They stand in blocks, but these readers may still read them from memory.
    Written(LateSpan, Barrier),
}

impl Inner {
    /// Writes late samples as blocks and takes them out of memory and log.
    pub(super) fn compact_late(&self, work: &mut LateWork) -> Result<(), Error> {
        let memory = &self.head.memory;
        let range = memory.shape.range_ms;
        while !self.is_stopping() {
            work.stage = match work.stage {
                Stage::Idle if !work.is_due => return Ok(()),
                Stage::Idle => {
                    let sealed = self.head.seal_late()?;
                    work.is_due = false;
                    let first = |span: &LateSpan| span.start.div_euclid(range).saturating_mul(range);
                    sealed.map_or(Stage::Idle, |span| Stage::Sealed(span, first(&span)))
                }
                Stage::Sealed(span, next) if next <= span.end => {
                    let end = next.saturating_add(range);
                    match self.write_late_block(next, end) {
                        Ok(()) => Stage::Sealed(span, end),
                        Err(Error::Stopped) => return Ok(()),
                        Err(error) => {
                            memory.metrics.head_compactions_failed.inc();
                            return Err(error);
                        }
                    }
                }
                Stage::Sealed(span, _) => Stage::Written(span, memory.readers.barrier()),
                Stage::Written(_, readers) if !memory.readers.have_passed(readers) => return Ok(()),
                Stage::Written(span, _) => {
                    self.head.drop_late(span)?;
                    Stage::Idle
                }
            };
        }
        Ok(())
    }

    /// Writes the late samples of `[start, end)` as a block, where there are some.
    fn write_late_block(&self, start: i64, end: i64) -> Result<(), Error> {
        let memory = &self.head.memory;
        let settings = memory.settings().blocks().writer;
        let target = Target { fs: &self.parts.fs, folder: &self.path, settings };
        let mut meta = BlockMeta::new(self.blocks.new_ulid(), start, end);
        meta.compaction.hints = vec![hint::FROM_OUT_OF_ORDER.to_owned()];
        let started = self.parts.clock.monotonic();
        let written = memory.write_block(&target, meta, Origin::Late, &|| !self.is_stopping())?;
        let Some(meta) = written else { return Ok(()) };
        memory.metrics.compactions_triggered.inc();
        {
            // A reader that does not have the block has its view of the head when this is through.
            let _nothing_reads = self.moving.write();
            self.blocks.reload(self.other_bytes())?;
        }
        if self.blocks.damaged().iter().any(|block| block.ulid == meta.ulid) {
            return Err(Error::Unreadable { ulid: meta.ulid });
        }
        let took = self.parts.clock.monotonic().saturating_sub(started);
        let series = meta.stats.num_series;
        info!(ulid = %meta.ulid, start, end, series, duration = ?took, "write block of out-of-order samples");
        Ok(())
    }
}
