//! Where things stand in an index file.

use crate::Error;

/// The first four bytes.
pub(super) const MAGIC: u32 = 0xBAAA_D700;
/// Bytes of magic and version.
pub(super) const HEADER_BYTES: u64 = 5;
/// The version that is written.
pub(super) const VERSION: u8 = 2;
/// Series start at multiples of this, so that 32-bit numbers reach 64 GiB.
pub(super) const SERIES_ALIGNMENT: u64 = 16;
/// Lists of series start at multiples of this.
pub(super) const POSTINGS_ALIGNMENT: u64 = 4;
/// Bytes of a checksum.
pub(super) const CRC_BYTES: usize = 4;
/// The table of contents: six offsets and a checksum, at the end of the file.
pub(super) const CONTENTS_BYTES: usize = 6 * 8 + CRC_BYTES;
/// Number of texts in an entry of the postings offset table: name and value.
pub(super) const TABLE_ENTRY_TEXTS: u64 = 2;

/// Where the parts of the file begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Contents {
    pub(super) symbols: u64,
    pub(super) series: u64,
    pub(super) label_indices: u64,
    pub(super) label_table: u64,
    pub(super) postings: u64,
    pub(super) postings_table: u64,
}

impl Contents {
    pub(super) fn to_bytes(self) -> [u8; CONTENTS_BYTES] {
        let offsets = [
            self.symbols,
            self.series,
            self.label_indices,
            self.label_table,
            self.postings,
            self.postings_table,
        ];
        let mut bytes = [0; CONTENTS_BYTES];
        let (body, crc) = bytes.split_at_mut(CONTENTS_BYTES - CRC_BYTES);
        for (to, offset) in body.as_chunks_mut::<8>().0.iter_mut().zip(offsets) {
            *to = offset.to_be_bytes();
        }
        crc.copy_from_slice(&crc32c(body).to_be_bytes());
        bytes
    }

    /// Reads the table of contents at the end of a file.
    pub(super) fn read(file: &[u8]) -> Result<Self, Error> {
        let too_short = Error::Corrupt { what: "file ends before its table of contents", offset: 0 };
        let (rest, bytes) = file.split_last_chunk::<CONTENTS_BYTES>().ok_or(too_short)?;
        let offset = rest.len() as u64;
        let (body, crc) = bytes.split_last_chunk::<CRC_BYTES>().unwrap_or((&[], &[0; CRC_BYTES]));
        if crc32c(body) != u32::from_be_bytes(*crc) {
            return Err(Error::Checksum { part: "table of contents", offset });
        }
        let mut offsets = body.as_chunks::<8>().0.iter().map(|bytes| u64::from_be_bytes(*bytes));
        let mut next = || offsets.next().unwrap_or_default();
        let contents = Self {
            symbols: next(),
            series: next(),
            label_indices: next(),
            label_table: next(),
            postings: next(),
            postings_table: next(),
        };
        let ends_before = |part: u64| part <= offset;
        if [contents.symbols, contents.series, contents.postings, contents.postings_table]
            .into_iter()
            .all(ends_before)
        {
            Ok(contents)
        } else {
            Err(Error::Corrupt { what: "part beyond the end of the file", offset })
        }
    }
}

/// CRC-32C, the checksum of all parts.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}
