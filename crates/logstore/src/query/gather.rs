//! What of a tenant a selector names in a span of time.

use std::sync::Arc;

use model::{Labels, Matcher};
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use storage::logs::{BlockHeader, EntryRange, Filters};

use super::head::{HeadBlock, HeadBlockStats, blocks};
use super::selected::Selected;
use super::set::{Blocks, Source};
use crate::deletion::Deletion;
use crate::head::Buffer;
use crate::part::{Block, Part, Pieces};
use crate::streams::Streams;
use crate::tenant::{Tenant, View};

/// With so many times more streams in a part than were selected, each selected one is looked up.
const STREAMS_PER_LOOKUP: u64 = 16;

/// A block of the stream with this number.
pub(super) struct Found {
    pub(super) id: u32,
    pub(super) header: BlockHeader,
    pub(super) source: Source,
    /// The frame that holds it, of a block in a part.
    pub(super) frame: u32,
}

impl Found {
    fn in_memory(id: u32, block: HeadBlock, stats: HeadBlockStats) -> Self {
        let header = BlockHeader {
            stream: 0,
            start: stats.start,
            end: stats.end,
            rows: stats.rows,
            line_bytes: stats.line_bytes,
            metadata_bytes: stats.metadata_bytes,
            stored_bytes: 0,
            exact: true,
        };
        Self { id, header, source: Source::Head(block), frame: 0 }
    }

    fn in_part(id: u32, (place, part): (usize, &Part), number: usize, block: &Block) -> Option<Self> {
        let header = BlockHeader {
            stream: 0,
            start: block.start,
            end: block.end,
            rows: block.rows as usize,
            line_bytes: block.line_bytes,
            metadata_bytes: block.metadata_bytes,
            stored_bytes: part.stored_bytes(block),
            exact: true,
        };
        let source = Source::Part { part: u32::try_from(place).ok()?, block: u32::try_from(number).ok()? };
        Some(Self { id, header, source, frame: block.frame })
    }
}

/// The blocks of the streams that fulfil every matcher, in the order in which their entries came; those of parts stand as they
/// are stored. Frames that surely have no line with one needle of every group are left out, as these filters say.
pub(super) fn select(
    tenant: &Tenant,
    matchers: &[Matcher],
    asked: (&[Vec<Pieces>], Filters),
    deletions: &[Arc<Deletion>],
    range: EntryRange,
) -> Blocks {
    let (selected, mut parts, in_memory) = {
        // Nothing moves from one place to another, and no number gets another meaning, while both are held.
        let view = tenant.view.read();
        let streams = tenant.streams.read();
        let ids = streams.select(matchers);
        let mut parts = view.parts.clone();
        parts.retain(|part| range.overlaps(part.start, part.end));
        let mut in_memory = Vec::new();
        each_buffer(&view, &streams, &ids, |id, buffer| {
            let blocks = blocks(buffer, range).into_iter();
            in_memory.extend(blocks.map(|(block, stats)| Found::in_memory(id, block, stats)));
        });
        (Selected::of(&streams, ids), parts, in_memory)
    };
    // Filters come from the disk: nobody waits for them. The numbers of streams in these parts stay theirs.
    parts.sort_by_key(|part| (part.index.until, part.number));
    let (mut found, mut left_out) = (Vec::new(), 0);
    for (place, part) in parts.iter().enumerate() {
        left_out += select_in((place, part), &selected, asked, range, &mut found);
    }
    found.extend(in_memory);
    Blocks::new(found, left_out, parts, selected, deletions, range)
}

/// Adds the blocks of a part, as they are stored; says how many are left out for their filters.
fn select_in(
    (place, part): (usize, &Part),
    selected: &Selected,
    (groups, filters): (&[Vec<Pieces>], Filters),
    range: EntryRange,
    found: &mut Vec<Found>,
) -> usize {
    let mut left_out = 0;
    let in_span = |block: &Block| range.overlaps(block.start, block.end);
    if selected.ids().len() * STREAMS_PER_LOOKUP < part.streams.len() as u64 {
        let mut blocks: Vec<(usize, u32)> = selected
            .ids()
            .iter()
            .filter_map(|id| Some((id, part.position_of(id)?)))
            .flat_map(|(id, position)| part.blocks_of(position).map(move |number| (number, id)))
            .collect();
        blocks.sort_unstable();
        for (number, id) in blocks {
            let Some(block) = part.block(number).filter(|block| in_span(block)) else { continue };
            if part.excludes(block, groups, filters) {
                left_out += 1;
            } else {
                found.extend(Found::in_part(id, (place, part), number, block));
            }
        }
        return left_out;
    }
    let id_of = |block: &Block| part.streams.get(block.stream as usize).copied().unwrap_or(u32::MAX);
    let is_wanted = |block: &Block| in_span(block) && selected.has(id_of(block));
    for frame in (0_u32..).map_while(|number| part.frame(number)) {
        let blocks = part.blocks_in(frame);
        // A filter is asked where something of its frame is wanted.
        let Some(first) = blocks.iter().position(is_wanted) else { continue };
        let wanted =
            (frame.first_block as usize..).zip(blocks).skip(first).filter(|(_, block)| is_wanted(block));
        if blocks.get(first).is_some_and(|block| part.excludes(block, groups, filters)) {
            left_out += wanted.count();
        } else {
            found
                .extend(wanted.filter_map(|(number, block)| {
                    Found::in_part(id_of(block), (place, part), number, block)
                }));
        }
    }
    left_out
}

/// The streams that fulfil every matcher and have entries in the span.
fn selected(view: &View, streams: &Streams, matchers: &[Matcher], range: EntryRange) -> RoaringBitmap {
    let ids = streams.select(matchers);
    let mut present = RoaringBitmap::new();
    each_part(view, &ids, range, |id, (_, part), position| {
        let is_in_span =
            |number| part.block(number).is_some_and(|block| range.overlaps(block.start, block.end));
        if !present.contains(id) && part.blocks_of(position).any(is_in_span) {
            present.insert(id);
        }
    });
    each_buffer(view, streams, &ids, |id, buffer| {
        let buffer = buffer.lock();
        if buffer.visible() > 0 && range.overlaps(buffer.first(), buffer.newest()) {
            present.insert(id);
        }
    });
    present
}

/// Calls `each` with every part (and its place) that may have entries of the streams in the span, and the stream's position in
/// it.
fn each_part(
    view: &View,
    ids: &RoaringBitmap,
    range: EntryRange,
    mut each: impl FnMut(u32, (usize, &Part), usize),
) {
    let parts = view.parts.iter().enumerate();
    for (place, part) in parts.filter(|(_, part)| range.overlaps(part.start, part.end)) {
        if ids.len() * STREAMS_PER_LOOKUP < part.streams.len() as u64 {
            for id in ids {
                if let Some(position) = part.position_of(id) {
                    each(id, (place, part), position);
                }
            }
        } else {
            for (position, id) in part.streams.iter().enumerate().filter(|(_, id)| ids.contains(**id)) {
                each(*id, (place, part), position);
            }
        }
    }
}

/// Calls `each` with every buffer of the streams.
fn each_buffer(
    view: &View,
    streams: &Streams,
    ids: &RoaringBitmap,
    mut each: impl FnMut(u32, &Arc<Mutex<Buffer>>),
) {
    if let Some(frozen) = &view.frozen {
        for (stream, buffer) in frozen.streams.iter().filter(|(stream, _)| ids.contains(stream.id)) {
            each(stream.id, buffer);
        }
    }
    for stream in ids.iter().filter_map(|id| streams.active_by_id(id)) {
        stream.with_buffer(|buffer| each(stream.id, buffer));
    }
}

/// The labels of the streams, sorted.
pub(super) fn labels(tenant: &Tenant, matchers: &[Matcher], range: EntryRange) -> Vec<Labels> {
    let (view, streams) = (tenant.view.read(), tenant.streams.read());
    let present = selected(&view, &streams, matchers, range);
    let mut labels: Vec<Labels> = present.iter().filter_map(|id| streams.labels(id).cloned()).collect();
    labels.sort_unstable();
    labels
}

/// The names of their labels, sorted.
pub(super) fn label_names(tenant: &Tenant, matchers: &[Matcher], range: EntryRange) -> Vec<String> {
    let (view, streams) = (tenant.view.read(), tenant.streams.read());
    streams.label_names(&selected(&view, &streams, matchers, range))
}

/// The values of one of their labels, sorted.
pub(super) fn label_values(
    tenant: &Tenant,
    name: &str,
    matchers: &[Matcher],
    range: EntryRange,
) -> Vec<String> {
    let (view, streams) = (tenant.view.read(), tenant.streams.read());
    streams.label_values(name, &selected(&view, &streams, matchers, range))
}
