//! The store of log entries: streams in memory, a log of what was pushed, and parts on disk.
//!
//! What was acknowledged survives the end of the process; a machine crash costs at most the sync interval of the
//! log. A damaged file costs what is damaged and never the start. A query sees a push as soon as it is acknowledged.
//!
//! The store has no thread and no timer of its own: whoever holds a [`LogStore`] calls [`LogStore::sync`] at the
//! log's sync interval and [`LogStore::maintain`] from time to time. A push that fills the head writes it down.
//!
//! Reading order: [`LogStore`], [`Settings`], `streams.rs` (labels and their postings), `tenant.rs`, then `head/`
//! (`buffer.rs`, `stream.rs`, `append.rs`), `push.rs`, `flush.rs`, `part/`, `partition.rs`, `recovery/`,
//! `query/`, `compaction/`, `retention.rs`, `deletion/`, `maintenance.rs`.
#![deny(clippy::indexing_slicing)]

mod bytes;
mod columns;
mod compaction;
mod deletion;
mod error;
mod flush;
mod head;
mod inspect;
mod lock;
mod maintenance;
mod metrics;
mod part;
mod partition;
mod push;
mod query;
mod recovery;
mod reserve;
mod retention;
mod settings;
mod store;
mod streams;
mod tenant;

pub use deletion::{CancelRefusal, DeleteRequest, DeleteSelector, DeletedRow, ReadDeleteQuery, RowPredicate};
pub use error::Error;
pub use inspect::{inspect_log, inspect_part};
pub use retention::{Retention, StreamRetention};
pub use settings::{DeleteMode, Settings};
pub use store::{DamagedPart, LogStore, Resources};
