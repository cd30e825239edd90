//! Parts: immutable files of blocks.
//!
//! Format: `docs/formats/log-part.md`. Reading order: [`numbers`], [`sections`] and [`stamps`] (how columns are stored), [`filter`]
//! (what may stand in a text), [`layout`] (what the index of a part says), [`PartWriter`], [`Part`], [`decode`].

mod column;
mod decode;
mod filter;
mod layout;
mod numbers;
mod open;
mod sections;
mod stamps;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use column::slice;
pub(crate) use decode::BlockReader;
pub(crate) use filter::Pieces;
pub(crate) use layout::{Block, ColumnKind, PartIndex};
pub(crate) use open::{Part, PartFile, read_index};
pub(crate) use writer::{PartSettings, PartWriter};

/// The first bytes of a part, and the last.
pub(crate) const MAGIC: &[u8; 8] = b"LWLOGP\x02\n";
/// Length of what stands at the end of a part.
pub(crate) const FOOTER_BYTES: usize = 48;
/// Nanoseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000_000;

/// The UTC day of a time, in days since the Unix epoch.
pub(crate) fn day_of(timestamp: i64) -> i64 {
    timestamp.div_euclid(DAY)
}

/// CRC-32 with Castagnoli's polynomial.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}
