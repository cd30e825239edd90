//! Writes a part: rows of streams, like ones beside each other, each stream's by time.

use std::path::{Path, PathBuf};

use model::Labels;
use platform::{AppendFile, FileSystem};
use storage::logs::MetadataColumn;

use super::filter::FilterBuilder;
use super::layout::{Block, ColumnKind, Frame, PartIndex, Section};
use super::numbers::encode_times;
use super::sections::SectionWriter;
use super::stamps::Taker;
use super::{FOOTER_BYTES, MAGIC, Part, column, crc32c};
use crate::Error;
use crate::bytes::put_uvarint;
use crate::columns::MetadataBuilder;
use crate::streams::SERVICE_NAME;

/// So much is written at once.
const WRITE_BYTES: usize = 1 << 20;
/// A block of one time is cut all the same at so many times its aim.
const ONE_TIME_FACTOR: usize = 4;

/// A frame with so large a part of its aim ends where the streams of another service begin.
const SERVICE_PART: usize = 8;

/// A block of a merged part goes over to the next as it is stored unless it is so many times smaller than it should be.
const COPIED_PART: u64 = 4;

/// How a part is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartSettings {
    /// The level of Zstandard.
    pub(crate) level: i32,
    /// A block is ended at so much text.
    pub(crate) block_bytes: usize,
    /// Small blocks share a frame up to so much text.
    pub(crate) frame_bytes: usize,
    /// Whether filters have the pieces of words too.
    pub(crate) knows_words: bool,
}

/// A part that is written and synced, but not yet under its name.
#[derive(Debug)]
pub(crate) struct WrittenPart {
    pub(crate) path: PathBuf,
    pub(crate) rows: u64,
}

/// Rows that are not yet in a frame of the file.
#[derive(Default)]
struct Rows {
    timestamps: Vec<i64>,
    text: Vec<u8>,
    lengths: Vec<u32>,
    metadata: MetadataBuilder,
    blocks: Vec<Block>,
}

/// Writes one part.
pub(crate) struct PartWriter {
    path: PathBuf,
    file: Box<dyn AppendFile>,
    settings: PartSettings,
    sections: SectionWriter,
    filter: FilterBuilder,
    stamps: Taker,
    index: PartIndex,
    filters: Vec<u8>,
    rows: Rows,
    /// The block that rows go to now.
    block: Option<Block>,
    /// Bytes of frames that are not yet in the file.
    buffer: Vec<u8>,
    scratch: Vec<u8>,
    all_rows: u64,
}

impl PartWriter {
    /// Begins a part in a file of this name; `index` says its day and what else is known of it.
    pub(crate) fn create(
        fs: &dyn FileSystem,
        path: &Path,
        settings: PartSettings,
        index: PartIndex,
    ) -> Result<Self, Error> {
        let file = fs.create(path).map_err(Error::io("create", path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            settings,
            sections: SectionWriter::new(settings.level)?,
            filter: FilterBuilder::new(settings.knows_words),
            stamps: Taker::new(index.day),
            index,
            filters: Vec::new(),
            rows: Rows::default(),
            block: None,
            buffer: MAGIC.to_vec(),
            scratch: Vec::new(),
            all_rows: 0,
        })
    }

    /// Begins a stream of about so much text; like streams come beside each other.
    pub(crate) fn begin_stream(&mut self, labels: &Labels, text_bytes: u64) -> Result<(), Error> {
        // A block that is worth a frame of its own is not put behind small ones.
        if text_bytes >= self.settings.frame_bytes as u64 {
            self.end_frame()?;
        }
        if self.index.streams.last() != Some(labels) {
            // What is read of one service is better not read with lines of another one.
            let is_other = |last: &Labels| last.get(SERVICE_NAME) != labels.get(SERVICE_NAME);
            if self.rows.text.len() >= self.settings.frame_bytes / SERVICE_PART
                && self.index.streams.last().is_some_and(is_other)
            {
                self.end_frame()?;
            }
            self.index.streams.push(labels.clone());
        }
        Ok(())
    }

    /// Adds a row of the stream; `is_same` says that its metadata is that of the row before.
    pub(crate) fn push<'a>(
        &mut self,
        timestamp: i64,
        line: &[u8],
        metadata: impl Iterator<Item = (&'a str, &'a str)>,
        metadata_bytes: u64,
        is_same: bool,
    ) -> Result<(), Error> {
        if let Some(block) = &self.block {
            let bytes = block.line_bytes as usize + block.rows as usize;
            let is_full = bytes + line.len() > self.settings.block_bytes;
            if is_full && (timestamp != block.end || bytes > self.settings.block_bytes * ONE_TIME_FACTOR) {
                self.end_block();
                self.end_frame()?;
            }
        }
        let stream = (self.index.streams.len().saturating_sub(1)) as u32;
        let rows = &mut self.rows;
        let row = rows.timestamps.len() as u32;
        let block = self.block.get_or_insert(Block {
            stream,
            frame: 0,
            row,
            rows: 0,
            start: timestamp,
            end: timestamp,
            line_bytes: 0,
            metadata_bytes: 0,
        });
        block.rows += 1;
        block.end = timestamp;
        block.line_bytes += line.len() as u64;
        block.metadata_bytes += metadata_bytes;
        rows.timestamps.push(timestamp);
        rows.text.extend_from_slice(line);
        rows.text.push(b'\n');
        rows.lengths.push(line.len() as u32);
        if is_same && rows.metadata.rows() > 0 {
            rows.metadata.repeat_row();
        } else {
            rows.metadata.push_row(metadata);
        }
        self.all_rows += 1;
        Ok(())
    }

    /// Whether a block may go over as it is stored: it was compressed as well as it is here, and alone.
    pub(crate) fn copies(&self, part: &Part, block: &Block) -> bool {
        let is_alone = part.frame(block.frame).is_some_and(|frame| frame.blocks == 1);
        let bytes = block.line_bytes + u64::from(block.rows);
        part.index.level > 0 && is_alone && bytes >= self.settings.block_bytes as u64 / COPIED_PART
    }

    /// Adds a block of the stream as it is stored; `false` where its columns or its filter are damaged, and nothing was added.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub(crate) fn copy(&mut self, part: &Part, block: &Block) -> Result<bool, Error> {
        self.end_block();
        self.end_frame()?;
        let frame = part.frame(block.frame).ok_or_else(|| Error::damaged(&part.path, "frame"))?;
        let (columns, filters) = (self.buffer.len(), self.filters.len());
        if let Err(error) = part.read_stored(frame, &mut self.buffer, &mut self.filters) {
            self.buffer.truncate(columns);
            self.filters.truncate(filters);
            return if error.is_corruption() { Ok(false) } else { Err(error) };
        }
        let number = self.index.frames.len() as u32;
        let stream = (self.index.streams.len().saturating_sub(1)) as u32;
        self.index.frames.push(frame.clone());
        self.index.blocks.push(Block { stream, frame: number, row: 0, ..*block });
        self.all_rows += u64::from(block.rows);
        if self.buffer.len() >= WRITE_BYTES {
            self.write()?;
        }
        Ok(true)
    }

    /// Ends a stream.
    pub(crate) fn end_stream(&mut self) -> Result<(), Error> {
        self.end_block();
        if self.rows.text.len() >= self.settings.frame_bytes {
            self.end_frame()?;
        }
        Ok(())
    }

    fn end_block(&mut self) {
        self.rows.blocks.extend(self.block.take());
    }

    /// Writes the rows as a frame.
    fn end_frame(&mut self) -> Result<(), Error> {
        let mut rows = std::mem::take(&mut self.rows);
        if rows.blocks.is_empty() {
            self.rows = rows;
            return Ok(());
        }
        let mut frame = Frame {
            offset: 0,
            rows: rows.timestamps.len() as u32,
            sections: Vec::new(),
            filter_offset: 0,
            filter_log: 0,
            knows_words: self.settings.knows_words,
            filter_crc: 0,
            first_block: 0,
            blocks: rows.blocks.len() as u32,
        };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        encode_times(&rows.timestamps, rows.blocks.iter().map(|block| block.rows as usize), &mut scratch);
        self.section(ColumnKind::Times, &scratch, &mut frame)?;
        if memchr::memchr_iter(b'\n', &rows.text).count() != rows.lengths.len() {
            scratch.clear();
            rows.lengths.iter().for_each(|len| put_uvarint(&mut scratch, u64::from(*len)));
            self.section(ColumnKind::Lengths, &scratch, &mut frame)?;
        }
        let (text, forms) = match self.stamps.take(&rows.timestamps, &rows.text, &rows.lengths) {
            Some((text, forms)) => (text, Some(forms)),
            None => (rows.text.as_slice(), None),
        };
        let stored = self.sections.write_text(text, &mut self.buffer)?;
        frame.sections.push(Section { kind: ColumnKind::Text, stored });
        if let Some(forms) = forms {
            self.section(ColumnKind::Forms, &forms, &mut frame)?;
        }
        for MetadataColumn { name, values } in rows.metadata.finish() {
            scratch.clear();
            column::encode(&values, &mut scratch);
            self.section(ColumnKind::Metadata(name), &scratch, &mut frame)?;
        }
        self.scratch = scratch;
        let filter_from = self.filters.len();
        frame.filter_log = self.filter.build(&rows.text, &mut self.filters);
        frame.filter_crc = crc32c(self.filters.get(filter_from..).unwrap_or_default());
        let number = self.index.frames.len() as u32;
        self.index.frames.push(frame);
        self.index.blocks.extend(rows.blocks.drain(..).map(|block| Block { frame: number, ..block }));
        // The memory is kept for the next frame.
        rows.timestamps.clear();
        rows.text.clear();
        rows.lengths.clear();
        self.rows = rows;
        if self.buffer.len() >= WRITE_BYTES {
            self.write()?;
        }
        Ok(())
    }

    fn section(&mut self, kind: ColumnKind, raw: &[u8], frame: &mut Frame) -> Result<(), Error> {
        let stored = self.sections.write(raw, &mut self.buffer)?;
        frame.sections.push(Section { kind, stored });
        Ok(())
    }

    fn write(&mut self) -> Result<(), Error> {
        self.file.append(&self.buffer).map_err(Error::io("write", &self.path))?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the part, synced.
    pub(crate) fn finish(mut self) -> Result<WrittenPart, Error> {
        self.end_frame()?;
        let filters_from = self.file.len() + self.buffer.len() as u64;
        let filters_len = self.filters.len() as u64;
        self.buffer.append(&mut self.filters);
        let index_from = filters_from + filters_len;
        let index = self.index.encode();
        let stored = self.sections.write(&index, &mut self.buffer)?;
        let mut footer = Vec::with_capacity(FOOTER_BYTES);
        footer.extend_from_slice(&filters_from.to_le_bytes());
        footer.extend_from_slice(&index_from.to_le_bytes());
        footer.extend_from_slice(&stored.raw_len.to_le_bytes());
        footer.extend_from_slice(&stored.len.to_le_bytes());
        footer.extend_from_slice(&stored.crc.to_le_bytes());
        footer.extend_from_slice(&u32::from(stored.is_compressed).to_le_bytes());
        footer.extend_from_slice(&[0; 4]);
        footer.extend_from_slice(&crc32c(&footer).to_le_bytes());
        footer.extend_from_slice(MAGIC);
        self.buffer.extend_from_slice(&footer);
        self.write()?;
        self.file.sync().map_err(Error::io("sync", &self.path))?;
        Ok(WrittenPart { path: self.path, rows: self.all_rows })
    }
}
