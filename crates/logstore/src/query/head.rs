//! Blocks of a buffer in memory.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;
use storage::logs::{Columns, EntryColumns, EntryRange};

use crate::columns::{MetadataBuilder, pairs};
use crate::head::{Buffer, Rows, SetPlace};

/// About so many bytes of text make a block.
const BLOCK_TEXT_BYTES: usize = 1 << 20;

/// Rows of a buffer that stand for a block.
#[derive(Debug)]
pub(crate) struct HeadBlock {
    buffer: Arc<Mutex<Buffer>>,
    /// The buffer's rows by time, where they did not come so.
    order: Option<Arc<[u32]>>,
    /// Positions in the order.
    rows: Range<usize>,
}

/// What is known of a block without reading it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadBlockStats {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) rows: usize,
    pub(crate) line_bytes: u64,
    pub(crate) metadata_bytes: u64,
}

/// The blocks of what readers see of a buffer, in order of time.
pub(crate) fn blocks(buffer: &Arc<Mutex<Buffer>>, range: EntryRange) -> Vec<(HeadBlock, HeadBlockStats)> {
    let held = buffer.lock();
    let visible = held.visible();
    if visible == 0 || !range.overlaps(held.first(), held.newest()) {
        return Vec::new();
    }
    let order: Option<Arc<[u32]>> = held.order(visible).map(Arc::from);
    let rows = held.content();
    let row_at = |position: usize| row_of(order.as_deref(), position);
    let time_at = |position: usize| rows.timestamp(row_at(position));
    let mut blocks = Vec::new();
    let mut from = 0;
    while from < visible {
        let to = cut(from, visible, time_at, |position| rows.line_len(row_at(position)));
        let (start, end) = (time_at(from), time_at(to - 1));
        if range.overlaps(start, end) {
            let (line_bytes, metadata_bytes) = held.bytes_of((from..to).map(row_at));
            let block = HeadBlock { buffer: Arc::clone(buffer), order: order.clone(), rows: from..to };
            blocks.push((block, HeadBlockStats { start, end, rows: to - from, line_bytes, metadata_bytes }));
        }
        from = to;
    }
    blocks
}

fn row_of(order: Option<&[u32]>, position: usize) -> usize {
    match order {
        Some(order) => order.get(position).map_or(usize::MAX, |row| *row as usize),
        None => position,
    }
}

/// Where a block ends that begins at `from`: behind enough text, and where rows of equal time are not parted if
/// that can be.
fn cut(from: usize, all: usize, time_at: impl Fn(usize) -> i64, bytes_at: impl Fn(usize) -> usize) -> usize {
    let mut bytes = 0;
    for position in from..all {
        if bytes >= BLOCK_TEXT_BYTES && time_at(position) != time_at(position - 1) {
            return position;
        }
        bytes += bytes_at(position) + 1;
    }
    all
}

impl HeadBlock {
    /// Replaces `out` by the rows in the span.
    pub(crate) fn read(&self, range: EntryRange, columns: &Columns, out: &mut EntryColumns) {
        out.clear();
        let held = self.buffer.lock();
        let rows = held.content();
        let order = self.order.as_deref();
        let time_at = |position: usize| rows.timestamp(row_of(order, position));
        let from = first_from(&self.rows, |position| time_at(position) >= range.start);
        let to = first_from(&(from..self.rows.end), |position| time_at(position) >= range.end);
        out.rows = to - from;
        if columns.timestamps {
            out.timestamps.extend((from..to).map(time_at));
        }
        if columns.lines {
            read_lines(rows, order, from..to, out);
        }
        let mut metadata = MetadataBuilder::default();
        if columns.metadata == storage::logs::MetadataWanted::None {
            return;
        }
        let mut last: Option<(SetPlace, &[u8])> = None;
        for position in from..to {
            let row = row_of(order, position);
            let (place, set) = (rows.set_place(row), rows.set(row));
            if last.is_some_and(|(known, last)| known == place || last == set) {
                metadata.repeat_row();
            } else {
                metadata.push_row(pairs(set).filter(|(name, _)| columns.metadata.wants(name)));
            }
            last = Some((place, set));
        }
        out.metadata = metadata.finish();
    }
}

fn first_from(positions: &Range<usize>, is_behind: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (positions.start, positions.end.max(positions.start));
    while low < high {
        let middle = low + (high - low) / 2;
        if is_behind(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

fn read_lines(rows: &Rows, order: Option<&[u32]>, positions: Range<usize>, out: &mut EntryColumns) {
    let lens = positions.clone().map(|position| rows.line_len(row_of(order, position)) + 1);
    out.text.reserve(lens.sum());
    out.ends.reserve(positions.len());
    for position in positions {
        out.push_line(rows.line(row_of(order, position)));
    }
}
