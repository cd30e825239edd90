//! Blocks that a selector has found.

use std::collections::BTreeMap;

use model::Labels;
use storage::logs::{BlockHeader, BlockSet, Columns, EntryColumns, EntryRange, Needle};
use storage::{Error, Result};

use super::gather::Found;
use super::head::HeadBlock;

/// Where the rows of a block are.
#[derive(Debug)]
pub(super) enum Source {
    /// In memory.
    Head(HeadBlock),
}

/// Blocks by their first time.
#[derive(Debug)]
pub(super) struct Blocks {
    streams: Vec<Labels>,
    headers: Vec<BlockHeader>,
    sources: Vec<Source>,
    range: EntryRange,
}

impl Blocks {
    pub(super) fn new(mut found: Vec<Found>, labels: impl Fn(u32) -> Labels, range: EntryRange) -> Self {
        found.sort_by_key(|block| (block.id, block.header.start));
        mark_overlaps(&mut found);
        let mut by_labels: Vec<(Labels, u32)> = found
            .chunk_by(|a, b| a.id == b.id)
            .filter_map(|of_one| of_one.first())
            .map(|first| (labels(first.id), first.id))
            .collect();
        by_labels.sort_unstable();
        let positions: BTreeMap<u32, usize> =
            by_labels.iter().enumerate().map(|(position, (_, id))| (*id, position)).collect();
        for block in &mut found {
            block.header.stream = positions.get(&block.id).copied().unwrap_or_default();
        }
        found.sort_by_key(|block| (block.header.start, block.header.stream));
        let streams = by_labels.into_iter().map(|(labels, _)| labels).collect();
        let (headers, sources) = found.into_iter().map(|block| (block.header, block.source)).unzip();
        Self { streams, headers, sources, range }
    }

    fn source(&self, block: usize) -> Result<&Source> {
        self.sources.get(block).ok_or_else(|| Error::internal(format!("there is no block {block}")))
    }
}

/// Blocks of one stream that share some time may share an entry: their numbers are not exact. `found` is sorted by
/// stream and first time.
fn mark_overlaps(found: &mut [Found]) {
    for of_stream in found.chunk_by_mut(|a, b| a.id == b.id) {
        // The block that reaches farthest so far.
        let mut farthest = 0;
        for number in 1..of_stream.len() {
            let (before, from) = of_stream.split_at_mut(number);
            let (Some(reaching), Some(block)) = (before.get_mut(farthest), from.first_mut()) else {
                continue;
            };
            if block.header.start <= reaching.header.end {
                reaching.header.exact = false;
                block.header.exact = false;
            }
            if block.header.end > reaching.header.end {
                farthest = number;
            }
        }
    }
}

impl BlockSet for Blocks {
    fn streams(&self) -> &[Labels] {
        &self.streams
    }

    fn blocks(&self) -> &[BlockHeader] {
        &self.headers
    }

    fn excludes(&self, block: usize, _groups: &[Vec<Needle>]) -> bool {
        match self.sources.get(block) {
            Some(Source::Head(_)) | None => false,
        }
    }

    fn read(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        match self.source(block)? {
            Source::Head(head) => head.read(self.range, columns, out),
        }
        Ok(())
    }
}
