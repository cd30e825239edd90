//! The store of log entries: streams in memory, a log of what was pushed, and parts on disk.
//!
//! What was acknowledged survives the end of the process; a machine crash costs at most the sync interval of the
//! log. A damaged file costs what is damaged and never the start. A query sees a push as soon as it is acknowledged.
//!
//! The store has no thread and no timer of its own: whoever holds a [`LogStore`] calls [`LogStore::sync`] at the
//! log's sync interval and [`LogStore::maintain`] from time to time. A push that fills the head writes it down.
//!
//! Reading order: [`LogStore`], [`Settings`], `streams.rs` (labels and their postings), `tenant.rs`, then `head/`
//! (`buffer.rs`, `stream.rs`, `append.rs`), `recovery/`, `query/`.
#![deny(clippy::indexing_slicing)]

mod bytes;
mod columns;
mod error;
mod head;
mod lock;
mod metrics;
mod query;
mod recovery;
mod reserve;
mod settings;
mod store;
mod streams;
mod tenant;

pub use error::Error;
pub use settings::Settings;
pub use store::{LogStore, Resources};
