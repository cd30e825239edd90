//! The commit of a batch: first to the log, then to memory.

use std::collections::HashSet;
use std::ops::Range;

use foldhash::fast::RandomState;
use model::{FloatHistogram, Histogram, Metadata, SeriesRef};
use storage::{Error, Result};
use wal::Batch;
use wal::record::{
    Exemplars, HistogramColumns, RecordHistogram, Samples, SeriesEncoder, encode_exemplars,
    encode_histograms, encode_metadata,
};

use super::Head;
use super::apply::{Applied, apply_floats, apply_histograms};
use super::isolation::Commit;
use super::kinds::Kind;
use super::late::{LateSamples, push_records};
use super::memory::Memory;
use super::pages::number_of;
use super::series::{Bounds, Series};
use crate::exemplars::Offered;
use crate::reserve;

/// What a batch has collected.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) floats: Samples,
    pub(crate) histograms: HistogramColumns<Histogram>,
    pub(crate) float_histograms: HistogramColumns<FloatHistogram>,
    /// The kinds of the samples in the order in which they came, run by run.
    runs: Vec<(Kind, usize)>,
    pub(crate) metadata: Vec<(SeriesRef, Metadata)>,
    pub(crate) exemplars: Vec<(SeriesRef, Offered)>,
    /// Samples that come out of order; of no run.
    pub(crate) late: LateSamples,
    /// Series of the batch whose labels the log does not hold yet; some more than once.
    pub(crate) unlogged: Vec<SeriesRef>,
    batch: Batch,
    record: Vec<u8>,
}

/// Samples in one record: readers decode a record as a whole.
const SAMPLES_PER_RECORD: usize = 16 * 1024;
/// Exemplars in one record.
const EXEMPLARS_PER_RECORD: usize = 1024;
/// Batches that have grown beyond this many samples give their memory back.
const MODEST_SAMPLES: usize = 64 * 1024;

impl Buffers {
    pub(crate) fn clear(&mut self) {
        self.floats.clear();
        self.histograms.clear();
        self.float_histograms.clear();
        self.runs.clear();
        self.metadata.clear();
        self.exemplars.clear();
        self.late.clear();
        self.unlogged.clear();
        self.batch.clear();
        self.record.clear();
    }

    /// Whether the memory is worth keeping.
    pub(crate) fn is_modest(&self) -> bool {
        let samples = self.floats.refs.capacity();
        let histograms = self.histograms.refs.capacity() + self.float_histograms.refs.capacity();
        samples + histograms + self.late.capacity() <= MODEST_SAMPLES
    }

    /// Notes that a sample of this kind has come.
    pub(crate) fn count(&mut self, kind: Kind) {
        self.count_many(kind, 1);
    }

    /// Notes that so many samples of this kind have come.
    pub(crate) fn count_many(&mut self, kind: Kind, samples: usize) {
        match self.runs.last_mut() {
            _ if samples == 0 => {}
            Some((last, count)) if *last == kind => *count += samples,
            _ => self.runs.push((kind, samples)),
        }
    }

    fn is_empty(&self) -> bool {
        self.runs.is_empty()
            && self.late.is_empty()
            && self.metadata.is_empty()
            && self.exemplars.is_empty()
            && self.unlogged.is_empty()
    }

    /// The parts of the columns in the order in which the samples came.
    fn parts(&self) -> Vec<(Kind, Range<usize>)> {
        let mut ends = [0; 3];
        let mut part = |(kind, count): &(Kind, usize)| {
            let end = ends.get_mut(*kind as usize)?;
            let start = *end;
            *end += count;
            Some((*kind, start..*end))
        };
        self.runs.iter().filter_map(&mut part).collect()
    }

    /// The parts as records may hold them: kind by kind, but where a series changes its kind within the batch in
    /// the order in which the samples came, since a reader of the log takes them one after the other.
    fn parts_to_write(&self) -> Vec<(Kind, Range<usize>)> {
        let all = [
            (Kind::Float, 0..self.floats.len()),
            (Kind::Histogram, 0..self.histograms.len()),
            (Kind::FloatHistogram, 0..self.float_histograms.len()),
        ];
        if self.runs.len() <= 1 || !self.changes_kind() {
            return all.into_iter().filter(|(_, part)| !part.is_empty()).collect();
        }
        self.parts()
    }

    fn changes_kind(&self) -> bool {
        let whole: HashSet<&SeriesRef, RandomState> = self.histograms.refs.iter().collect();
        let fractional: HashSet<&SeriesRef, RandomState> = self.float_histograms.refs.iter().collect();
        !whole.is_disjoint(&fractional)
            || self.floats.refs.iter().any(|series| whole.contains(series) || fractional.contains(series))
    }
}

/// Takes a batch: when this returns, it survives the end of the process and is seen by every new reader.
pub(crate) fn commit(head: &Head, buffers: &mut Buffers, bounds: Option<Bounds>) -> Result<()> {
    if buffers.is_empty() {
        return Ok(());
    }
    let memory = &head.memory;
    reserve::check(&memory.reserve, &memory.metrics.disk)?;
    let _not_between = memory.committing.read();
    write_records(memory, buffers).map_err(|error| unavailable("WAL", &error))?;
    let written = head.log.commit(std::mem::take(&mut buffers.batch));
    buffers.batch = written.map_err(|error| unavailable("WAL", &error))?;
    for series in &buffers.unlogged {
        memory.pages.read(*series, Series::set_logged);
    }
    let late = std::mem::take(&mut buffers.late);
    let (commit, late) = begin(head, late).map_err(|error| unavailable("WBL", &error))?;
    let mut applied = Applied::new(memory, commit.id());
    if let Some(bounds) = bounds {
        applied = applied.keep_late(bounds);
    }
    for (kind, part) in buffers.parts() {
        match kind {
            Kind::Float => apply_floats(&mut applied, &buffers.floats, part),
            Kind::Histogram => apply_histograms(&mut applied, &buffers.histograms, part),
            Kind::FloatHistogram => apply_histograms(&mut applied, &buffers.float_histograms, part),
        }
    }
    let displaced = std::mem::take(&mut applied.displaced);
    applied.finish();
    for (series, metadata) in buffers.metadata.drain(..) {
        memory.set_metadata(series, metadata);
    }
    for (series, exemplar) in buffers.exemplars.drain(..) {
        memory.add_exemplar(series, exemplar);
    }
    let any_late = late || !displaced.is_empty();
    let outcome = take_displaced(head, &commit, displaced)
        .and_then(|()| if any_late { head.late.sync_commit() } else { Ok(()) });
    commit.publish();
    outcome.map_err(|error| unavailable("WBL", &error))
}

/// Begins to apply a commit, late samples first: their log holds them, or nothing is applied. Says whether there
/// were some.
fn begin(head: &Head, late: LateSamples) -> std::result::Result<(Commit<'_>, bool), wal::Error> {
    let isolation = &head.memory.isolation;
    if late.is_empty() {
        return Ok((isolation.begin(), false));
    }
    let writing = head.late.begin();
    writing.write_samples(&late)?;
    let commit = isolation.begin();
    head.memory.insert_late(commit.id(), late);
    Ok((commit, true))
}

/// Takes samples that have become late while the batch was collected.
fn take_displaced(
    head: &Head,
    commit: &Commit<'_>,
    displaced: LateSamples,
) -> std::result::Result<(), wal::Error> {
    if displaced.is_empty() {
        return Ok(());
    }
    let writing = head.late.begin();
    writing.write_samples(&displaced)?;
    head.memory.insert_late(commit.id(), displaced);
    Ok(())
}

fn unavailable(log: &str, error: &wal::Error) -> Error {
    Error::Unavailable(format!("write to {log}: {error}"))
}

/// Encodes the batch; the labels of a series stand before the samples that refer to it.
fn write_records(memory: &Memory, buffers: &mut Buffers) -> std::result::Result<(), wal::Error> {
    let parts = buffers.parts_to_write();
    let Buffers {
        floats,
        histograms,
        float_histograms,
        metadata,
        exemplars,
        late,
        unlogged,
        batch,
        record,
        ..
    } = buffers;
    if batch.compression() != memory.settings().wal.compression {
        *batch = Batch::new(memory.settings().wal.compression);
    }
    if !unlogged.is_empty() {
        unlogged.sort_unstable();
        unlogged.dedup();
        let mut encoder = SeriesEncoder::default();
        let known = memory.labels.read();
        for series in unlogged.iter() {
            encoder.push(*series, known.texts(number_of(*series)));
        }
        drop(known);
        batch.push(encoder.bytes())?;
    }
    if memory.settings().metadata_in_wal {
        record.clear();
        encode_metadata(metadata.iter().map(|(series, metadata)| (*series, metadata)), record);
        batch.push(record)?;
    }
    for (kind, part) in parts {
        for start in part.clone().step_by(SAMPLES_PER_RECORD) {
            let part = start..part.end.min(start + SAMPLES_PER_RECORD);
            match kind {
                Kind::Float => {
                    batch.push_samples(floats.slice(part), record)?;
                }
                Kind::Histogram => push_histograms(batch, histograms, part)?,
                Kind::FloatHistogram => push_histograms(batch, float_histograms, part)?,
            }
        }
    }
    for part in exemplars.chunks(EXEMPLARS_PER_RECORD) {
        let mut columns = Exemplars::default();
        for (series, exemplar) in part {
            columns.push(*series, exemplar.timestamp, exemplar.value, exemplar.labels.clone());
        }
        record.clear();
        encode_exemplars(&columns, record);
        batch.push(record)?;
    }
    // Whoever sends on what the log holds sends these too.
    push_records(late, batch)
}

fn push_histograms<H: RecordHistogram>(
    batch: &mut Batch,
    columns: &HistogramColumns<H>,
    part: Range<usize>,
) -> std::result::Result<(), wal::Error> {
    encode_histograms(columns, part, |record| batch.push(record))
}
