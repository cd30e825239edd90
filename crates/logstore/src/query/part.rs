//! Blocks of parts, those of small streams out of frames that are kept for a while.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use storage::logs::{Columns, EntryColumns, EntryRange};

use crate::Error;
use crate::part::{Block, BlockReader, Part};

/// Frames of several blocks are kept up to so many bytes; where parts are read side by side, up to so many of each.
const KEPT_BYTES: usize = 32 << 20;
const KEPT_BYTES_OF_PART: usize = 1 << 20;

thread_local! {
    static READER: RefCell<BlockReader> = RefCell::new(BlockReader::default());
}

/// Frames that were read whole, since their other blocks may be read too.
#[derive(Debug)]
pub(crate) struct KeptFrames(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    /// The part's number, the frame's, and all of the frame.
    frames: VecDeque<(u64, u32, Arc<EntryColumns>)>,
    bytes: usize,
    bytes_max: usize,
}

impl KeptFrames {
    /// Of so many parts that are read side by side.
    pub(crate) fn of_parts(parts: usize) -> Self {
        let bytes_max = KEPT_BYTES.max(parts * KEPT_BYTES_OF_PART);
        Self(Mutex::new(Kept { frames: VecDeque::new(), bytes: 0, bytes_max }))
    }

    /// Replaces `out` by the rows of a block in the span.
    pub(crate) fn read(
        &self,
        part: &Arc<Part>,
        block: &Block,
        range: EntryRange,
        columns: &Columns,
        out: &mut EntryColumns,
    ) -> Result<(), Error> {
        let shares = part.frame(block.frame).is_some_and(|frame| frame.blocks > 1);
        let reads_text = columns.lines || columns.metadata != storage::logs::MetadataWanted::None;
        if !shares || !reads_text {
            return READER.with_borrow_mut(|reader| reader.read(part, block, range, columns, out));
        }
        let frame = self.frame(part, block)?;
        frame_rows(&frame, block, range, columns, out);
        Ok(())
    }

    /// The whole frame of a block.
    fn frame(&self, part: &Arc<Part>, block: &Block) -> Result<Arc<EntryColumns>, Error> {
        let key = part.number;
        {
            let kept = self.0.lock();
            let found = kept.frames.iter().rev().find(|(of, number, _)| *of == key && *number == block.frame);
            if let Some((_, _, frame)) = found {
                return Ok(Arc::clone(frame));
            }
        }
        let mut whole = EntryColumns::default();
        READER.with_borrow_mut(|reader| reader.read_frame(part, block.frame, &Columns::ALL, &mut whole))?;
        let whole = Arc::new(whole);
        let mut kept = self.0.lock();
        kept.bytes += whole.bytes();
        kept.frames.push_back((key, block.frame, Arc::clone(&whole)));
        while kept.bytes > kept.bytes_max {
            // Who reads parts side by side is done with the frame before of this one.
            let before = kept.frames.iter().position(|(of, number, _)| *of == key && *number != block.frame);
            let Some((_, _, gone)) = kept.frames.remove(before.unwrap_or(0)) else { break };
            kept.bytes -= gone.bytes();
        }
        Ok(whole)
    }
}

/// Replaces `out` by all rows of the frame of a block.
pub(super) fn read_frame(
    part: &Part,
    block: &Block,
    columns: &Columns,
    out: &mut EntryColumns,
) -> Result<(), Error> {
    READER.with_borrow_mut(|reader| reader.read_frame(part, block.frame, columns, out))
}

/// Copies the rows of a block out of its frame.
fn frame_rows(
    frame: &EntryColumns,
    block: &Block,
    range: EntryRange,
    columns: &Columns,
    out: &mut EntryColumns,
) {
    out.clear();
    let first = block.row as usize;
    let all = frame.timestamps.get(first..first + block.rows as usize).unwrap_or_default();
    let from = first + all.partition_point(|time| *time < range.start);
    let to = (first + all.partition_point(|time| *time < range.end)).max(from);
    out.rows = to - from;
    if columns.timestamps {
        out.timestamps.extend_from_slice(frame.timestamps.get(from..to).unwrap_or_default());
    }
    if columns.lines {
        let (start, end) = (frame.line_start(from), frame.line_start(to));
        out.text.extend_from_slice(frame.text.get(start..end).unwrap_or_default());
        let ends = frame.ends.get(from..to).unwrap_or_default();
        out.ends.extend(ends.iter().map(|end| end - start as u32));
    }
    let wanted = frame.metadata.iter().filter(|column| columns.metadata.wants(&column.name));
    out.metadata.extend(wanted.filter_map(|column| crate::part::slice(column, from..to)));
}
