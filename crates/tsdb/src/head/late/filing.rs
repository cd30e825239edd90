//! Moves chunks of late samples from memory to files, and has the log say so.

use model::SeriesRef;
use wal::Batch;
use wal::record::{MmapMarker, encode_mmap_markers};

use super::super::Head;
use super::super::chunk::FullChunk;
use super::super::files::{Entry, FileChunk};
use super::super::memory::Memory;
use super::{Late, LateChunk, LateLog, LateSamples, push_records};
use crate::Error;

/// So many series are done while appenders wait.
const SERIES_PER_TURN: usize = 1024;

/// A chunk in memory and where it stands among those of its series.
struct Found {
    series: SeriesRef,
    place: usize,
    chunk: FullChunk,
}

impl Late {
    fn in_memory(&self, series: SeriesRef) -> impl Iterator<Item = Found> + '_ {
        self.chunks.iter().enumerate().filter_map(move |(place, chunk)| match chunk {
            LateChunk::Memory(chunk) => Some(Found { series, place, chunk: chunk.clone() }),
            LateChunk::File(_) => None,
        })
    }

    fn in_files(&self) -> impl Iterator<Item = &FileChunk> + '_ {
        self.chunks.iter().filter_map(|chunk| match chunk {
            LateChunk::Memory(_) => None,
            LateChunk::File(chunk) => Some(chunk),
        })
    }

    fn set_filed(&mut self, place: usize, chunk: FileChunk) {
        if let Some(present) = self.chunks.get_mut(place) {
            *present = LateChunk::File(chunk);
        }
    }

    /// The samples that stand in no chunk.
    pub(super) fn open_samples(&self, series: SeriesRef, out: &mut LateSamples) {
        out.extend(self.open.iter().map(|open| (series, open.sample.clone())));
    }
}

impl LateLog {
    /// Has the log say anew which chunks of series stand in files, so that it survives a crash of the machine.
    ///
    /// # Errors
    /// [`wal::Error`].
    pub(crate) fn name_chunks(&self, memory: &Memory, series: &[SeriesRef]) -> Result<(), wal::Error> {
        let writing = self.begin();
        let (mut markers, mut open) = (Vec::new(), LateSamples::new());
        for series in series {
            memory.pages.read(*series, |state| {
                let Some(late) = state.late() else { return };
                let marker = |chunk: &FileChunk| MmapMarker { series: *series, chunk: chunk.reference() };
                markers.extend(late.in_files().map(marker));
                late.open_samples(*series, &mut open);
            });
        }
        writing.write(marked(&markers, &open, writing.batch())?)?;
        self.sync()
    }
}

/// Records of the markers, and behind them those of the samples that stand in no chunk: to the original a marker
/// stands for all samples of its series before it.
fn marked(markers: &[MmapMarker], open: &LateSamples, mut batch: Batch) -> Result<Batch, wal::Error> {
    let mut record = Vec::new();
    encode_mmap_markers(markers, &mut record);
    batch.push(&record)?;
    push_records(open, &mut batch)?;
    Ok(batch)
}

impl Head {
    /// Writes chunks of late samples to files, and where they stand to the log.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Wal`]: what was not written stays in memory, and is tried again the next time.
    pub(crate) fn file_late(&self) -> Result<(), Error> {
        let mut waiting = std::mem::take(&mut *self.memory.late.sealed.lock());
        waiting.sort_unstable();
        waiting.dedup();
        for (turn, series) in waiting.chunks(SERIES_PER_TURN).enumerate() {
            if let Err(error) = self.file_late_of(series) {
                let rest = waiting.get(turn * SERIES_PER_TURN..).unwrap_or_default();
                self.memory.late.sealed.lock().extend_from_slice(rest);
                return Err(error);
            }
        }
        Ok(())
    }

    fn file_late_of(&self, waiting: &[SeriesRef]) -> Result<(), Error> {
        let memory = &self.memory;
        let writing = self.late.begin();
        let mut found: Vec<Found> = Vec::with_capacity(waiting.len());
        for series in waiting {
            memory.pages.read(*series, |state| {
                found.extend(state.late().into_iter().flat_map(|late| late.in_memory(*series)));
            });
        }
        let entry = |found: &Found| (found.series, found.chunk.clone());
        let chunks: Vec<(SeriesRef, FullChunk)> = found.iter().map(entry).collect();
        let entries: Vec<Entry<'_>> = chunks
            .iter()
            .map(|(series, chunk)| Entry { series: *series, chunk, out_of_order: true })
            .collect();
        let places = memory.files.write(&entries)?;
        memory.metrics.mmap_chunks.add(places.iter().flatten().count() as u64);
        let (mut markers, mut open) = (Vec::new(), LateSamples::new());
        for (Found { series, place, .. }, filed) in found.into_iter().zip(places) {
            // One that is too large for a file stays in memory, and comes back from its samples in the log.
            let Some(chunk) = filed else { continue };
            memory.pages.write(series, |state| {
                state.change_late(|late| {
                    let Some(late) = late else { return };
                    late.set_filed(place, chunk);
                    if markers.last().is_none_or(|last: &MmapMarker| last.series != series) {
                        late.open_samples(series, &mut open);
                    }
                });
            });
            markers.push(MmapMarker { series, chunk: chunk.reference() });
        }
        Ok(writing.write(marked(&markers, &open, writing.batch())?)?)
    }
}
