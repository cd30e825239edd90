//! What is done to blocks: compaction, deletion, cleaning, copies.

use std::path::Path;
use std::sync::Arc;

use model::Matcher;
use storage::TimeRange;
use tracing::{info, warn};

use super::Blocks;
use crate::Error;
use crate::block::{Block, BlockMeta, Interval, Intervals, Ulid};
use crate::compaction::{Pace, Plan, PlanReason, compact, plan};

impl Blocks {
    /// Does one compaction if there is one to do, and says whether there was. `other_bytes` is what log and head
    /// take; `is_held_back` names blocks that must stay as they are for now.
    ///
    /// # Errors
    /// Those of [`compact`], [`Error::Io`].
    pub fn compact_next(
        &self,
        other_bytes: u64,
        is_held_back: &dyn Fn(Ulid) -> bool,
        pace: &mut dyn Pace,
    ) -> Result<bool, Error> {
        let _one_at_a_time = self.changing.lock();
        let mut metas = self.metas();
        metas.retain(|meta| !is_held_back(meta.ulid));
        let Some(plan) = plan(&metas, &self.settings.read().compaction) else { return Ok(false) };
        self.execute(&plan, pace)?;
        self.reload_locked(other_bytes)?;
        Ok(true)
    }

    fn execute(&self, plan: &Plan, pace: &mut dyn Pace) -> Result<(), Error> {
        let blocks = self.all();
        let is_source = |block: &&Arc<Block>| plan.sources.contains(&block.meta().ulid);
        let sources: Vec<Arc<Block>> = blocks.iter().filter(is_source).cloned().collect();
        let started = self.clock.monotonic();
        self.metrics.populating.set(1.0);
        let written = self.write(&sources, pace);
        self.metrics.populating.set(0.0);
        let took = self.clock.monotonic().saturating_sub(started);
        let written = written.inspect_err(|error| {
            if !matches!(error, Error::Stopped) {
                self.metrics.compactions_failed.inc();
                warn!(%error, sources = ?plan.sources, "compaction failed");
            }
        })?;
        self.metrics.compactions.inc();
        self.metrics.compaction_seconds.observe(took.as_secs_f64());
        if plan.reason == PlanReason::Overlap {
            self.metrics.vertical_compactions.inc();
        }
        let ulid = written.as_ref().map(|meta| meta.ulid);
        info!(count = sources.len(), ?ulid, duration = ?took, "compact blocks");
        Ok(())
    }

    fn write(&self, sources: &[Arc<Block>], pace: &mut dyn Pace) -> Result<Option<BlockMeta>, Error> {
        let settings = self.settings.read().writer;
        compact(&self.fs, &self.path, sources, self.new_ulid(), settings, pace)
    }

    /// A name for a block that is made now.
    pub fn new_ulid(&self) -> Ulid {
        Ulid::new(u64::try_from(self.clock.now_ms()).unwrap_or_default())
    }

    /// Deletes what the series that fulfil every matcher have in `range`; on disk before this returns.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`].
    pub fn delete(&self, range: TimeRange, matchers: &[Matcher]) -> Result<(), Error> {
        let _one_at_a_time = self.changing.lock();
        for block in self.all().iter().filter(|block| block.range().overlaps(range)) {
            let found = block.index().select(matchers).map_err(block.index_error())?;
            let mut deleted = Vec::new();
            for number in found.iter() {
                let series = block.series(number)?;
                let (Some(first), Some(last)) = (series.chunks.first(), series.chunks.last()) else {
                    continue;
                };
                let interval = Interval { start: range.start.max(first.start), end: range.end.min(last.end) };
                if interval.start <= interval.end {
                    deleted.push((number, Intervals::from_iter([interval])));
                }
            }
            if !deleted.is_empty() {
                block.delete(deleted)?;
            }
        }
        Ok(())
    }

    /// Writes every block anew of which something is deleted, so that it leaves the disk.
    ///
    /// # Errors
    /// Those of [`compact`], [`Error::Io`].
    pub fn clean_tombstones(&self, other_bytes: u64, pace: &mut dyn Pace) -> Result<(), Error> {
        let _one_at_a_time = self.changing.lock();
        let started = self.clock.monotonic();
        for block in self.all().iter().filter(|block| !block.tombstones().is_empty()) {
            self.write(&[Arc::clone(block)], pace)?;
        }
        let took = self.clock.monotonic().saturating_sub(started);
        self.metrics.tombstone_cleanup_seconds.observe(took.as_secs_f64());
        self.reload_locked(other_bytes)
    }

    /// Gives the files of all blocks a second name in `target`, which must be a folder of the same file system.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn snapshot(&self, target: &Path) -> Result<(), Error> {
        let _one_at_a_time = self.changing.lock();
        self.fs.create_dir_all(target).map_err(Error::io("create", target))?;
        for block in self.all().iter() {
            let copy = target.join(block.meta().ulid.to_string());
            self.link(block.folder(), &copy)?;
        }
        self.fs.sync_dir(target).map_err(Error::io("sync", target))
    }

    fn link(&self, from: &Path, to: &Path) -> Result<(), Error> {
        self.fs.create_dir_all(to).map_err(Error::io("create", to))?;
        for entry in self.fs.list(from).map_err(Error::io("list", from))? {
            let (from, to) = (from.join(&entry.name), to.join(&entry.name));
            if entry.is_dir {
                self.link(&from, &to)?;
            } else {
                self.fs.hard_link(&from, &to).map_err(Error::io("link", &from))?;
            }
        }
        self.fs.sync_dir(to).map_err(Error::io("sync", to))
    }
}
