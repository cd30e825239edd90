//! Reads the rows of a block, as far as columns are named.

use std::ops::Range;
use std::sync::Arc;

use storage::logs::{Columns, EntryColumns, EntryRange, MetadataColumn, MetadataWanted};

use super::layout::{Block, ColumnKind, Frame};
use super::numbers::decode_times;
use super::sections::{SECTION_BYTES_MAX, Stored};
use super::stamps::Restorer;
use super::{Part, column};
use crate::Error;
use crate::bytes::Cursor;

/// Reads blocks of parts, one after the other, with memory of its own.
#[derive(Debug, Default)]
pub(crate) struct BlockReader {
    stored: Vec<u8>,
    raw: Vec<u8>,
    /// The times of a frame of several blocks, which are often read one after the other.
    times: Vec<i64>,
    /// The part's number and the frame's.
    times_of: Option<(u64, u32)>,
}

impl BlockReader {
    /// Replaces `out` by the rows of a block in the span.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub(crate) fn read(
        &mut self,
        part: &Part,
        block: &Block,
        range: EntryRange,
        columns: &Columns,
        out: &mut EntryColumns,
    ) -> Result<(), Error> {
        out.clear();
        let damaged = |what| Error::damaged(&part.path, what);
        let frame = part.frame(block.frame).ok_or_else(|| damaged("frame"))?;
        let covers = range.start <= block.start && block.end < range.end;
        let (first, end) = (block.row as usize, (block.row + block.rows) as usize);
        let mut rows = first..end;
        if columns.timestamps || !covers {
            self.keep_times(part, block.frame, frame)?;
            let times = self.times.get(first..end).ok_or_else(|| damaged("times"))?;
            let from = first + times.partition_point(|time| *time < range.start);
            let to = first + times.partition_point(|time| *time < range.end);
            rows = from..to.max(from);
            if columns.timestamps {
                out.timestamps.extend_from_slice(self.times.get(rows.clone()).unwrap_or_default());
            }
        }
        out.rows = rows.len();
        if columns.lines && !rows.is_empty() {
            self.lines(part, block.frame, columns.without_times, out)?;
            cut_lines(out, rows.clone());
        }
        self.metadata(part, frame, &columns.metadata, rows, &mut out.metadata)
    }

    /// Replaces `out` by all rows of a frame; its blocks' times may fall from one to the next.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub(crate) fn read_frame(
        &mut self,
        part: &Part,
        number: u32,
        columns: &Columns,
        out: &mut EntryColumns,
    ) -> Result<(), Error> {
        out.clear();
        let frame = part.frame(number).ok_or_else(|| Error::damaged(&part.path, "frame"))?;
        out.rows = frame.rows as usize;
        if columns.timestamps {
            self.keep_times(part, number, frame)?;
            out.timestamps.extend_from_slice(&self.times);
        }
        if columns.lines {
            self.lines(part, number, columns.without_times, out)?;
        }
        self.metadata(part, frame, &columns.metadata, 0..out.rows, &mut out.metadata)
    }

    /// Reads the times of a frame, unless they were read last.
    fn keep_times(&mut self, part: &Part, number: u32, frame: &Frame) -> Result<(), Error> {
        if self.times_of == Some((part.number, number)) {
            return Ok(());
        }
        self.times_of = None;
        let mut times = std::mem::take(&mut self.times);
        times.clear();
        self.times(part, frame, &mut times)?;
        self.times = times;
        self.times_of = Some((part.number, number));
        Ok(())
    }

    fn times(&mut self, part: &Part, frame: &Frame, out: &mut Vec<i64>) -> Result<(), Error> {
        let damaged = || Error::damaged(&part.path, "times");
        self.section(part, frame, &ColumnKind::Times)?.ok_or_else(damaged)?;
        let runs = part.blocks_in(frame).iter().map(|block| (block.start, block.rows as usize));
        decode_times(&self.raw, runs, out).ok_or_else(damaged)?;
        if out.len() == frame.rows as usize { Ok(()) } else { Err(damaged()) }
    }

    /// All lines of a frame, with the marks of their times where those are not wanted: lines without lengths alone, since lengths
    /// are those of whole lines.
    fn lines(
        &mut self,
        part: &Part,
        number: u32,
        without_times: bool,
        out: &mut EntryColumns,
    ) -> Result<(), Error> {
        let damaged = || Error::damaged(&part.path, "lines");
        let frame = part.frame(number).ok_or_else(damaged)?;
        let rows = frame.rows as usize;
        out.ends.reserve(rows);
        let has_lengths = self.section(part, frame, &ColumnKind::Lengths)?.is_some();
        if has_lengths {
            let mut cursor = Cursor::new(&self.raw);
            let mut end = 0_u64;
            for _ in 0..rows {
                end += cursor.uvarint().filter(|len| *len < u64::from(u32::MAX)).ok_or_else(damaged)?;
                out.ends.push(u32::try_from(end).map_err(|_| damaged())?);
                end += 1;
            }
        }
        let restores = has_lengths || !without_times;
        if restores && self.section(part, frame, &ColumnKind::Forms)?.is_some() {
            let mut stamps = Restorer::new(part.index.day, &self.raw).ok_or_else(damaged)?;
            self.keep_times(part, number, frame)?;
            self.section(part, frame, &ColumnKind::Text)?.ok_or_else(damaged)?;
            let blocks = part.blocks_in(frame).iter();
            let bytes: u64 = blocks.map(|block| block.line_bytes + u64::from(block.rows)).sum();
            // What is too much shows below.
            out.text.reserve(usize::try_from(bytes).unwrap_or_default().min(SECTION_BYTES_MAX));
            let lines = (&mut out.text, &mut out.ends);
            stamps.restore(&self.times, &self.raw, has_lengths, lines).ok_or_else(damaged)?;
        } else {
            std::mem::swap(&mut self.raw, &mut out.text);
            self.section(part, frame, &ColumnKind::Text)?.ok_or_else(damaged)?;
            std::mem::swap(&mut self.raw, &mut out.text);
            if !has_lengths {
                out.ends.extend(memchr::memchr_iter(b'\n', &out.text).map(|place| place as u32));
            }
        }
        let is_whole =
            out.ends.len() == rows && out.ends.last().is_none_or(|end| *end as usize + 1 == out.text.len());
        if is_whole { Ok(()) } else { Err(damaged()) }
    }

    fn metadata(
        &mut self,
        part: &Part,
        frame: &Frame,
        wanted: &MetadataWanted,
        rows: Range<usize>,
        out: &mut Vec<MetadataColumn>,
    ) -> Result<(), Error> {
        if *wanted == MetadataWanted::None || rows.is_empty() {
            return Ok(());
        }
        for section in &frame.sections {
            let ColumnKind::Metadata(name) = &section.kind else { continue };
            if !wanted.wants(name) {
                continue;
            }
            let damaged = || Error::damaged(&part.path, "metadata");
            self.section(part, frame, &section.kind)?.ok_or_else(damaged)?;
            let values = column::decode(&self.raw, frame.rows as usize).ok_or_else(damaged)?;
            let whole = MetadataColumn { name: Arc::clone(name), values };
            if rows.len() == frame.rows as usize {
                out.push(whole);
            } else {
                out.extend(column::slice(&whole, rows.clone()));
            }
        }
        Ok(())
    }

    /// Restores a column of a frame into `raw`; `None` where the frame has none of the kind.
    fn section(&mut self, part: &Part, frame: &Frame, kind: &ColumnKind) -> Result<Option<()>, Error> {
        let Some((offset, stored)) = frame.section(kind) else { return Ok(None) };
        self.restore(part, offset, stored)?;
        Ok(Some(()))
    }

    fn restore(&mut self, part: &Part, offset: u64, stored: Stored) -> Result<(), Error> {
        if stored.len as usize > SECTION_BYTES_MAX {
            return Err(Error::damaged(&part.path, "section"));
        }
        self.stored.resize(stored.len as usize, 0);
        part.file.read_exact_at(&mut self.stored, offset).map_err(Error::io("read", &part.path))?;
        stored.restore(&self.stored, &mut self.raw).ok_or_else(|| Error::damaged(&part.path, "section"))
    }
}

/// Keeps some of the items.
fn cut<T: Copy>(items: &mut Vec<T>, kept: Range<usize>) {
    items.truncate(kept.end);
    items.drain(..kept.start.min(items.len()));
}

/// Keeps some of the lines.
fn cut_lines(out: &mut EntryColumns, rows: Range<usize>) {
    if rows.len() == out.ends.len() {
        return;
    }
    let start = out.line_start(rows.start);
    let end = out.line_start(rows.end);
    out.text.truncate(end);
    out.text.drain(..start.min(out.text.len()));
    cut(&mut out.ends, rows);
    out.ends.iter_mut().for_each(|end| *end -= start as u32);
}
