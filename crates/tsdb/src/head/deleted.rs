//! Deleted spans of time of the head's series: hidden at once, left out when the head's samples become a block.

use std::sync::Arc;

use model::{Matcher, SeriesRef};
use storage::TimeRange;
use wal::Batch;
use wal::record::{Tombstone, encode_tombstones};

use super::Head;
use super::memory::Memory;
use crate::Error;
use crate::block::{Interval, Tombstones};

/// Deleted spans in one record of the log.
const TOMBSTONES_PER_RECORD: usize = 16 * 1024;

impl Memory {
    /// What is deleted, by the series' references.
    pub(crate) fn deleted(&self) -> Arc<Tombstones> {
        Arc::clone(&self.deleted.read())
    }

    /// Hides spans of time from every new reader; gives the number of those whose series is not there.
    pub(crate) fn hide(&self, tombstones: &[Tombstone]) -> u64 {
        if tombstones.is_empty() {
            return 0;
        }
        let mut unknown = 0;
        let mut deleted = self.deleted.write();
        let all = Arc::make_mut(&mut deleted);
        for tombstone in tombstones {
            if self.pages.read(tombstone.series, |_| ()).is_none() {
                unknown += 1;
                continue;
            }
            let interval = Interval { start: tombstone.min_time, end: tombstone.max_time };
            all.add(tombstone.series.0, interval);
        }
        unknown
    }

    /// Forgets what was deleted before `min_time`, and of series that are gone.
    pub(super) fn forget_deleted(&self, min_time: i64) {
        let mut deleted = self.deleted.write();
        if !deleted.is_empty() {
            let exists = |series: u64| self.pages.read(SeriesRef(series), |_| ()).is_some();
            Arc::make_mut(&mut deleted).truncate(min_time, exists);
        }
    }
}

impl Head {
    /// Deletes what the series that fulfil every matcher have in `range`; what comes later is not deleted.
    ///
    /// The log holds it before this returns.
    ///
    /// # Errors
    /// [`Error::Wal`]: then nothing is deleted.
    pub(crate) fn delete(&self, range: TimeRange, matchers: &[Matcher]) -> Result<(), Error> {
        let memory = &self.memory;
        let mut tombstones = Vec::new();
        {
            let known = memory.labels.read();
            for number in known.view().select(matchers).iter() {
                let Some(series) = known.reference(number) else { continue };
                let span = memory.pages.read(series, |state| state.first_time().zip(state.last_time()));
                let Some((first, last)) = span.flatten() else { continue };
                let (min_time, max_time) = (range.start.max(first), range.end.min(last));
                if min_time <= max_time {
                    tombstones.push(Tombstone { series, min_time, max_time });
                }
            }
        }
        if tombstones.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::new(memory.settings().wal.compression);
        let mut record = Vec::new();
        for part in tombstones.chunks(TOMBSTONES_PER_RECORD) {
            record.clear();
            encode_tombstones(part, &mut record);
            batch.push(&record)?;
        }
        self.log.commit(batch)?;
        memory.hide(&tombstones);
        Ok(())
    }
}
