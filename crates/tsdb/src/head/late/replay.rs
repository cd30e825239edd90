//! What the write-behind log gives back.

use std::collections::{HashMap, HashSet};

use chunks::recode::{Sample, Value};
use foldhash::fast::RandomState;
use model::{FloatHistogram, Histogram, SeriesRef};
use wal::record::{
    DecodeError, HistogramColumns, RecordType, Samples, decode_float_histograms, decode_histograms,
    decode_mmap_markers, decode_samples, decode_tombstones,
};

use super::super::files::{FileChunk, Loaded};
use super::super::kinds::HeadHistogram;
use super::super::memory::Memory;
use super::{LateChunk, LateSamples, OPEN_MAX};
use crate::block::Interval;

/// References that the log of samples gives to several series: the log of late samples does not say whose is meant.
pub(crate) type Ambiguous = HashSet<SeriesRef, RandomState>;

/// Puts what the log holds into memory, record by record.
///
/// The log has every late sample that stands in no block. Where it names a chunk of a file, the samples of that
/// chunk are taken from there; chunks that it does not name stand in blocks already.
pub(crate) struct LateReplay<'a> {
    memory: &'a Memory,
    /// References of the log whose series has another one here.
    renamed: &'a HashMap<SeriesRef, SeriesRef>,
    /// What stands under these is left out.
    ambiguous: &'a Ambiguous,
    /// Chunks in files that the log has not named yet, by what it calls them.
    filed: HashMap<u64, (SeriesRef, FileChunk), RandomState>,
    /// What could not be given to a series: samples, histograms, markers.
    unknown: [u64; 3],
}

const SAMPLES: usize = 0;
const HISTOGRAMS: usize = 1;
const MARKERS: usize = 2;
const UNKNOWN_KINDS: [&str; 3] = ["samples", "histogram_samples", "mmap_markers"];

impl<'a> LateReplay<'a> {
    /// Begins, with the chunks that files hold.
    pub(crate) fn new(
        memory: &'a Memory,
        renamed: &'a HashMap<SeriesRef, SeriesRef>,
        ambiguous: &'a Ambiguous,
        filed: Vec<Loaded>,
    ) -> Self {
        let filed = filed.into_iter().map(|one| (one.chunk.reference(), (one.series, one.chunk)));
        Self { memory, renamed, ambiguous, filed: filed.collect(), unknown: [0; 3] }
    }

    /// Takes one record; types that do not belong here are stepped over.
    pub(crate) fn record(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        match RecordType::of(record) {
            Some(RecordType::Samples | RecordType::SamplesV2) => self.floats(record),
            Some(RecordType::Histograms | RecordType::CustomHistograms | RecordType::HistogramsV2) => {
                self.histograms::<Histogram>(record, decode_histograms)
            }
            Some(
                RecordType::FloatHistograms
                | RecordType::CustomFloatHistograms
                | RecordType::FloatHistogramsV2,
            ) => self.histograms::<FloatHistogram>(record, decode_float_histograms),
            Some(RecordType::MmapMarkers) => {
                let mut markers = Vec::new();
                let decoded = decode_mmap_markers(record, &mut markers);
                for marker in markers {
                    let named = self.filed.get(&marker.chunk).filter(|(series, _)| *series == marker.series);
                    if let Some((series, chunk)) = named.copied() {
                        self.filed.remove(&marker.chunk);
                        self.attach(series, chunk);
                    }
                }
                decoded
            }
            Some(RecordType::Tombstones) => self.delete(record),
            _ => Ok(()),
        }
    }

    /// Ends the replay. `is_whole` says that the log was all there: then chunks that it did not name are not
    /// needed; else their series are given, for the log to name them.
    pub(crate) fn finish(mut self, is_whole: bool) -> Vec<SeriesRef> {
        let mut unnamed = Vec::new();
        let mut rest: Vec<(u64, (SeriesRef, FileChunk))> =
            std::mem::take(&mut self.filed).into_iter().collect();
        rest.sort_unstable_by_key(|(reference, _)| *reference);
        for (_, (series, chunk)) in rest {
            if is_whole {
                self.memory.files.release(&chunk);
            } else {
                self.attach(series, chunk);
                unnamed.extend(self.here(series));
            }
        }
        for (kind, count) in UNKNOWN_KINDS.into_iter().zip(self.unknown) {
            if count > 0 {
                self.memory.metrics.late.replay_unknown_refs.with(&[kind]).add(count);
            }
        }
        unnamed.sort_unstable();
        unnamed.dedup();
        unnamed
    }

    /// The series that the log means; `None` where that is not certain.
    fn here(&self, series: SeriesRef) -> Option<SeriesRef> {
        let is_clear = !self.ambiguous.contains(&series);
        is_clear.then(|| self.renamed.get(&series).copied().unwrap_or(series))
    }

    fn count_unknown(&mut self, kind: usize, count: u64) {
        if let Some(unknown) = self.unknown.get_mut(kind) {
            *unknown += count;
        }
    }

    fn floats(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        let mut columns = Samples::default();
        let decoded = decode_samples(record, &mut columns);
        let times = columns.timestamps.iter().zip(&columns.start_timestamps);
        let samples = columns.refs.iter().zip(times).zip(&columns.values);
        let mut unclear = 0;
        let samples = samples.filter_map(|((series, (timestamp, start)), value)| {
            let (timestamp, start, value) = (*timestamp, *start, Value::Float(*value));
            let here = self.here(*series);
            unclear += u64::from(here.is_none());
            Some((here?, Sample { timestamp, start, value }))
        });
        let unknown = self.memory.insert_late(Memory::RECOVERED, samples);
        self.count_unknown(SAMPLES, unknown + unclear);
        decoded
    }

    fn histograms<H: HeadHistogram>(
        &mut self,
        record: &[u8],
        decode: fn(&[u8], &mut HistogramColumns<H>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut columns = HistogramColumns::default();
        let decoded = decode(record, &mut columns);
        let all = columns.part(0..columns.len());
        let sound = all.filter(|(_, _, _, histogram)| histogram.check().is_ok());
        let mut unclear = 0;
        let samples: LateSamples = sound
            .filter_map(|(series, timestamp, start, histogram)| {
                let here = self.here(series);
                unclear += u64::from(here.is_none());
                Some((here?, Sample { timestamp, start, value: histogram.clone().into_value() }))
            })
            .collect();
        let unknown = self.memory.insert_late(Memory::RECOVERED, samples);
        self.count_unknown(HISTOGRAMS, unknown + unclear);
        decoded
    }

    /// Gives a series a chunk that a file holds.
    fn attach(&mut self, series: SeriesRef, chunk: FileChunk) {
        let memory = self.memory;
        let late = LateChunk::File(chunk);
        let mut samples = Vec::new();
        if let Err(error) = late.decode(&memory.files, &mut samples) {
            tracing::warn!(%error, "Chunk of late samples cannot be read; they are taken from the log");
            late.release(&memory.files);
            return;
        }
        let here = self.here(series);
        let attached = here.and_then(|here| {
            memory.pages.write(here, |state| {
                let late = state.late_or_default();
                let before = late.count();
                late.attach(chunk, &samples);
                (before, late.count())
            })
        });
        match attached {
            Some((before, after)) => {
                memory.widen_late(chunk.start(), chunk.end());
                memory.add_chunks(after.saturating_sub(before));
            }
            None => {
                late.release(&memory.files);
                self.count_unknown(MARKERS, 1);
            }
        }
    }

    fn delete(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        let mut tombstones = Vec::new();
        let decoded = decode_tombstones(record, &mut tombstones);
        for tombstone in tombstones {
            let interval = Interval { start: tombstone.min_time, end: tombstone.max_time };
            let Some(series) = self.here(tombstone.series) else { continue };
            if let Err(error) = self.memory.delete_late(series, interval) {
                tracing::warn!(%error, "Chunk of late samples cannot be read; nothing is deleted of it");
            }
        }
        decoded
    }
}

impl Memory {
    /// Encodes open samples where there are as many as a chunk takes, after all was read.
    pub(crate) fn seal_recovered(&self) {
        let mut sealed = Vec::new();
        let mut chunks = 0;
        self.for_each_late(|series, late| {
            let Some(late) = late else { return };
            let before = late.count();
            if late.seal_if_full(Self::RECOVERED, OPEN_MAX) {
                sealed.push(series);
                chunks += late.count().saturating_sub(before);
            }
        });
        self.add_chunks(chunks);
        self.late.sealed.lock().append(&mut sealed);
    }
}
