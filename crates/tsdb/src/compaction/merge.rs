//! The series of several blocks as one stream, in the order of their labels.

use model::Labels;

use crate::Error;
use crate::block::recode::{self, Sample};
use crate::block::{Block, BlockSeries, Chunk, Tombstones};

/// Walks several blocks at once.
pub(super) struct Merge<'a> {
    sources: Vec<Source<'a>>,
}

/// A block with its next series.
struct Source<'a> {
    block: &'a Block,
    tombstones: std::sync::Arc<Tombstones>,
    numbers: std::vec::IntoIter<u32>,
    next: Option<BlockSeries>,
}

impl<'a> Merge<'a> {
    /// Walks `blocks`; of samples at one time that of the first block stays.
    pub(super) fn new(blocks: impl IntoIterator<Item = &'a Block>) -> Result<Self, Error> {
        let sources = blocks.into_iter().map(|block| {
            let numbers = block.index().all_series().map_err(block.index_error())?.into_vec().into_iter();
            let mut source = Source { block, tombstones: block.tombstones(), numbers, next: None };
            source.advance()?;
            Ok(source)
        });
        Ok(Self { sources: sources.collect::<Result<_, Error>>()? })
    }

    /// The next series and its chunks, without what is deleted; it may have none left.
    pub(super) fn next(&mut self) -> Result<Option<(Labels, Vec<Chunk<'a>>)>, Error> {
        let least =
            self.sources.iter().filter_map(|source| source.next.as_ref()).map(|next| &next.labels).min();
        let Some(labels) = least.cloned() else { return Ok(None) };
        let mut chunks = Vec::new();
        for source in &mut self.sources {
            if let Some(series) = source.next.take_if(|next| next.labels == labels) {
                source.advance()?;
                source.take_chunks(&series, &mut chunks)?;
            }
        }
        chunks.sort_by_key(|chunk: &Chunk<'_>| chunk.start);
        if !chunks.is_sorted_by(|a, b| a.end < b.start) {
            chunks = without_overlaps(chunks)?;
        }
        Ok(Some((labels, chunks)))
    }
}

impl<'a> Source<'a> {
    fn advance(&mut self) -> Result<(), Error> {
        self.next = self.numbers.next().map(|number| self.block.series(number)).transpose()?;
        Ok(())
    }

    /// The chunks of a series; those of which a part is deleted are written anew.
    fn take_chunks(&self, series: &BlockSeries, out: &mut Vec<Chunk<'a>>) -> Result<(), Error> {
        let deleted = self.tombstones.of(u64::from(series.number));
        for meta in &series.chunks {
            let Some(deleted) = deleted.filter(|deleted| deleted.overlaps(meta.start, meta.end)) else {
                out.push(self.block.chunk_of(meta)?);
                continue;
            };
            if deleted.covers(meta.start, meta.end) {
                continue;
            }
            let (encoding, data) = self.block.chunk(meta.reference)?;
            let mut samples = Vec::new();
            recode::decode(encoding, data, &mut samples)?;
            recode::remove_deleted(&mut samples, deleted);
            out.extend(recode::encode(&samples)?);
        }
        Ok(())
    }
}

/// Chunks sorted by their starts, those that overlap written anew as ones that do not.
fn without_overlaps<'a>(chunks: Vec<Chunk<'a>>) -> Result<Vec<Chunk<'a>>, Error> {
    let mut out = Vec::with_capacity(chunks.len());
    let mut run: Vec<Chunk<'a>> = Vec::new();
    let mut end = i64::MIN;
    for chunk in chunks {
        if !run.is_empty() && chunk.start > end {
            merge_run(std::mem::take(&mut run), &mut out)?;
        }
        end = end.max(chunk.end);
        // The same chunk of two blocks, as when one was restored beside what became of it.
        if !run.contains(&chunk) {
            run.push(chunk);
        }
    }
    merge_run(run, &mut out)?;
    Ok(out)
}

/// Chunks of which each overlaps another.
fn merge_run<'a>(mut run: Vec<Chunk<'a>>, out: &mut Vec<Chunk<'a>>) -> Result<(), Error> {
    if run.len() == 1 {
        out.append(&mut run);
        return Ok(());
    }
    let decoded = |chunk: &Chunk<'_>| {
        let mut samples: Vec<Sample> = Vec::new();
        recode::decode(chunk.encoding, &chunk.data, &mut samples).map(|()| samples)
    };
    let sources = run.iter().map(decoded).collect::<Result<Vec<_>, _>>()?;
    out.extend(recode::encode(&recode::merge(sources))?);
    Ok(())
}
