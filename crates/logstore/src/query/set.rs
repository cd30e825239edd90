//! Blocks that a selector has found.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::Labels;
use storage::logs::{BlockHeader, BlockSet, Columns, EntryColumns, EntryRange, Needle};
use storage::{Error, Result};

use super::gather::Found;
use super::head::HeadBlock;
use super::part::KeptFrames;
use crate::deletion::{Deletion, drop_rows};
use crate::part::{Part, Pieces};

/// Where the rows of a block are.
#[derive(Debug)]
pub(super) enum Source {
    /// In memory.
    Head(HeadBlock),
    /// In a part: the number of the block.
    Part(Arc<Part>, usize),
}

/// Blocks by their first time.
#[derive(Debug)]
pub(super) struct Blocks {
    streams: Vec<Labels>,
    headers: Vec<BlockHeader>,
    sources: Vec<Source>,
    /// What is deleted of each block; empty where nothing is of any.
    deletions: Vec<Vec<Arc<Deletion>>>,
    range: EntryRange,
    kept: KeptFrames,
}

impl Blocks {
    pub(super) fn new(
        mut found: Vec<Found>,
        labels: impl Fn(u32) -> Labels,
        deletions: &[Arc<Deletion>],
        range: EntryRange,
    ) -> Self {
        found.sort_by_key(|block| (block.id, block.header.start));
        mark_overlaps(&mut found);
        let firsts = found.chunk_by(|a, b| a.id == b.id).filter_map(<[Found]>::first);
        let mut by_labels: Vec<(Labels, u32)> = firsts.map(|first| (labels(first.id), first.id)).collect();
        by_labels.sort_unstable();
        let positions: BTreeMap<u32, usize> =
            by_labels.iter().enumerate().map(|(position, (_, id))| (*id, position)).collect();
        for block in &mut found {
            block.header.stream = positions.get(&block.id).copied().unwrap_or_default();
        }
        found.sort_by_key(|block| (block.header.start, block.header.stream));
        let streams: Vec<Labels> = by_labels.into_iter().map(|(labels, _)| labels).collect();
        let (mut headers, sources): (Vec<_>, Vec<_>) =
            found.into_iter().map(|block| (block.header, block.source)).unzip();
        let deletions = find_deletions(&streams, &mut headers, deletions);
        Self { streams, headers, sources, deletions, range, kept: KeptFrames::default() }
    }

    fn read_rows(&self, source: &Source, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        match source {
            Source::Head(head) => {
                head.read(self.range, columns, out);
                Ok(())
            }
            Source::Part(part, number) => {
                let block = part.block(*number);
                let block = block.ok_or_else(|| Error::internal(format!("there is no block {number}")))?;
                Ok(self.kept.read(part, block, self.range, columns, out)?)
            }
        }
    }
}

/// What is deleted of each block.
fn find_deletions(
    streams: &[Labels],
    headers: &mut [BlockHeader],
    deletions: &[Arc<Deletion>],
) -> Vec<Vec<Arc<Deletion>>> {
    if deletions.is_empty() {
        return Vec::new();
    }
    let of_streams: Vec<Vec<&Arc<Deletion>>> = streams
        .iter()
        .map(|labels| deletions.iter().filter(|deletion| deletion.names(labels)).collect())
        .collect();
    let of_block = |header: &mut BlockHeader| {
        let of_stream = of_streams.get(header.stream).into_iter().flatten();
        let found: Vec<Arc<Deletion>> = of_stream
            .filter(|deletion| deletion.range.overlaps(header.start, header.end))
            .map(|deletion| Arc::clone(deletion))
            .collect();
        header.exact &= found.is_empty();
        found
    };
    headers.iter_mut().map(of_block).collect()
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

    fn excludes(&self, block: usize, groups: &[Vec<Needle>]) -> bool {
        let Some(Source::Part(part, number)) = self.sources.get(block) else { return false };
        let Some(block) = part.block(*number) else { return false };
        let pieces = |group: &Vec<Needle>| group.iter().map(|needle| Pieces::of(&needle.bytes)).collect();
        let groups: Vec<Vec<Pieces>> = groups.iter().map(pieces).collect();
        part.excludes(block, &groups)
    }

    fn read(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        let source =
            self.sources.get(block).ok_or_else(|| Error::internal(format!("there is no block {block}")))?;
        let deletions = self.deletions.get(block).map_or(&[][..], Vec::as_slice);
        if deletions.is_empty() {
            return self.read_rows(source, columns, out);
        }
        let stream = self.headers.get(block).and_then(|header| self.streams.get(header.stream));
        let labels = stream.ok_or_else(|| Error::internal("a block without a stream"))?;
        self.read_rows(source, &Columns::ALL, out)?;
        drop_rows(labels, deletions, out);
        if !columns.timestamps {
            out.timestamps.clear();
        }
        if !columns.lines {
            out.text.clear();
            out.ends.clear();
        }
        out.metadata.retain(|column| columns.metadata.wants(&column.name));
        Ok(())
    }
}
