//! What the index of a part says: streams, blocks, and where their columns stand.

use std::sync::Arc;

use model::Labels;

use super::filter::filter_bytes;
use super::numbers::greatest_common_divisor;
use super::sections::{SECTION_BYTES_MAX, Stored};
use crate::bytes::{Cursor, put_sized, put_uvarint, put_varint};

/// The version of the index.
const VERSION: u64 = 2;

/// Stands with the power of two of a filter's bits where the filter knows the pieces of words.
const KNOWS_WORDS: u8 = 0x80;

/// A block has six numbers of a byte or more.
const BLOCK_BYTES_MIN: usize = 6;
/// More metadata than the rows of any block have; sums of such numbers stay in 64 bits.
const METADATA_BYTES_MAX: u64 = 1 << 48;

/// A column of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Times,
    /// Lengths of the lines, where a line holds a line feed.
    Lengths,
    Text,
    /// How the times are written that were taken out of the text.
    Forms,
    /// A key of structured metadata.
    Metadata(Arc<str>),
}

/// Where a column stands behind the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: ColumnKind,
    pub(crate) stored: Stored,
}

/// Rows of one or more blocks that are compressed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) offset: u64,
    pub(crate) rows: u32,
    pub(crate) sections: Vec<Section>,
    /// Where its filter stands, and the power of two of the filter's bits.
    pub(crate) filter_offset: u64,
    pub(crate) filter_log: u8,
    /// Whether the filter has the pieces of words too.
    pub(crate) knows_words: bool,
    pub(crate) filter_crc: u32,
    /// Its first block; the others follow.
    pub(crate) first_block: u32,
    pub(crate) blocks: u32,
}

/// Rows of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// The position of its stream in the part.
    pub(crate) stream: u32,
    pub(crate) frame: u32,
    /// Its first row in the frame.
    pub(crate) row: u32,
    pub(crate) rows: u32,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) line_bytes: u64,
    pub(crate) metadata_bytes: u64,
}

/// What the index of a part says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PartIndex {
    /// Days since the Unix epoch.
    pub(crate) day: i64,
    /// How often its entries were merged or rewritten.
    pub(crate) level: u32,
    /// All entries of its tenant and day in segments of the log before this number are in parts.
    pub(crate) until: u32,
    /// Names of the parts that it stands for.
    pub(crate) replaces: Vec<String>,
    /// As they were written, like ones beside each other.
    pub(crate) streams: Vec<Labels>,
    pub(crate) frames: Vec<Frame>,
    /// By stream, each stream's by time.
    pub(crate) blocks: Vec<Block>,
}

impl PartIndex {
    /// The index as bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_uvarint(&mut out, VERSION);
        put_varint(&mut out, self.day);
        put_uvarint(&mut out, u64::from(self.level));
        put_uvarint(&mut out, u64::from(self.until));
        put_uvarint(&mut out, self.replaces.len() as u64);
        self.replaces.iter().for_each(|name| put_sized(&mut out, name.as_bytes()));
        put_uvarint(&mut out, self.streams.len() as u64);
        self.streams.iter().for_each(|labels| put_sized(&mut out, labels.as_bytes()));
        let mut names: Vec<&Arc<str>> = Vec::new();
        for section in self.frames.iter().flat_map(|frame| &frame.sections) {
            if let ColumnKind::Metadata(name) = &section.kind
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        put_uvarint(&mut out, names.len() as u64);
        names.iter().for_each(|name| put_sized(&mut out, name.as_bytes()));
        put_uvarint(&mut out, self.frames.len() as u64);
        for frame in &self.frames {
            encode_frame(frame, &names, &mut out);
        }
        self.encode_blocks(&mut out);
        out
    }

    /// The numbers of all blocks, one kind after the other: like ones compress well.
    fn encode_blocks(&self, out: &mut Vec<u8>) {
        let blocks = &self.blocks;
        put_uvarint(out, blocks.len() as u64);
        let mut stream = 0;
        for block in blocks {
            put_uvarint(out, u64::from(block.stream - stream));
            stream = block.stream;
        }
        blocks.iter().for_each(|block| put_uvarint(out, u64::from(block.rows)));
        let times = blocks.iter().flat_map(|block| [block.start, block.end]);
        let first = blocks.first().map_or(0, |block| block.start);
        let unit = times.fold(0, |unit, time| greatest_common_divisor(unit, time.abs_diff(first))).max(1);
        put_uvarint(out, unit);
        put_varint(out, first);
        let mut last = first;
        for block in blocks {
            // Times are of one day.
            put_varint(out, block.start.wrapping_sub(last) / unit.cast_signed());
            last = block.start;
        }
        blocks.iter().for_each(|block| put_uvarint(out, block.end.abs_diff(block.start) / unit));
        blocks.iter().for_each(|block| put_uvarint(out, block.line_bytes));
        blocks.iter().for_each(|block| put_uvarint(out, block.metadata_bytes));
    }

    /// Reads an index; frames begin at `frames_from` of the file and filters at `filters_from`. `None` where the
    /// bytes are no index.
    pub(crate) fn decode(bytes: &[u8], frames_from: u64, filters_from: u64) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        if cursor.uvarint()? != VERSION {
            return None;
        }
        let day = cursor.varint()?;
        let level = u32::try_from(cursor.uvarint()?).ok()?;
        let until = u32::try_from(cursor.uvarint()?).ok()?;
        let texts = |cursor: &mut Cursor<'_>| {
            (0..cursor.count()?).map(|_| cursor.text().map(str::to_owned)).collect::<Option<Vec<String>>>()
        };
        let replaces = texts(&mut cursor)?;
        let streams = (0..cursor.count()?)
            .map(|_| Labels::from_bytes(cursor.sized()?))
            .collect::<Option<Vec<Labels>>>()?;
        let names: Vec<Arc<str>> = texts(&mut cursor)?.into_iter().map(Arc::from).collect();
        let (mut offset, mut filter_offset) = (frames_from, filters_from);
        let mut frames = Vec::new();
        let mut first_block = 0_u32;
        for _ in 0..cursor.count()? {
            let mut frame = decode_frame(&mut cursor, &names)?;
            (frame.offset, frame.filter_offset, frame.first_block) = (offset, filter_offset, first_block);
            offset = offset.checked_add(frame.len())?;
            filter_offset = filter_offset.checked_add(filter_bytes(frame.filter_log)? as u64)?;
            first_block = first_block.checked_add(frame.blocks)?;
            frames.push(frame);
        }
        let blocks = decode_blocks(&mut cursor, &frames, streams.len())?;
        cursor.is_empty().then_some(Self { day, level, until, replaces, streams, frames, blocks })
    }
}

impl Frame {
    /// Bytes of its columns.
    pub(crate) fn len(&self) -> u64 {
        self.sections.iter().map(|section| u64::from(section.stored.len)).sum()
    }

    /// Where a column stands in the file.
    pub(crate) fn section(&self, kind: &ColumnKind) -> Option<(u64, Stored)> {
        let mut offset = self.offset;
        for section in &self.sections {
            if section.kind == *kind {
                return Some((offset, section.stored));
            }
            offset += u64::from(section.stored.len);
        }
        None
    }
}

fn encode_frame(frame: &Frame, names: &[&Arc<str>], out: &mut Vec<u8>) {
    put_uvarint(out, u64::from(frame.rows));
    put_uvarint(out, u64::from(frame.blocks));
    out.push(frame.filter_log | if frame.knows_words { KNOWS_WORDS } else { 0 });
    out.extend_from_slice(&frame.filter_crc.to_le_bytes());
    put_uvarint(out, frame.sections.len() as u64);
    for section in &frame.sections {
        let kind = match &section.kind {
            ColumnKind::Times => 0,
            ColumnKind::Lengths => 1,
            ColumnKind::Text => 2,
            ColumnKind::Forms => 3,
            ColumnKind::Metadata(name) => {
                4 + names.iter().position(|other| *other == name).unwrap_or_default() as u64
            }
        };
        put_uvarint(out, kind << 1 | u64::from(section.stored.is_compressed));
        put_uvarint(out, u64::from(section.stored.raw_len));
        put_uvarint(out, u64::from(section.stored.len));
        out.extend_from_slice(&section.stored.crc.to_le_bytes());
    }
}

fn decode_frame(cursor: &mut Cursor<'_>, names: &[Arc<str>]) -> Option<Frame> {
    let rows = u32::try_from(cursor.uvarint()?).ok()?;
    let blocks = u32::try_from(cursor.uvarint()?).ok()?;
    let filter = cursor.byte()?;
    let (filter_log, knows_words) = (filter & !KNOWS_WORDS, filter & KNOWS_WORDS != 0);
    let filter_crc = cursor.le32()?;
    let mut sections = Vec::new();
    for _ in 0..cursor.count()? {
        let kind = cursor.uvarint()?;
        let is_compressed = kind & 1 == 1;
        let kind = match kind >> 1 {
            0 => ColumnKind::Times,
            1 => ColumnKind::Lengths,
            2 => ColumnKind::Text,
            3 => ColumnKind::Forms,
            number => ColumnKind::Metadata(Arc::clone(names.get(usize::try_from(number - 4).ok()?)?)),
        };
        let raw_len = u32::try_from(cursor.uvarint()?).ok()?;
        let len = u32::try_from(cursor.uvarint()?).ok()?;
        let crc = cursor.le32()?;
        sections.push(Section { kind, stored: Stored { is_compressed, raw_len, len, crc } });
    }
    Some(Frame {
        offset: 0,
        rows,
        sections,
        filter_offset: 0,
        filter_log,
        knows_words,
        filter_crc,
        first_block: 0,
        blocks,
    })
}

fn decode_blocks(cursor: &mut Cursor<'_>, frames: &[Frame], streams: usize) -> Option<Vec<Block>> {
    let count = cursor.count()?;
    let of_frames: u64 = frames.iter().map(|frame| u64::from(frame.blocks)).sum();
    if count as u64 != of_frames || count > cursor.left() / BLOCK_BYTES_MIN {
        return None;
    }
    let blank =
        Block { stream: 0, frame: 0, row: 0, rows: 0, start: 0, end: 0, line_bytes: 0, metadata_bytes: 0 };
    let mut blocks = vec![blank; count];
    let mut stream = 0_u32;
    for block in &mut blocks {
        stream = stream.checked_add(u32::try_from(cursor.uvarint()?).ok()?)?;
        block.stream = stream;
    }
    for block in &mut blocks {
        block.rows = u32::try_from(cursor.uvarint()?).ok()?;
    }
    let unit = i64::try_from(cursor.uvarint()?).ok()?;
    let mut time = cursor.varint()?;
    for block in &mut blocks {
        time = time.checked_add(cursor.varint()?.checked_mul(unit)?)?;
        block.start = time;
    }
    for block in &mut blocks {
        block.end = block.start.checked_add(i64::try_from(cursor.uvarint()?).ok()?.checked_mul(unit)?)?;
    }
    for block in &mut blocks {
        block.line_bytes = cursor.uvarint()?;
    }
    for block in &mut blocks {
        block.metadata_bytes = cursor.uvarint()?;
    }
    let is_sound = |block: &Block| {
        block.rows > 0
            && (block.stream as usize) < streams
            && block.line_bytes <= SECTION_BYTES_MAX as u64
            && block.metadata_bytes <= METADATA_BYTES_MAX
    };
    (blocks.iter().all(is_sound) && place_blocks(&mut blocks, frames).is_some()).then_some(blocks)
}

/// Says in which frame each block stands, and from which row on; `None` where they do not fill the frames.
fn place_blocks(blocks: &mut [Block], frames: &[Frame]) -> Option<()> {
    let mut rest = blocks;
    for (number, frame) in (0_u32..).zip(frames) {
        let (of_frame, behind) = rest.split_at_mut_checked(frame.blocks as usize)?;
        rest = behind;
        let mut row = 0_u32;
        for block in of_frame {
            (block.frame, block.row) = (number, row);
            row = row.checked_add(block.rows)?;
        }
        if row != frame.rows {
            return None;
        }
    }
    rest.is_empty().then_some(())
}
