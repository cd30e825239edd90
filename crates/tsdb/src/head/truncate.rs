//! Takes what stands in blocks out of memory, files and log.

use std::num::NonZero;
use std::ops::Range;
use std::thread::ScopedJoinHandle;

use model::SeriesRef;
use tracing::{info, warn};
use wal::Keep;

use super::Head;
use super::memory::Memory;
use super::pages::number_of;
use crate::Error;

/// What leaving the head has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Truncated {
    pub(crate) chunks: u64,
    pub(crate) series: u64,
}

/// What removing chunks has left.
#[derive(Debug, Default)]
struct Left {
    /// How many were removed.
    chunks: u64,
    /// Time of the oldest sample.
    oldest: Option<i64>,
    /// Series without any.
    empty: Vec<SeriesRef>,
}

/// Fewer pages are not worth a thread.
const PAGES_PER_THREAD_MIN: u32 = 256;
/// Series that are removed without giving the lock of the labels back.
const REMOVED_TOGETHER: usize = 64;

impl Memory {
    /// Removes chunks that end before `min_time`, and series of which nothing is left; so many threads look for them.
    ///
    /// Readers that may need them must have ended. A series that an appender has just asked for stays.
    pub(crate) fn truncate(&self, min_time: i64, threads: NonZero<usize>) -> Truncated {
        let mut truncated = Truncated::default();
        self.begin_narrowing();
        let mut oldest: Option<i64> = None;
        let pages = self.labels.read().page_count();
        let part = pages.div_ceil(threads.get() as u32).max(PAGES_PER_THREAD_MIN);
        let mut parts = (0..pages).step_by(part as usize).map(|from| from..pages.min(from + part));
        let first = parts.next().unwrap_or_default();
        let left: Vec<Left> = std::thread::scope(|scope| {
            let others: Vec<_> =
                parts.map(|part| scope.spawn(move || self.truncate_pages(part, min_time))).collect();
            let own = self.truncate_pages(first, min_time);
            let join = |other: ScopedJoinHandle<'_, Left>| {
                other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            std::iter::once(own).chain(others.into_iter().map(join)).collect()
        });
        for left in left {
            truncated.chunks += left.chunks;
            oldest = oldest.into_iter().chain(left.oldest).min();
            truncated.series +=
                left.empty.chunks(REMOVED_TOGETHER).map(|empty| self.remove_empty(empty)).sum::<u64>();
        }
        if truncated.series > 0 {
            self.forget_removed();
        }
        self.forget_deleted(min_time);
        self.end_narrowing(min_time, oldest);
        self.remove_chunks(truncated.chunks);
        truncated
    }

    /// Removes chunks of the series on some pages, and says what is left.
    fn truncate_pages(&self, pages: Range<u32>, min_time: i64) -> Left {
        let mut left = Left::default();
        for page in pages.filter_map(|number| self.pages.page(number)) {
            for series in page.write().iter_mut().filter(|series| series.exists()) {
                left.chunks += series.truncate(min_time);
                match series.first_time() {
                    Some(first) => left.oldest = Some(left.oldest.map_or(first, |oldest| oldest.min(first))),
                    None if series.late().is_none() => left.empty.push(series.reference),
                    None => {}
                }
            }
        }
        left
    }

    /// Forgets what is known of series that are gone.
    pub(super) fn forget_removed(&self) {
        let exists = |series: SeriesRef| self.pages.read(series, |_| ()).is_some();
        self.metadata.write().retain(|series, _| exists(*series));
        self.raw.retain(exists);
    }

    /// Removes series that still have no samples, and that no running appender knows.
    fn remove_empty(&self, empty: &[SeriesRef]) -> u64 {
        if empty.is_empty() {
            return 0;
        }
        // Both locks at once: who finds the labels expects the series in its place.
        let mut known = self.labels.write();
        let oldest_appender = self.appenders.oldest();
        let (mut removed, mut stale) = (0, 0);
        for series in empty {
            let gone = self.pages.remove(*series, |state| {
                let is_free = state.is_vacant() && state.last_used() < oldest_appender;
                stale += u64::from(is_free && state.is_stale());
                is_free
            });
            if gone {
                known.remove(number_of(*series));
                removed += 1;
            }
        }
        drop(known);
        self.count_removed(removed, stale);
        removed
    }
}

impl Head {
    /// Takes everything before `min_time` out of memory, files and log; blocks hold it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Wal`]: what was not removed stays for the next time.
    pub(crate) fn truncate(&self, min_time: i64) -> Result<(), Error> {
        let metrics = &self.memory.metrics;
        metrics.head_truncations.inc();
        let truncated = self.memory.truncate(min_time, NonZero::<usize>::MIN);
        info!(series = truncated.series, chunks = truncated.chunks, min_time, "Head GC completed");
        let files = self.memory.files.remove_before(min_time).map(drop);
        let log = self.truncate_log(min_time);
        files.and(log).inspect_err(|_| metrics.head_truncations_failed.inc())
    }

    /// Writes what is still needed of the oldest segments into a checkpoint, and removes them.
    fn truncate_log(&self, min_time: i64) -> Result<(), Error> {
        let metrics = &self.memory.metrics;
        let segments = wal::segments(&*self.log_parts.fs, &self.log_folder)?;
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Ok(()) };
        let (first, last) = (first.number, last.number);
        // So that segments end even where few samples come.
        self.log.next_segment()?;
        let Some(before_last) = last.checked_sub(1) else { return Ok(()) };
        let upto = first + before_last.saturating_sub(first) * 2 / 3;
        if upto <= first {
            return Ok(());
        }
        metrics.log.truncations.inc();
        let result = self.checkpoint(first, upto, min_time);
        if let Err(error) = &result {
            metrics.log.truncations_failed.inc();
            warn!(%error, "Truncating the WAL failed; it is tried again after the next compaction");
        }
        result
    }

    fn checkpoint(&self, first: u32, upto: u32, min_time: i64) -> Result<(), Error> {
        let memory = &self.memory;
        let metrics = &memory.metrics;
        let expiring = memory.heard_until.lock().clone();
        let keep = Keep {
            series: &|series| {
                memory.pages.read(series, |_| ()).is_some()
                    || expiring.get(&series).is_some_and(|until| *until >= min_time)
            },
            min_time,
        };
        let settings = memory.settings().wal.clone();
        metrics.log.checkpoints.inc();
        let stats = wal::write_checkpoint(&self.log_parts, &self.log_folder, first..=upto, settings, &keep)
            .inspect_err(|_| metrics.log.checkpoints_failed.inc())?;
        info!(first, last = upto, ?stats, "WAL checkpoint complete");
        self.log.remove_before(upto + 1)?;
        {
            let mut heard = memory.heard_until.lock();
            heard.retain(|_, until| *until >= min_time);
            memory.renamed.lock().retain(|old, _| heard.contains_key(old));
        }
        metrics.log.checkpoint_deletions.inc();
        wal::remove_checkpoints_before(&*self.log_parts.fs, &self.log_folder, upto)
            .inspect_err(|_| metrics.log.checkpoint_deletions_failed.inc())?;
        Ok(())
    }
}
