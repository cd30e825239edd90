//! Late samples take their places in memory.

use chunks::recode::{Sample, Value};
use model::SeriesRef;

use super::super::isolation::CommitId;
use super::super::memory::Memory;
use super::{OPEN_MAX, OPEN_MAX_RECOVERED};

/// What memory has taken.
#[derive(Debug, Default)]
struct Taken {
    floats: u64,
    histograms: u64,
    min_time: Option<i64>,
    max_time: Option<i64>,
}

impl Memory {
    /// Puts late samples in their places; the log holds them. Gives the number of those without a series.
    pub(crate) fn insert_late(
        &self,
        commit: CommitId,
        samples: impl IntoIterator<Item = (SeriesRef, Sample)>,
    ) -> u64 {
        let low_watermark = self.isolation.low_watermark();
        let is_recovered = commit == Self::RECOVERED;
        let full = if is_recovered { OPEN_MAX_RECOVERED } else { OPEN_MAX };
        let (mut taken, mut unknown, mut chunks) = (Taken::default(), 0, 0);
        let mut sealed = Vec::new();
        for (series, mut sample) in samples {
            let timestamp = sample.timestamp;
            let is_float = matches!(sample.value, Value::Float(_));
            // Its source has said so of the sample that it sent before.
            sample.value.forget_reset();
            let inserted = self.pages.write(series, |state| {
                let late = state.late_or_default();
                let before = late.count();
                // A chunk ends before the sample that it has no room for.
                if late.seal_if_full(low_watermark, full) {
                    sealed.push(series);
                }
                let inserted = late.insert(commit, sample);
                chunks += late.count().saturating_sub(before);
                inserted
            });
            match inserted {
                Some(true) => taken.add(timestamp, is_float),
                Some(false) => {}
                None => {
                    unknown += 1;
                    if is_recovered {
                        // The log says the same at the next start: no new series may have the reference then.
                        self.note_unknown(series);
                    }
                }
            }
        }
        if let (Some(min_time), Some(max_time)) = (taken.min_time, taken.max_time) {
            self.widen_late(min_time, max_time);
        }
        self.add_chunks(chunks);
        self.late.sealed.lock().append(&mut sealed);
        if !is_recovered {
            for (kind, count) in [("float", taken.floats), ("histogram", taken.histograms)] {
                if count > 0 {
                    self.metrics.samples_appended.with(&[kind]).add(count);
                    self.metrics.late.appended.with(&[kind]).add(count);
                }
            }
        }
        unknown
    }
}

impl Taken {
    fn add(&mut self, timestamp: i64, is_float: bool) {
        *if is_float { &mut self.floats } else { &mut self.histograms } += 1;
        self.min_time = Some(self.min_time.map_or(timestamp, |min_time| min_time.min(timestamp)));
        self.max_time = Some(self.max_time.map_or(timestamp, |max_time| max_time.max(timestamp)));
    }
}
