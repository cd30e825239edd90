//! Bytes of a column as they are stored: compressed where that makes them smaller, with a checksum.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use super::crc32c;
use crate::Error;

/// The largest section that is read: a push of one time may make a block of more than its aim.
pub(crate) const SECTION_BYTES_MAX: usize = 1 << 30;
/// What is shorter is not worth a compressor.
const COMPRESSED_MIN: usize = 32;

/// How a section is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) is_compressed: bool,
    /// Length before compression.
    pub(crate) raw_len: u32,
    pub(crate) len: u32,
    /// Of the stored bytes.
    pub(crate) crc: u32,
}

thread_local! {
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The shortest repetition that is looked for in lines at [`LINES_LEVEL`], which looks for five bytes by itself: fewer and longer
/// ones make lines smaller, and take less time both ways.
const LINES_MATCH_MIN: u32 = 7;
const LINES_LEVEL: i32 = 3;

/// Compresses sections.
pub(crate) struct SectionWriter {
    compressor: Compressor<'static>,
    level: i32,
    buffer: Vec<u8>,
}

impl SectionWriter {
    /// A writer at a level of Zstandard.
    pub(crate) fn new(level: i32) -> Result<Self, Error> {
        Ok(Self { compressor: Compressor::new(level).map_err(Error::Compress)?, level, buffer: Vec::new() })
    }

    /// Appends a section of lines.
    pub(crate) fn write_text(&mut self, raw: &[u8], out: &mut Vec<u8>) -> Result<Stored, Error> {
        if self.level != LINES_LEVEL {
            return self.write(raw, out);
        }
        self.set_match_min(LINES_MATCH_MIN)?;
        let stored = self.write(raw, out);
        self.set_match_min(0)?;
        stored
    }

    /// Says how long a repetition must be; 0 leaves it to the level.
    fn set_match_min(&mut self, bytes: u32) -> Result<(), Error> {
        self.compressor.set_parameter(CParameter::MinMatch(bytes)).map_err(Error::Compress)
    }

    /// Appends a section.
    pub(crate) fn write(&mut self, raw: &[u8], out: &mut Vec<u8>) -> Result<Stored, Error> {
        let raw_len =
            u32::try_from(raw.len()).map_err(|_| Error::Compress(std::io::ErrorKind::InvalidInput.into()))?;
        let start = out.len();
        let mut is_compressed = false;
        if raw.len() >= COMPRESSED_MIN {
            self.buffer.clear();
            self.buffer.reserve(zstd::zstd_safe::compress_bound(raw.len()));
            let len = self.compressor.compress_to_buffer(raw, &mut self.buffer).map_err(Error::Compress)?;
            is_compressed = len < raw.len();
        }
        out.extend_from_slice(if is_compressed { &self.buffer } else { raw });
        let bytes = out.get(start..).unwrap_or_default();
        Ok(Stored { is_compressed, raw_len, len: bytes.len() as u32, crc: crc32c(bytes) })
    }
}

impl Stored {
    /// Replaces `out` by the section's bytes; `None` where the stored ones are damaged.
    pub(crate) fn restore(self, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
        out.clear();
        if crc32c(bytes) != self.crc || self.raw_len as usize > SECTION_BYTES_MAX {
            return None;
        }
        if !self.is_compressed {
            out.extend_from_slice(bytes);
            return (out.len() == self.raw_len as usize).then_some(());
        }
        out.reserve(self.raw_len as usize);
        let len = DECOMPRESSOR.with_borrow_mut(|decompressor| {
            if decompressor.is_none() {
                *decompressor = Decompressor::new().ok();
            }
            decompressor.as_mut()?.decompress_to_buffer(bytes, out).ok()
        })?;
        (len == self.raw_len as usize).then_some(())
    }
}
