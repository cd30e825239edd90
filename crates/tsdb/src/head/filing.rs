//! Moves full chunks from memory to files.

use model::SeriesRef;
use tracing::{debug, warn};

use super::chunk::FullChunk;
use super::files::{Entry, FileChunk};
use super::memory::Memory;
use crate::Error;

/// When so many series have full chunks, appenders move them to files.
const SEALED_MAX: usize = 2048;
/// So many series are written together.
const SERIES_PER_WRITE: usize = 4096;

impl Memory {
    /// Writes the full chunks of all series that have some, and takes them out of memory.
    ///
    /// # Errors
    /// [`Error::Io`]: what was not written stays in memory, and is tried again the next time.
    pub(crate) fn file_chunks(&self) -> Result<(), Error> {
        // Whoever comes second finds done what the first one does.
        let _one_at_a_time = self.filing.lock();
        self.file_waiting()
    }

    /// Does so where many wait and nobody is at it: the series of a whole job may have a full chunk at the same time,
    /// which would take as much memory again as their open ones.
    pub(crate) fn file_chunks_if_many(&self) {
        if self.sealed.lock().len() < SEALED_MAX {
            return;
        }
        let Some(_one_at_a_time) = self.filing.try_lock() else { return };
        if let Err(error) = self.file_waiting() {
            // They stay, and whoever files them next says so aloud.
            debug!(%error, "Full chunks cannot be written to files now");
        }
    }

    fn file_waiting(&self) -> Result<(), Error> {
        let mut waiting = std::mem::take(&mut *self.sealed.lock());
        waiting.sort_unstable();
        waiting.dedup();
        for (place, series) in waiting.chunks(SERIES_PER_WRITE).enumerate() {
            if let Err(error) = self.file_chunks_of(series) {
                let rest = waiting.get(place * SERIES_PER_WRITE..).unwrap_or_default();
                self.sealed.lock().extend_from_slice(rest);
                return Err(error);
            }
        }
        Ok(())
    }

    fn file_chunks_of(&self, waiting: &[SeriesRef]) -> Result<(), Error> {
        let mut found: Vec<(SeriesRef, FullChunk)> = Vec::with_capacity(waiting.len());
        for series in waiting {
            self.pages.read(*series, |state| {
                found.extend(state.full().iter().map(|chunk| (*series, chunk.clone())));
            });
        }
        let entries: Vec<Entry<'_>> = found
            .iter()
            .map(|(series, chunk)| Entry { series: *series, chunk, out_of_order: false })
            .collect();
        let places = self.files.write(&entries)?;
        self.metrics.mmap_chunks.add(places.iter().flatten().count() as u64);
        let mut written: Vec<(SeriesRef, (FullChunk, FileChunk))> = Vec::with_capacity(found.len());
        for ((series, chunk), place) in found.into_iter().zip(places) {
            match place {
                Some(place) => written.push((series, (chunk, place))),
                None => warn!(series = series.0, "Chunk is too large for a file and stays in memory"),
            }
        }
        for run in written.chunk_by(|(a, _), (b, _)| a == b) {
            let chunks: Vec<(FullChunk, FileChunk)> = run.iter().map(|(_, chunk)| chunk.clone()).collect();
            if let Some((series, _)) = run.first() {
                self.pages.write(*series, |state| state.set_filed(&chunks));
            }
        }
        Ok(())
    }
}
