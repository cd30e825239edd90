//! What of a tenant a selector names in a span of time.

use std::sync::Arc;

use model::{Labels, Matcher};
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use storage::logs::{BlockHeader, EntryRange};

use super::head::blocks;
use super::set::{Blocks, Source};
use crate::head::Buffer;
use crate::streams::Streams;
use crate::tenant::{Tenant, View};

/// A block of the stream with this number.
pub(super) struct Found {
    pub(super) id: u32,
    pub(super) header: BlockHeader,
    pub(super) source: Source,
}

/// The blocks of the streams that fulfil every matcher.
pub(super) fn select(tenant: &Tenant, matchers: &[Matcher], range: EntryRange) -> Blocks {
    // Nothing moves from one place to another, and no number gets another meaning, while both are held.
    let view = tenant.view.read();
    let streams = tenant.streams.read();
    let ids = streams.select(matchers);
    let mut found = Vec::new();
    each_buffer(&view, &streams, &ids, |id, buffer| {
        found.extend(blocks(buffer, range).into_iter().map(|(block, stats)| Found {
            id,
            header: BlockHeader {
                stream: 0,
                start: stats.start,
                end: stats.end,
                rows: stats.rows,
                line_bytes: stats.line_bytes,
                metadata_bytes: stats.metadata_bytes,
                stored_bytes: 0,
                exact: true,
            },
            source: Source::Head(block),
        }));
    });
    let labels = |id: u32| streams.labels(id).cloned().unwrap_or_default();
    Blocks::new(found, labels, range)
}

/// The streams that fulfil every matcher and have entries in the span.
fn selected(view: &View, streams: &Streams, matchers: &[Matcher], range: EntryRange) -> RoaringBitmap {
    let ids = streams.select(matchers);
    let mut present = RoaringBitmap::new();
    each_buffer(view, streams, &ids, |id, buffer| {
        let buffer = buffer.lock();
        if buffer.visible() > 0 && range.overlaps(buffer.first(), buffer.newest()) {
            present.insert(id);
        }
    });
    present
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
