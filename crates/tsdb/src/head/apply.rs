//! Puts samples in their places: those of a commit, and those that the log gives back.

use std::ops::Range;

use chunks::recode::{Sample, Value};
use model::SeriesRef;
use wal::record::{HistogramColumns, Samples};

use super::isolation::CommitId;
use super::kinds::{HeadHistogram, Kind};
use super::late::LateSamples;
use super::memory::Memory;
use super::pages::{fetch, number_of, page_of, place_of};
use super::series::{Appended, Arrival, Bounds, Series};

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
    /// How many records of series the samples' writer knew.
    told: u32,
    /// Where late samples are taken, the oldest time of such.
    late_from: Option<i64>,
    /// Samples that were no longer newer than all others of their series, to be taken as late ones.
    pub(crate) displaced: LateSamples,
    /// Such samples that are not taken.
    out_of_order: [u64; 2],
    out_of_bounds: [u64; 2],
    too_old: [u64; 2],
    /// Samples whose series is not there.
    pub(crate) unknown: u64,
    /// Series of such samples, as a start finds them; a series may stand here more than once.
    missed: Vec<SeriesRef>,
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
            told: u32::MAX,
            late_from: None,
            displaced: LateSamples::new(),
            out_of_order: [0; 2],
            out_of_bounds: [0; 2],
            too_old: [0; 2],
            unknown: 0,
            missed: Vec::new(),
            new_chunks: 0,
            sealed: Vec::new(),
            stale_change: 0,
            min_time: i64::MAX,
            max_time: i64::MIN,
        }
    }

    /// Keeps samples that have become late since they came; `bounds` are those of the batch.
    pub(crate) fn keep_late(mut self, bounds: Bounds) -> Self {
        self.late_from = bounds.out_of_order_from.filter(|_| !bounds.discard_out_of_order);
        self
    }

    /// Takes samples that a start finds behind so many records of series in the log.
    pub(crate) fn behind(mut self, told: u32) -> Self {
        self.told = told;
        self
    }

    fn arrival(&self, timestamp: i64, start: i64) -> Arrival {
        Arrival { time: (timestamp, start), commit: self.commit, low_watermark: self.low_watermark }
    }

    fn add(&mut self, series: SeriesRef, timestamp: i64, kind: Kind, change: Appended) {
        *if kind == Kind::Float { &mut self.floats } else { &mut self.histograms } += 1;
        self.new_chunks += u64::from(change.new_chunk);
        self.sealed.extend(change.sealed.then_some(series));
        self.stale_change += i64::from(change.stale_change);
        self.min_time = self.min_time.min(timestamp);
        self.max_time = self.max_time.max(timestamp);
    }

    /// Notes a sample whose series is not there.
    #[cold]
    fn miss(&mut self, series: SeriesRef) {
        self.unknown += 1;
        if self.commit == Memory::RECOVERED && self.missed.last() != Some(&series) {
            self.missed.push(series);
        }
    }

    /// Notes a sample that is not newer than `last`, or (`None`) belongs to blocks: of a log that was not cut since,
    /// or of a batch that took long or holds others of its series.
    #[cold]
    fn displace(&mut self, series: SeriesRef, last: Option<i64>, sample: Sample) {
        // What the log repeats of files and blocks was not refused, nor is the newest sample once more.
        if self.commit == Memory::RECOVERED || last == Some(sample.timestamp) {
            return;
        }
        let counts = match self.late_from {
            Some(from) if sample.timestamp >= from => {
                self.displaced.push((series, sample));
                return;
            }
            Some(_) => &mut self.too_old,
            None if last.is_none() => &mut self.out_of_bounds,
            None => &mut self.out_of_order,
        };
        let [floats, histograms] = counts;
        *if matches!(sample.value, Value::Float(_)) { floats } else { histograms } += 1;
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
        metrics.note_appended([self.floats, self.histograms]);
        let counts = [
            (&metrics.out_of_order, self.out_of_order),
            (&metrics.out_of_bounds, self.out_of_bounds),
            (&metrics.late.too_old, self.too_old),
        ];
        for (family, counts) in counts {
            for (kind, count) in ["float", "histogram"].into_iter().zip(counts) {
                if count > 0 {
                    family.with(&[kind]).add(count);
                }
            }
        }
        if self.stale_change != 0 {
            metrics.stale_series.add(self.stale_change as f64);
        }
        self.missed.into_iter().for_each(|series| memory.note_unknown(series));
        self.unknown
    }
}

/// Puts floats in their places; the lock of a page is taken once for neighbours that stand on it.
pub(crate) fn apply_floats(applied: &mut Applied<'_>, samples: &Samples, part: Range<usize>) {
    let memory = applied.memory;
    let shape = memory.shape_now();
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
        if let Some(page) = &page {
            fetch(page, refs);
        }
        for (((series, timestamp), start), value) in refs.iter().zip(times).zip(starts).zip(values) {
            let place = page.as_mut().and_then(|page| page.get_mut(place_of(number_of(*series))));
            let sample = || Sample { timestamp: *timestamp, start: *start, value: Value::Float(*value) };
            match place.filter(|found| found.reference == *series && found.told_in <= applied.told) {
                _ if *timestamp < applied.from => applied.displace(*series, None, sample()),
                Some(found) => {
                    let arrival = applied.arrival(*timestamp, *start);
                    let change = found.append_float(arrival, *value, shape);
                    if change.taken {
                        applied.add(*series, *timestamp, Kind::Float, change);
                    } else {
                        applied.displace(*series, found.last_time(), sample());
                    }
                }
                None => applied.miss(*series),
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
        let sample = || Sample { timestamp, start, value: histogram.clone().into_value() };
        if timestamp < applied.from {
            if applied.commit != Memory::RECOVERED {
                applied.displace(series, None, sample());
            }
            continue;
        }
        let arrival = applied.arrival(timestamp, start);
        let told = applied.told;
        let appended = memory.pages.write(series, |found| {
            let append = |found: &mut Series| found.append_histogram(arrival, histogram, memory.shape);
            (found.told_in <= told).then(|| (append(found), found.last_time()))
        });
        match appended.flatten() {
            Some((change, _)) if change.taken => applied.add(series, timestamp, H::KIND, change),
            Some(_) if applied.commit == Memory::RECOVERED => {}
            Some((_, last)) => applied.displace(series, last, sample()),
            None => applied.miss(series),
        }
    }
}
