//! Which series have which labels: in memory for the head, and in the index files of Prometheus's blocks.
//!
//! Both sides answer the same few questions ([`SeriesIndex`]), and [`select`] turns a selector's matchers into
//! the least work on them: lists that are there before lists that must be united, the smallest first, negative
//! ones subtracted, regular expressions over few survivors where that is cheaper than over all values.
//!
//! Reading order: [`SymbolTable`], [`MemoryIndex`], [`matching`], [`IndexReader`], [`IndexWriter`].
#![deny(clippy::indexing_slicing)]

mod error;
mod file;
pub mod matching;
pub mod memory;
mod symbols;

pub use error::Error;
pub use file::{
    ChunkMeta, IndexReader, IndexStats, IndexWriter, LabelSets, SeriesEntry, StoredIds, SymbolSet,
};
pub use matching::{IdSet, SeriesIndex, select};
pub use memory::{LabelPair, MemoryIndex, MemoryView, SeriesLabels};
pub use symbols::{Symbol, SymbolTable};
