//! Which late samples are taken, and of what times some are there.

use std::sync::atomic::{AtomicI64, Ordering};

use model::SeriesRef;
use parking_lot::Mutex;
use storage::TimeRange;

use super::super::memory::Memory;
use crate::Error;
use crate::block::Interval;

/// What the head knows of its late samples as a whole.
#[derive(Debug)]
pub(crate) struct LateState {
    /// How far behind the newest sample others are taken, in milliseconds; 0 for not at all.
    window: AtomicI64,
    /// [`i64::MAX`] and [`i64::MIN`] without any.
    min_time: AtomicI64,
    max_time: AtomicI64,
    /// Series with chunks of late samples that are in no file yet.
    pub(super) sealed: Mutex<Vec<SeriesRef>>,
}

impl LateState {
    pub(crate) fn new(window_ms: i64) -> Self {
        Self {
            window: AtomicI64::new(window_ms),
            min_time: AtomicI64::new(i64::MAX),
            max_time: AtomicI64::new(i64::MIN),
            sealed: Mutex::default(),
        }
    }
}

impl Memory {
    /// Changes how far behind the newest sample others are taken.
    pub(crate) fn set_late_window(&self, window_ms: i64) {
        self.late.window.store(window_ms, Ordering::Release);
    }

    /// How far behind the newest sample others are taken, in milliseconds; 0 for not at all.
    pub(crate) fn late_window(&self) -> i64 {
        self.late.window.load(Ordering::Acquire)
    }

    /// The oldest time of late samples where `newest` is the newest sample; `None` where none are taken.
    pub(crate) fn late_from(&self, newest: i64) -> Option<i64> {
        let window = self.late_window();
        (window > 0).then(|| newest.saturating_sub(window))
    }

    /// From the first late sample to the last; a span that overlaps nothing without any.
    pub(crate) fn late_range(&self) -> TimeRange {
        let time = |time: &AtomicI64| time.load(Ordering::Acquire);
        TimeRange::new(time(&self.late.min_time), time(&self.late.max_time))
    }

    /// Takes the times of late samples into account. Whoever calls it is the only one who changes late samples.
    pub(super) fn widen_late(&self, min_time: i64, max_time: i64) {
        self.late.min_time.fetch_min(min_time, Ordering::AcqRel);
        self.late.max_time.fetch_max(max_time, Ordering::AcqRel);
    }

    /// Sets the times of the late samples, as [`Memory::widen_late`] does.
    pub(super) fn set_late_times(&self, times: Option<(i64, i64)>) {
        let (min_time, max_time) = times.unwrap_or((i64::MAX, i64::MIN));
        self.late.min_time.store(min_time, Ordering::Release);
        self.late.max_time.store(max_time, Ordering::Release);
    }

    /// Removes the late samples of a span of time of a series.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Chunk`]: a chunk that cannot be read stays as it is.
    pub(crate) fn delete_late(&self, series: SeriesRef, interval: Interval) -> Result<(), Error> {
        let deleted = self.pages.write(series, |state| {
            let mut outcome = Ok(());
            state.change_late(|place| {
                let Some(late) = place else { return };
                let before = late.count();
                outcome = late.delete(interval, &self.files);
                let after = late.count();
                self.add_chunks(after.saturating_sub(before));
                self.remove_chunks(before.saturating_sub(after));
                if late.is_empty() {
                    *place = None;
                }
            });
            outcome
        });
        deleted.unwrap_or(Ok(()))
    }
}
