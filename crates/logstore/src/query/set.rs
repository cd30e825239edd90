//! Blocks that a selector has found.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use model::Labels;
use storage::logs::{BlockHeader, BlockSet, Columns, EntryColumns, EntryRange, Filters, Needle};
use storage::{Error, Result};

use super::gather::Found;
use super::head::HeadBlock;
use super::part::{KeptFrames, read_frame};
use super::selected::{Selected, Streams};
use crate::deletion::{Deletion, drop_rows};
use crate::part::{Block, Part, Pieces};

/// Where the rows of a block are.
#[derive(Debug)]
pub(super) enum Source {
    /// In memory.
    Head(HeadBlock),
    /// In a part: its place among the parts, and the number of the block.
    Part { part: u32, block: u32 },
}

/// What is asked of the filters.
#[derive(Debug)]
struct Asked {
    groups: Vec<Vec<Needle>>,
    pieces: Vec<Vec<Pieces>>,
}

/// Blocks in the order in which their entries came.
#[derive(Debug)]
pub(super) struct Blocks {
    streams: Streams,
    headers: Vec<BlockHeader>,
    sources: Vec<Source>,
    /// How many blocks were left out, since no line in them can be wanted.
    left_out: usize,
    parts: Vec<Arc<Part>>,
    /// The frame of each block, numbered over all parts; blocks in memory have numbers of their own.
    frames: Vec<u32>,
    /// What is deleted of each block; empty where nothing is of any.
    deletions: Vec<Vec<Arc<Deletion>>>,
    range: EntryRange,
    kept: KeptFrames,
    /// What was asked of the filters first, and its pieces: it is asked of every block.
    asked: OnceLock<Asked>,
}

impl Blocks {
    /// No blocks.
    pub(super) fn none(range: EntryRange) -> Self {
        Self::new(Vec::new(), 0, Vec::new(), Selected::default(), &[], range)
    }

    pub(super) fn new(
        mut found: Vec<Found>,
        left_out: usize,
        parts: Vec<Arc<Part>>,
        selected: Selected,
        deletions: &[Arc<Deletion>],
        range: EntryRange,
    ) -> Self {
        let streams = selected.number(&mut found);
        mark_overlaps(&mut found, streams.as_slice().len());
        let frames_before = frames_before(&parts);
        let mut own_number = frames_before.last().copied().unwrap_or_default();
        let (mut headers, mut sources, mut frames) = (
            Vec::with_capacity(found.len()),
            Vec::with_capacity(found.len()),
            Vec::with_capacity(found.len()),
        );
        for block in found {
            frames.push(match &block.source {
                Source::Part { part, .. } => {
                    frames_before.get(*part as usize).copied().unwrap_or_default() + block.frame
                }
                Source::Head(_) => {
                    own_number += 1;
                    own_number
                }
            });
            headers.push(block.header);
            sources.push(block.source);
        }
        let deletions = find_deletions(streams.as_slice(), &mut headers, deletions);
        let (kept, asked) = (KeptFrames::of_parts(1), OnceLock::new());
        Self { streams, headers, sources, left_out, parts, frames, deletions, range, kept, asked }
    }

    /// The part that has a block, and the block there; `None` of one in memory.
    fn stored(&self, block: usize) -> Option<(&Arc<Part>, &Block)> {
        let Some(Source::Part { part, block }) = self.sources.get(block) else { return None };
        let part = self.parts.get(*part as usize)?;
        Some((part, part.block(*block as usize)?))
    }

    fn read_rows(&self, source: &Source, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        match source {
            Source::Head(head) => {
                head.read(self.range, columns, out);
                Ok(())
            }
            Source::Part { part, block: number } => {
                let part = self.parts.get(*part as usize);
                let block = part.and_then(|part| Some((part, part.block(*number as usize)?)));
                let (part, block) =
                    block.ok_or_else(|| Error::internal(format!("there is no block {number}")))?;
                Ok(self.kept.read(part, block, self.range, columns, out)?)
            }
        }
    }
}

/// How many frames the parts before each one have; and behind the last one, how many all have.
fn frames_before(parts: &[Arc<Part>]) -> Vec<u32> {
    let mut before = vec![0];
    let mut all = 0_u32;
    for part in parts {
        all = all.saturating_add(u32::try_from(part.index.frames.len()).unwrap_or(u32::MAX));
        before.push(all);
    }
    before
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

/// Blocks of one stream that share some time may share an entry: their numbers are not exact.
fn mark_overlaps(found: &mut [Found], streams: usize) {
    // Most streams have blocks that follow each other.
    let mut reached = vec![i64::MIN; streams];
    let mut suspects = Vec::new();
    for block in found.iter() {
        let BlockHeader { stream, start, end, .. } = block.header;
        if let Some(reached) = reached.get_mut(stream) {
            if start <= *reached {
                suspects.push(stream);
            }
            *reached = end.max(*reached);
        }
    }
    if suspects.is_empty() {
        return;
    }
    suspects.sort_unstable();
    suspects.dedup();
    let mut places: Vec<(usize, i64, i64, usize)> = found
        .iter()
        .enumerate()
        .map(|(place, block)| (block.header.stream, block.header.start, block.header.end, place))
        .filter(|(stream, ..)| suspects.binary_search(stream).is_ok())
        .collect();
    places.sort_unstable();
    for of_stream in places.chunk_by(|a, b| a.0 == b.0) {
        // The block that reaches farthest so far.
        let mut farthest: Option<(usize, i64)> = None;
        for (_, start, end, place) in of_stream {
            match farthest {
                Some((reaching, until)) if *start <= until => {
                    for place in [reaching, *place] {
                        if let Some(block) = found.get_mut(place) {
                            block.header.exact = false;
                        }
                    }
                }
                _ => {}
            }
            if farthest.is_none_or(|(_, until)| *end > until) {
                farthest = Some((*place, *end));
            }
        }
    }
}

/// What filters are asked for needles.
pub(super) fn pieces_of(groups: &[Vec<Needle>]) -> Vec<Vec<Pieces>> {
    groups.iter().map(|group| group.iter().map(|needle| Pieces::of(&needle.bytes)).collect()).collect()
}

impl BlockSet for Blocks {
    fn streams(&self) -> &[Labels] {
        self.streams.as_slice()
    }

    fn left_out(&self) -> usize {
        self.left_out
    }

    fn blocks(&self) -> &[BlockHeader] {
        &self.headers
    }

    fn neighbours(&self) -> &[u32] {
        &self.frames
    }

    fn excludes(&self, block: usize, groups: &[Vec<Needle>]) -> bool {
        let Some((part, block)) = self.stored(block) else { return false };
        let ask = || Asked { groups: groups.to_vec(), pieces: pieces_of(groups) };
        let asked = self.asked.get_or_init(ask);
        if asked.groups == groups {
            return part.excludes(block, &asked.pieces, Filters::All);
        }
        part.excludes(block, &pieces_of(groups), Filters::All)
    }

    fn rows_among_neighbours(&self, block: usize) -> Option<Range<usize>> {
        let (part, stored) = self.stored(block)?;
        let shares = part.frame(stored.frame).is_some_and(|frame| frame.blocks > 1);
        let is_whole = self.range.start <= stored.start
            && stored.end < self.range.end
            && self.deletions.get(block).is_none_or(Vec::is_empty);
        (shares && is_whole).then(|| stored.row as usize..(stored.row + stored.rows) as usize)
    }

    fn read_neighbours(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        match self.stored(block) {
            Some((part, stored)) => Ok(read_frame(part, stored, columns, out)?),
            None => self.read(block, columns, out),
        }
    }

    fn read(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        let source =
            self.sources.get(block).ok_or_else(|| Error::internal(format!("there is no block {block}")))?;
        let deletions = self.deletions.get(block).map_or(&[][..], Vec::as_slice);
        if deletions.is_empty() {
            return self.read_rows(source, columns, out);
        }
        let stream = self.headers.get(block).and_then(|header| self.streams().get(header.stream));
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
