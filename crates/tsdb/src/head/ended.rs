//! Series that have ended leave the head before their time, so that those of past deployments do not fill memory.
//!
//! Their samples go to blocks of their own. From the moment such a block can be read, new readers no longer find the
//! series here; when those that had begun before have ended, it is taken out of memory, and the log says that its
//! samples need not come back. A series that goes on meanwhile stays: then some of its samples stand twice.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use model::SeriesRef;
use storage::TimeRange;
use wal::record::Tombstone;

use super::Head;
use super::compact::Target;
use super::deleted::batch_of;
use super::memory::Memory;
use super::pages::number_of;
use super::series::Series;
use crate::Error;
use crate::block::BlockMeta;

/// Series that have ended, and the times of their first and last samples.
#[derive(Debug, Default)]
pub(crate) struct Ended(HashMap<SeriesRef, (i64, i64), RandomState>);

impl Ended {
    /// Times of the first sample and of the last one; `None` without any series.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let first = self.0.values().map(|(first, _)| *first).min();
        first.zip(self.0.values().map(|(_, last)| *last).max())
    }

    /// The number of series.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    fn holds(&self, series: &Series) -> bool {
        self.0.get(&series.reference).is_some_and(|span| series.has_ended() == Some(*span))
    }
}

impl Memory {
    /// Which share of the series has ended.
    pub(crate) fn ended_share(&self) -> f64 {
        let series = self.labels.read().count();
        self.metrics.stale_series.get() / (series as f64).max(1.0)
    }

    /// The series that have ended, as every reader sees.
    pub(crate) fn ended(&self) -> Ended {
        let horizon = self.isolation.low_watermark();
        let mut ended = Ended::default();
        let pages = self.labels.read().page_count();
        for page in (0..pages).filter_map(|number| self.pages.page(number)) {
            let page = page.read();
            let seen = page.iter().filter(|series| series.hidden(horizon) == 0);
            ended.0.extend(seen.filter_map(|series| Some((series.reference, series.has_ended()?))));
        }
        ended
    }

    /// Writes what ended series have in `[meta.min_time, meta.max_time)` as a block; `None` where they have nothing.
    ///
    /// # Errors
    /// Those of [`Memory::write_block`].
    pub(crate) fn write_ended(
        &self,
        target: &Target<'_>,
        meta: BlockMeta,
        ended: &Ended,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<BlockMeta>, Error> {
        let range = TimeRange::new(meta.min_time, meta.max_time - 1);
        let deleted = self.deleted();
        let is_meant = |series: &Series| ended.0.contains_key(&series.reference) && series.overlaps(range);
        self.write_series(target, meta, go_on, is_meant, |series| {
            self.chunks_of(series, range, deleted.of(series.0))
        })
    }

    /// Hides ended series from new readers, who find their samples in blocks.
    pub(crate) fn hide_ended(&self, ended: &Ended) {
        let pages = self.labels.read().page_count();
        for page in (0..pages).filter_map(|number| self.pages.page(number)) {
            for series in page.write().iter_mut().filter(|series| ended.holds(series)) {
                series.departed = true;
            }
        }
    }
}

impl Head {
    /// Takes hidden series out of memory, those aside that have gone on or that an appender has asked for; gives
    /// how many. No reader may need them any more.
    ///
    /// # Errors
    /// [`Error::Wal`]: nothing is removed then.
    pub(crate) fn drop_ended(&self, ended: &Ended) -> Result<u64, Error> {
        let memory = &self.memory;
        let mut tombstones: Vec<Tombstone> = ended
            .0
            .iter()
            .map(|(series, (first, last))| Tombstone { series: *series, min_time: *first, max_time: *last })
            .collect();
        if tombstones.is_empty() {
            return Ok(0);
        }
        tombstones.sort_unstable_by_key(|tombstone| tombstone.series);
        self.log.commit(batch_of(memory, &tombstones)?)?;
        // Both locks at once: who finds the labels expects the series in its place.
        let mut known = memory.labels.write();
        let oldest_appender = memory.appenders.oldest();
        let (mut removed, mut chunks) = (0, 0);
        {
            // Segments of the log refer to them until they are gone.
            let mut kept = memory.heard_until.lock();
            for Tombstone { series, max_time, .. } in &tombstones {
                let gone = memory.pages.remove(*series, |state| {
                    let is_free = state.departed && ended.holds(state) && state.last_used() < oldest_appender;
                    chunks += if is_free { state.chunk_count() } else { 0 };
                    is_free
                });
                if gone {
                    known.remove(number_of(*series));
                    kept.insert(*series, *max_time);
                    removed += 1;
                }
            }
        }
        drop(known);
        memory.count_removed(removed, removed);
        memory.remove_chunks(chunks);
        if removed > 0 {
            memory.forget_removed();
        }
        Ok(removed)
    }
}
