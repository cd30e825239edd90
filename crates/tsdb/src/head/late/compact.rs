//! Late samples become blocks of their own, and leave memory, files and log.

use chunks::recode;
use model::SeriesRef;
use storage::TimeRange;

use super::super::Head;
use super::super::memory::Memory;
use super::{Late, LateChunk, LateSamples, push_records};
use crate::Error;
use crate::block::Chunk;

/// Late samples that are on their way into blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LateSpan {
    /// Time of the first one.
    pub(crate) start: i64,
    /// Time of the last one.
    pub(crate) end: i64,
    /// The segment of the log from which on it holds none of them that memory does not keep.
    pub(crate) segment: u32,
}

impl Late {
    /// Whether a chunk that is on its way into blocks has to do with a span of time.
    pub(crate) fn leaves(&self, range: TimeRange) -> bool {
        self.leaving().any(|chunk| chunk.range().overlaps(range))
    }

    fn leaving(&self) -> impl Iterator<Item = &LateChunk> {
        self.chunks.iter().take(self.leaving)
    }

    /// Removes the chunks that stand in blocks.
    fn drop_leaving(&mut self) -> Vec<LateChunk> {
        let leaving = std::mem::take(&mut self.leaving).min(self.chunks.len());
        self.chunks.drain(..leaving).collect()
    }
}

impl Memory {
    /// Calls `visit` with every series that has late samples.
    pub(super) fn for_each_late(&self, mut visit: impl FnMut(SeriesRef, &mut Option<Box<Late>>)) {
        let pages = self.labels.read().page_count();
        for number in 0..pages {
            let Some(page) = self.pages.page(number) else { continue };
            for series in page.write().iter_mut().filter(|series| series.exists()) {
                let reference = series.reference;
                series.change_late(|late| visit(reference, late));
            }
        }
    }

    /// The late samples of a series in a span of time that are on their way into blocks, as chunks.
    pub(crate) fn leaving_chunks(
        &self,
        series: SeriesRef,
        range: TimeRange,
    ) -> Result<Vec<Chunk<'static>>, Error> {
        let leaving = self.pages.read(series, |state| {
            let chunks = state.late().into_iter().flat_map(|late| late.leaving());
            chunks.filter(|chunk| chunk.range().overlaps(range)).cloned().collect::<Vec<_>>()
        });
        let mut sources = Vec::new();
        for chunk in leaving.unwrap_or_default() {
            let mut samples = Vec::new();
            chunk.decode(&self.files, &mut samples)?;
            samples.retain(|sample| range.contains(sample.timestamp));
            sources.push(samples);
        }
        Ok(recode::encode(&recode::merge(sources))?)
    }
}

impl Head {
    /// Encodes all late samples and chooses their chunks to become blocks; `None` where there are none.
    ///
    /// # Errors
    /// [`Error::Wal`]: nothing is to become a block then.
    pub(crate) fn seal_late(&self) -> Result<Option<LateSpan>, Error> {
        let memory = &self.memory;
        let writing = self.late.begin();
        let low_watermark = memory.isolation.low_watermark();
        let mut span: Option<(i64, i64)> = None;
        let (mut staying, mut chunks) = (LateSamples::new(), 0);
        memory.for_each_late(|series, late| {
            let Some(late) = late else { return };
            let before = late.count();
            late.seal(low_watermark);
            late.leaving = late.chunks.len();
            chunks += late.count().saturating_sub(before);
            for range in late.leaving().map(LateChunk::range) {
                span = widest(span, Some((range.start, range.end)));
            }
            late.open_samples(series, &mut staying);
        });
        memory.add_chunks(chunks);
        let Some((start, end)) = span else { return Ok(None) };
        let segment = writing.next_segment()?;
        let mut batch = writing.batch();
        push_records(&staying, &mut batch)?;
        writing.write(batch)?;
        Ok(Some(LateSpan { start, end, segment }))
    }

    /// Takes the late samples that stand in blocks out of memory and log; nobody may need them there any more.
    ///
    /// # Errors
    /// [`Error::Wal`]: segments that were not removed stay for the next time.
    pub(crate) fn drop_late(&self, span: LateSpan) -> Result<(), Error> {
        let memory = &self.memory;
        let writing = self.late.begin();
        let mut removed = 0;
        let mut left: Option<(i64, i64)> = None;
        memory.for_each_late(|_, late| {
            let Some(state) = late else { return };
            let before = state.count();
            for chunk in state.drop_leaving() {
                chunk.release(&memory.files);
            }
            removed += before.saturating_sub(state.count());
            left = widest(left, state.span());
            if state.is_empty() {
                *late = None;
            }
        });
        memory.remove_chunks(removed);
        memory.set_late_times(left);
        Ok(writing.remove_before(span.segment)?)
    }
}

fn widest(span: Option<(i64, i64)>, other: Option<(i64, i64)>) -> Option<(i64, i64)> {
    let start = span.into_iter().chain(other).map(|(start, _)| start).min();
    start.zip(span.into_iter().chain(other).map(|(_, end)| end).max())
}
