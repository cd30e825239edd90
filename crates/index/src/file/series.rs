//! The entry of one series: its labels as symbols, and where its chunks stand.

use model::Labels;

use super::bytes::{Cursor, put_uvarint, put_varint};
use super::layout::{CRC_BYTES, crc32c};
use crate::Error;

/// Where a chunk stands, and the time it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChunkMeta {
    /// Time of the first sample, milliseconds since the Unix epoch.
    pub start: i64,
    /// Time of the last sample.
    pub end: i64,
    /// Segment and offset, as the chunks' side defines them.
    pub reference: u64,
}

/// One series of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesEntry {
    /// Its labels.
    pub labels: Labels,
    /// Its chunks, sorted by time.
    pub chunks: Vec<ChunkMeta>,
}

/// Appends an entry with its length and checksum.
pub(super) fn put_entry(bytes: &mut Vec<u8>, symbols: &[(u32, u32)], chunks: &[ChunkMeta]) {
    let mut content = Vec::with_capacity(16 + symbols.len() * 4 + chunks.len() * 12);
    put_uvarint(&mut content, symbols.len() as u64);
    for (name, value) in symbols {
        put_uvarint(&mut content, u64::from(*name));
        put_uvarint(&mut content, u64::from(*value));
    }
    put_uvarint(&mut content, chunks.len() as u64);
    let mut before: Option<&ChunkMeta> = None;
    for chunk in chunks {
        match before {
            None => {
                put_varint(&mut content, chunk.start);
                put_uvarint(&mut content, chunk.end.wrapping_sub(chunk.start) as u64);
                put_uvarint(&mut content, chunk.reference);
            }
            Some(before) => {
                put_uvarint(&mut content, chunk.start.wrapping_sub(before.end) as u64);
                put_uvarint(&mut content, chunk.end.wrapping_sub(chunk.start) as u64);
                put_varint(&mut content, chunk.reference.wrapping_sub(before.reference) as i64);
            }
        }
        before = Some(chunk);
    }
    put_uvarint(bytes, content.len() as u64);
    bytes.extend_from_slice(&content);
    bytes.extend_from_slice(&crc32c(&content).to_be_bytes());
}

/// The content of an entry that begins at `offset`, its checksum checked.
pub(super) fn entry_at(file: &[u8], offset: u64) -> Result<Cursor<'_>, Error> {
    let cut = || Error::Corrupt { what: "series beyond the end of the file", offset };
    let at = usize::try_from(offset).ok().and_then(|offset| file.get(offset..)).ok_or_else(cut)?;
    let mut cursor = Cursor::new(at, offset);
    let len = cursor.uvarint()?;
    let start = cursor.offset();
    let content = cursor.take(len)?;
    let crc = cursor.take(CRC_BYTES as u64)?.first_chunk().ok_or_else(cut)?;
    if crc32c(content) != u32::from_be_bytes(*crc) {
        return Err(Error::Checksum { part: "series", offset });
    }
    Ok(Cursor::new(content, start))
}

/// Reads past the labels, `visit` being called with the symbols of each; stops where it says so.
pub(super) fn read_labels(
    content: &mut Cursor<'_>,
    mut visit: impl FnMut(u32, u32) -> Result<(), Error>,
) -> Result<(), Error> {
    for _ in 0..content.uvarint()? {
        visit(content.uvarint32()?, content.uvarint32()?)?;
    }
    Ok(())
}

/// Reads the chunks behind the labels, those alone that overlap the time from `first` to `last`.
pub(super) fn read_chunks(
    content: &mut Cursor<'_>,
    (first, last): (i64, i64),
    out: &mut Vec<ChunkMeta>,
) -> Result<(), Error> {
    let mut before: Option<ChunkMeta> = None;
    for _ in 0..content.uvarint()? {
        let chunk = match before {
            None => {
                let start = content.varint()?;
                let end = start.wrapping_add(content.uvarint()? as i64);
                ChunkMeta { start, end, reference: content.uvarint()? }
            }
            Some(before) => {
                let start = before.end.wrapping_add(content.uvarint()? as i64);
                let end = start.wrapping_add(content.uvarint()? as i64);
                let reference = before.reference.wrapping_add(content.varint()? as u64);
                ChunkMeta { start, end, reference }
            }
        };
        if chunk.end < chunk.start || before.is_some_and(|before| chunk.start < before.start) {
            return Err(content.corrupt("chunk that ends before it starts"));
        }
        if chunk.start > last {
            // They are sorted by the time they start.
            return Ok(());
        }
        if chunk.end >= first {
            out.push(chunk);
        }
        before = Some(chunk);
    }
    Ok(())
}
