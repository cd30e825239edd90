//! What of a tenant a selector names in a span of time.

use std::sync::Arc;

use model::{Labels, Matcher};
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use storage::logs::{BlockHeader, EntryRange};

use super::head::{HeadBlock, HeadBlockStats, blocks};
use super::set::{Blocks, Source};
use crate::deletion::Deletion;
use crate::head::Buffer;
use crate::part::Part;
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

    fn in_part(id: u32, (place, part): (usize, &Part), number: usize, range: EntryRange) -> Option<Self> {
        let block = part.block(number).filter(|block| range.overlaps(block.start, block.end))?;
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

/// The blocks of the streams that fulfil every matcher.
pub(super) fn select(
    tenant: &Tenant,
    matchers: &[Matcher],
    deletions: &[Arc<Deletion>],
    range: EntryRange,
) -> Blocks {
    // Nothing moves from one place to another, and no number gets another meaning, while both are held.
    let view = tenant.view.read();
    let streams = tenant.streams.read();
    let ids = streams.select(matchers);
    let mut found = Vec::new();
    each_part(&view, &ids, range, |id, (place, part), position| {
        let in_span = |number| Found::in_part(id, (place, part), number, range);
        found.extend(part.blocks_of(position).filter_map(in_span));
    });
    each_buffer(&view, &streams, &ids, |id, buffer| {
        let blocks = blocks(buffer, range).into_iter();
        found.extend(blocks.map(|(block, stats)| Found::in_memory(id, block, stats)));
    });
    let labels = |id: u32| streams.labels(id).cloned().unwrap_or_default();
    Blocks::new(found, view.parts.clone(), labels, deletions, range)
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
        each(stream.id, &stream.buffer());
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
