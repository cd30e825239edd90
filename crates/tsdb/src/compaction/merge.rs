//! The series of several blocks as one stream, in the order of their labels.

use model::Labels;

use crate::Error;
use crate::block::recode;
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
        if !chunks.is_sorted_by(|a: &Chunk<'_>, b: &Chunk<'_>| a.end < b.start) {
            chunks = recode::without_overlaps(chunks)?;
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
