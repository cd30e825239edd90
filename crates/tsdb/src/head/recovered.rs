//! Series as a start finds them in the log or in a snapshot: entered one by one, and into the index all at once.

use std::num::NonZero;

use index::LabelPair;
use model::SeriesRef;
use parking_lot::RwLockWriteGuard;
use wal::record::{is_packed_alike, pack_labels, packed_alike};

use super::chunk::OpenChunk;
use super::labels::HeadLabels;
use super::memory::Memory;
use super::pages::number_of;
use super::series::PartlyFiled;

/// Takes the series of a record; ends with it.
pub(crate) struct RecoveredSeries<'m, 'r> {
    memory: &'m Memory,
    known: RwLockWriteGuard<'m, HeadLabels>,
    /// How many records of series were read, this one included.
    told: u32,
    made: u64,
    /// Open chunks of a snapshot, the times that they span, and the series that they have made stale.
    restored: u64,
    times: (i64, i64),
    stale_change: i64,
    /// The labels of the series before: what stands in the same place mostly is the same.
    before: Vec<(&'r str, &'r str, LabelPair)>,
}

/// What a series of the log is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recovered {
    pub(crate) series: SeriesRef,
    /// Whether it was not there before.
    pub(crate) is_new: bool,
}

impl Memory {
    /// Begins to take series; nobody else may look for labels meanwhile.
    pub(crate) fn recover_series<'r>(&self, told: u32) -> RecoveredSeries<'_, 'r> {
        RecoveredSeries {
            memory: self,
            known: self.labels.write(),
            told,
            made: 0,
            restored: 0,
            times: (i64::MAX, i64::MIN),
            stale_change: 0,
            before: Vec::new(),
        }
    }

    /// Ends the recovery of series: from now on they are found by their labels.
    pub(crate) fn fill_index(&self, threads: NonZero<usize>) {
        self.labels.write().fill(threads);
    }
}

impl<'r> RecoveredSeries<'_, 'r> {
    /// Makes the series that the log knows by a reference, if there is none of its labels; `bytes` are these as they
    /// stand in the record.
    pub(crate) fn take(
        &mut self,
        series: SeriesRef,
        pairs: &[(&'r str, &'r str)],
        bytes: &[u8],
    ) -> Recovered {
        if self.is_like_before(pairs) {
            return self.take_packed(series, pairs, bytes);
        }
        if let Some(packed) = packed_alike(pairs, bytes) {
            return self.take_packed(series, pairs, packed);
        }
        let labels = pack_labels(pairs);
        let hash = self.known.hash(&labels);
        if let Some(here) = self.known.find(hash, &labels) {
            return self.present(here, series);
        }
        let interned = labels.iter().map(|(name, value)| self.known.intern(name, value)).collect();
        self.make(series, hash, interned)
    }

    /// Whether the labels have the names of those before and values in the packed form, so that they all are.
    fn is_like_before(&self, pairs: &[(&'r str, &'r str)]) -> bool {
        let is_like = |((name, _, _), (n, value)): (&(&'r str, &'r str, LabelPair), &(&'r str, &'r str))| {
            std::ptr::eq(*name, *n) && is_packed_alike(value)
        };
        self.before.len() == pairs.len() && !pairs.is_empty() && self.before.iter().zip(pairs).all(is_like)
    }

    fn take_packed(&mut self, series: SeriesRef, pairs: &[(&'r str, &'r str)], packed: &[u8]) -> Recovered {
        let hash = self.known.hash_packed(packed);
        if let Some(here) = self.known.find_pairs(hash, || pairs.iter().copied()) {
            return self.present(here, series);
        }
        self.before.truncate(pairs.len());
        let mut interned = Vec::with_capacity(pairs.len());
        for (place, (name, value)) in pairs.iter().enumerate() {
            let pair = match self.before.get(place) {
                // The same slices, as the record's reader gives what repeats itself.
                Some((n, v, pair)) if std::ptr::eq(*n, *name) && std::ptr::eq(*v, *value) => {
                    self.known.retain(*pair);
                    *pair
                }
                _ => self.known.intern(name, value),
            };
            match self.before.get_mut(place) {
                Some(before) => *before = (name, value, pair),
                None => self.before.push((name, value, pair)),
            }
            interned.push(pair);
        }
        self.make(series, hash, interned.into())
    }

    /// Whether a series may have to get another reference than its own, which others have: all that files know must
    /// have been [heard](RecoveredSeries::hear) of before.
    pub(crate) fn is_taken(&self, series: SeriesRef, pairs: &[(&str, &str)]) -> bool {
        let (known, number) = (&self.known, number_of(series));
        let is_same = || {
            known.reference(number) == Some(series)
                && (known.texts(number).eq(pairs.iter().copied())
                    || known.labels(number) == pack_labels(pairs))
        };
        !known.is_free(series) && !is_same()
    }

    /// Notes a reference that some file knows.
    pub(crate) fn hear(&mut self, series: SeriesRef) {
        self.known.hear(series);
    }

    /// Gives a series the open chunk that a snapshot holds of it.
    ///
    /// # Errors
    /// Where files hold some of its samples, and not the others.
    pub(crate) fn restore(&mut self, series: SeriesRef, open: OpenChunk) -> Result<(), PartlyFiled> {
        let (start, end) = (open.start(), open.end());
        let restored = self.memory.pages.write(series, |state| state.restore(open)).transpose()?;
        if let Some((true, stale_change)) = restored {
            self.restored += 1;
            self.times = (self.times.0.min(start), self.times.1.max(end));
            self.stale_change += i64::from(stale_change);
        }
        Ok(())
    }

    /// A series that is there, as the log calls it.
    fn present(&mut self, here: SeriesRef, series: SeriesRef) -> Recovered {
        if here != series {
            // The log goes on saying so: no other series may get the reference.
            self.known.hear(series);
        }
        Recovered { series: here, is_new: false }
    }

    fn make(&mut self, series: SeriesRef, hash: u32, pairs: Box<[LabelPair]>) -> Recovered {
        let kept = self.known.is_free(series);
        if !kept {
            self.known.hear(series);
        }
        let here = if kept { series } else { self.known.next_reference() };
        let told = self.told;
        self.memory.pages.make(here, |state| {
            state.told_in = told;
            if kept {
                // Under another reference the log does not know it: the next commit tells it.
                state.set_logged();
            }
        });
        self.known.enter(here, hash, pairs);
        self.made += 1;
        Recovered { series: here, is_new: true }
    }
}

impl Drop for RecoveredSeries<'_, '_> {
    fn drop(&mut self) {
        let memory = self.memory;
        memory.count_made(self.made);
        memory.add_chunks(self.restored);
        if self.restored > 0 {
            memory.widen(self.times.0, self.times.1);
        }
        if self.stale_change != 0 {
            memory.metrics.stale_series.add(self.stale_change as f64);
        }
    }
}
