//! Blocks: folders of samples of a span of time that change no more, but for what is deleted of them.
//!
//! `<ULID>/{meta.json, index, chunks/000001…, tombstones}`; see `docs/formats/block.md`.

pub(crate) mod bytes;
mod meta;
mod querier;
mod reader;
pub(crate) mod recode;
mod segments;
mod selections;
mod set;
#[cfg(test)]
mod tests;
mod tombstones;
mod ulid;
mod writer;

pub(crate) use meta::META_FILE;
pub use meta::{BlockMeta, BlockStats, Compaction, Parent, hint};
pub use querier::BlockQuerier;
pub use reader::{Block, BlockSeries};
pub use recode::Chunk;
pub use segments::SEGMENT_BYTES_MAX;
pub(crate) use selections::Selections;
pub(crate) use tombstones::TOMBSTONES_FILE;
pub use tombstones::{Interval, Intervals, Tombstones};
pub use ulid::{NoUlid, Ulid};
pub(crate) use writer::UNFINISHED_SUFFIX;
pub use writer::{BlockWriter, BlockWriterSettings};
