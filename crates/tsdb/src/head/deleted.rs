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
                self.note_unknown(tombstone.series);
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
    /// The logs hold it before this returns.
    ///
    /// # Errors
    /// [`Error::Wal`]: then nothing is deleted, or only what came in order. [`Error::Io`], [`Error::Chunk`]: late
    /// samples that could not be read stay.
    pub(crate) fn delete(&self, range: TimeRange, matchers: &[Matcher]) -> Result<(), Error> {
        let memory = &self.memory;
        let (mut series, mut tombstones) = (Vec::new(), Vec::new());
        {
            let known = memory.labels.read();
            let view = known.view();
            let found = view.select(matchers);
            series.extend(found.iter().filter_map(|number| known.reference(number)));
        }
        for series in &series {
            let span = memory.pages.read(*series, |state| state.first_time().zip(state.last_time()));
            tombstones.extend(span.flatten().and_then(|span| tombstone(*series, span, range)));
        }
        if !tombstones.is_empty() {
            let batch = batch_of(memory, &tombstones)?;
            let _not_between = memory.committing.read();
            self.log.commit(batch)?;
            memory.hide(&tombstones);
        }
        self.delete_late(range, &series)
    }

    /// Late samples are taken out of memory: others of their time may still come.
    fn delete_late(&self, range: TimeRange, series: &[SeriesRef]) -> Result<(), Error> {
        let memory = &self.memory;
        if !memory.late_range().overlaps(range) {
            return Ok(());
        }
        let writing = self.late.begin();
        let mut tombstones = Vec::new();
        for series in series {
            let span = memory.pages.read(*series, |state| state.late().and_then(|late| late.span()));
            tombstones.extend(span.flatten().and_then(|span| tombstone(*series, span, range)));
        }
        if tombstones.is_empty() {
            return Ok(());
        }
        writing.write(batch_of(memory, &tombstones)?)?;
        let mut outcome = Ok(());
        for Tombstone { series, min_time, max_time } in tombstones {
            let deleted = memory.delete_late(series, Interval { start: min_time, end: max_time });
            outcome = outcome.and(deleted);
        }
        outcome
    }
}

/// What is deleted of a series that has samples in a span of time.
fn tombstone(series: SeriesRef, (first, last): (i64, i64), range: TimeRange) -> Option<Tombstone> {
    let (min_time, max_time) = (range.start.max(first), range.end.min(last));
    (min_time <= max_time).then_some(Tombstone { series, min_time, max_time })
}

pub(super) fn batch_of(memory: &Memory, tombstones: &[Tombstone]) -> Result<Batch, wal::Error> {
    let mut batch = Batch::new(memory.settings().wal.compression);
    let mut record = Vec::new();
    for part in tombstones.chunks(TOMBSTONES_PER_RECORD) {
        record.clear();
        encode_tombstones(part, &mut record);
        batch.push(&record)?;
    }
    Ok(batch)
}
