//! Puts samples in their places: those of a commit, and those that the log gives back.

use std::ops::Range;

use model::SeriesRef;
use wal::record::{HistogramColumns, Samples};

use super::isolation::CommitId;
use super::kinds::{HeadHistogram, Kind};
use super::memory::Memory;
use super::pages::{number_of, page_of, place_of};
use super::series::{Appended, Arrival};

/// What applying the samples of a commit has come to.
#[derive(Debug)]
pub(crate) struct Applied<'a> {
    memory: &'a Memory,
    commit: CommitId,
    low_watermark: CommitId,
    /// Older samples are left out: they belong to blocks.
    from: i64,
    floats: u64,
    histograms: u64,
    /// Samples that were no longer newer than all others of their series.
    late_floats: u64,
    late_histograms: u64,
    /// Samples that belong to blocks: of a log that was not cut since, or of a batch that took long.
    older: u64,
    /// Samples whose series is not there.
    pub(crate) unknown: u64,
    new_chunks: u64,
    /// Series of which a chunk has become full.
    sealed: Vec<SeriesRef>,
    stale_change: i64,
    min_time: i64,
    max_time: i64,
}

impl<'a> Applied<'a> {
    pub(crate) fn new(memory: &'a Memory, commit: CommitId) -> Self {
        Self {
            memory,
            commit,
            low_watermark: memory.isolation.low_watermark(),
            from: memory.append_from(),
            floats: 0,
            histograms: 0,
            late_floats: 0,
            late_histograms: 0,
            older: 0,
            unknown: 0,
            new_chunks: 0,
            sealed: Vec::new(),
            stale_change: 0,
            min_time: i64::MAX,
            max_time: i64::MIN,
        }
    }

    fn arrival(&self, timestamp: i64, start: i64) -> Arrival {
        Arrival { time: (timestamp, start), commit: self.commit, low_watermark: self.low_watermark }
    }

    fn add(&mut self, series: SeriesRef, timestamp: i64, kind: Kind, change: Appended) {
        let count = match (change.taken, kind) {
            (true, Kind::Float) => &mut self.floats,
            (true, _) => &mut self.histograms,
            (false, Kind::Float) => &mut self.late_floats,
            (false, _) => &mut self.late_histograms,
        };
        *count += 1;
        if change.taken {
            self.new_chunks += u64::from(change.new_chunk);
            self.sealed.extend(change.sealed.then_some(series));
            self.stale_change += i64::from(change.stale_change);
            self.min_time = self.min_time.min(timestamp);
            self.max_time = self.max_time.max(timestamp);
        }
    }

    /// Brings the head's times and metrics up to date; gives the number of samples without a series.
    pub(crate) fn finish(self) -> u64 {
        let memory = self.memory;
        if self.min_time <= self.max_time {
            memory.widen(self.min_time, self.max_time);
        }
        memory.add_chunks(self.new_chunks);
        if !self.sealed.is_empty() {
            memory.sealed.lock().extend(self.sealed);
        }
        let metrics = &memory.metrics;
        let counts =
            [("float", self.floats, self.late_floats), ("histogram", self.histograms, self.late_histograms)];
        for (kind, taken, late) in counts {
            if taken > 0 {
                metrics.samples_appended.with(&[kind]).add(taken);
            }
            // What the log repeats of files and blocks was not refused.
            if late > 0 && self.commit != Memory::RECOVERED {
                metrics.out_of_order.with(&[kind]).add(late);
            }
        }
        if self.older > 0 && self.commit != Memory::RECOVERED {
            metrics.out_of_bounds.with(&["float"]).add(self.older);
        }
        if self.stale_change != 0 {
            metrics.stale_series.add(self.stale_change as f64);
        }
        self.unknown
    }
}

/// Puts floats in their places; the lock of a page is taken once for neighbours that stand on it.
pub(crate) fn apply_floats(applied: &mut Applied<'_>, samples: &Samples, part: Range<usize>) {
    let memory = applied.memory;
    let mut at = part.start;
    while let Some(first) = samples.refs.get(at).filter(|_| at < part.end) {
        let page_number = page_of(number_of(*first));
        let rest = samples.refs.iter().take(part.end).skip(at);
        let count = rest.take_while(|series| page_of(number_of(**series)) == page_number).count();
        let mut page = memory.pages.page(page_number).map(parking_lot::RwLock::write);
        let run = at..at + count;
        let refs = samples.refs.get(run.clone()).unwrap_or_default();
        let times = samples.timestamps.get(run.clone()).unwrap_or_default();
        let starts = samples.start_timestamps.get(run.clone()).unwrap_or_default();
        let values = samples.values.get(run).unwrap_or_default();
        for (((series, timestamp), start), value) in refs.iter().zip(times).zip(starts).zip(values) {
            let place = page.as_mut().and_then(|page| page.get_mut(place_of(number_of(*series))));
            match place.filter(|found| found.reference == *series) {
                _ if *timestamp < applied.from => applied.older += 1,
                Some(found) => {
                    let arrival = applied.arrival(*timestamp, *start);
                    let change = found.append_float(arrival, *value, memory.shape);
                    applied.add(*series, *timestamp, Kind::Float, change);
                }
                None => applied.unknown += 1,
            }
        }
        at += count;
    }
}

/// Puts histograms in their places.
pub(crate) fn apply_histograms<H: HeadHistogram>(
    applied: &mut Applied<'_>,
    columns: &HistogramColumns<H>,
    part: Range<usize>,
) {
    let memory = applied.memory;
    for (series, timestamp, start, histogram) in columns.part(part) {
        if timestamp < applied.from {
            applied.older += 1;
            continue;
        }
        let arrival = applied.arrival(timestamp, start);
        let change =
            memory.pages.write(series, |found| found.append_histogram(arrival, histogram, memory.shape));
        match change {
            Some(change) => applied.add(series, timestamp, H::KIND, change),
            None => applied.unknown += 1,
        }
    }
}
