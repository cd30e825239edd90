//! The index file of a block: Prometheus's format, version 2 (written) and 1 (read too).
//!
//! `[header][symbols][series…][postings…][postings offset table][table of contents]`; see `docs/formats/index.md`.

mod bytes;
mod ids;
mod label_sets;
mod layout;
mod postings;
mod reader;
mod selection;
mod series;
mod symbol_list;
mod symbol_set;
mod table;
#[cfg(test)]
mod tests;
mod writer;

pub use ids::StoredIds;
pub use label_sets::LabelSets;
pub use reader::IndexReader;
pub use series::{ChunkMeta, SeriesEntry};
pub use symbol_set::SymbolSet;
pub use writer::{IndexStats, IndexWriter};
