//! Blocks that a selector has found.

use std::sync::{Arc, OnceLock};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
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
    /// In a part: its place among the parts, and the number of the block.
    Part { part: u32, block: u32 },
}

/// What is asked of the filters.
#[derive(Debug)]
struct Asked {
    groups: Vec<Vec<Needle>>,
    pieces: Vec<Vec<Pieces>>,
}

/// Blocks by their first time.
#[derive(Debug)]
pub(super) struct Blocks {
    streams: Vec<Labels>,
    headers: Vec<BlockHeader>,
    sources: Vec<Source>,
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
    pub(super) fn new(
        mut found: Vec<Found>,
        parts: Vec<Arc<Part>>,
        labels: impl Fn(u32) -> Labels,
        deletions: &[Arc<Deletion>],
        range: EntryRange,
    ) -> Self {
        let streams = number_streams(&mut found, labels);
        mark_overlaps(&mut found, streams.len());
        let mut order: Vec<(i64, u32, u32)> = (0_u32..)
            .zip(&found)
            .map(|(place, block)| (block.header.start, block.header.stream as u32, place))
            .collect();
        order.sort_unstable();
        let frames_before = frames_before(&parts);
        let mut own_number = frames_before.last().copied().unwrap_or_default();
        let (mut headers, mut sources, mut frames) = (
            Vec::with_capacity(order.len()),
            Vec::with_capacity(order.len()),
            Vec::with_capacity(order.len()),
        );
        let mut found: Vec<Option<Found>> = found.into_iter().map(Some).collect();
        for (_, _, place) in order {
            let Some(block) = found.get_mut(place as usize).and_then(Option::take) else { continue };
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
        let deletions = find_deletions(&streams, &mut headers, deletions);
        let (kept, asked) = (KeptFrames::default(), OnceLock::new());
        Self { streams, headers, sources, parts, frames, deletions, range, kept, asked }
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

/// Gives each block the position of its stream among all, which are given sorted.
fn number_streams(found: &mut [Found], labels: impl Fn(u32) -> Labels) -> Vec<Labels> {
    let mut positions: HashMap<u32, u32, FixedState> = HashMap::with_hasher(FixedState::with_seed(0));
    let mut by_labels: Vec<(Labels, u32)> = Vec::new();
    for block in found.iter() {
        positions.entry(block.id).or_insert_with(|| {
            by_labels.push((labels(block.id), block.id));
            0
        });
    }
    // Parts have their streams sorted: a sort that finds runs has little to do.
    by_labels.sort();
    for (position, (_, id)) in (0..).zip(&by_labels) {
        positions.insert(*id, position);
    }
    for block in found {
        block.header.stream = positions.get(&block.id).copied().unwrap_or_default() as usize;
    }
    by_labels.into_iter().map(|(labels, _)| labels).collect()
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
    for mut of_stream in places_of_streams(found, streams) {
        let times =
            |place: &u32| found.get(*place as usize).map_or((0, 0), |f| (f.header.start, f.header.end));
        of_stream.sort_by_key(|place| times(place).0);
        let mut inexact = Vec::new();
        // The block that reaches farthest so far.
        let mut farthest: Option<(u32, i64)> = None;
        for place in of_stream {
            let (start, end) = times(&place);
            match farthest {
                Some((reaching, until)) if start <= until => inexact.extend([reaching, place]),
                _ => {}
            }
            if farthest.is_none_or(|(_, until)| end > until) {
                farthest = Some((place, end));
            }
        }
        for place in inexact {
            if let Some(block) = found.get_mut(place as usize) {
                block.header.exact = false;
            }
        }
    }
}

/// The places of the blocks of each stream that has several.
fn places_of_streams(found: &[Found], streams: usize) -> Vec<Vec<u32>> {
    let mut counts = vec![0_u32; streams];
    for block in found {
        if let Some(count) = counts.get_mut(block.header.stream) {
            *count += 1;
        }
    }
    let mut places: Vec<Vec<u32>> =
        counts.iter().map(|count| Vec::with_capacity(if *count > 1 { *count as usize } else { 0 })).collect();
    for (place, block) in (0..).zip(found) {
        if counts.get(block.header.stream).is_some_and(|count| *count > 1)
            && let Some(places) = places.get_mut(block.header.stream)
        {
            places.push(place);
        }
    }
    places.retain(|places| !places.is_empty());
    places
}

fn pieces_of(groups: &[Vec<Needle>]) -> Vec<Vec<Pieces>> {
    groups.iter().map(|group| group.iter().map(|needle| Pieces::of(&needle.bytes)).collect()).collect()
}

impl BlockSet for Blocks {
    fn streams(&self) -> &[Labels] {
        &self.streams
    }

    fn blocks(&self) -> &[BlockHeader] {
        &self.headers
    }

    fn neighbours(&self) -> &[u32] {
        &self.frames
    }

    fn excludes(&self, block: usize, groups: &[Vec<Needle>]) -> bool {
        let Some(Source::Part { part, block: number }) = self.sources.get(block) else { return false };
        let Some(part) = self.parts.get(*part as usize) else { return false };
        let Some(block) = part.block(*number as usize) else { return false };
        let ask = || Asked { groups: groups.to_vec(), pieces: pieces_of(groups) };
        let asked = self.asked.get_or_init(ask);
        if asked.groups == groups {
            return part.excludes(block, &asked.pieces);
        }
        part.excludes(block, &pieces_of(groups))
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
