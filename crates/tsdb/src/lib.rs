//! The time series database: a Prometheus data directory, byte for byte, and the samples that are still in
//! memory.
//!
//! What was committed survives the end of the process; a machine crash costs at most the sync interval of the
//! log. A damaged file costs what is damaged and never the start. A query sees a commit wholly or not at all.
//!
//! The store has no thread and no timer of its own: whoever holds a [`Db`] calls [`Db::sync`] at the log's sync
//! interval and [`Db::maintain`] once a minute.
//!
//! Reading order: [`Db`], [`Settings`], then `head/` (`series.rs`, `pages.rs`, `labels.rs`, `appender.rs`,
//! `querier.rs`, `isolation.rs`), `exemplars/`, `recovery.rs`, `block/`, `blocks/`, `decoded/`, `compaction/`, `retention.rs`,
//! `maintenance.rs`, `tool/`.
#![deny(clippy::indexing_slicing)]

pub mod block;
pub mod blocks;
pub mod compaction;
mod copy;
mod db;
mod decoded;
mod error;
mod exemplars;
mod head;
mod lock;
mod maintenance;
mod metrics;
mod recovery;
mod reserve;
pub mod retention;
mod settings;
pub mod tool;

pub use block::{Block, BlockMeta, BlockQuerier, BlockWriter, Ulid};
pub use blocks::{Blocks, BlocksSettings, DamagedBlock};
pub use db::{Db, Parts};
pub use decoded::DecodedLimit;
pub use error::Error;
pub use head::{HeadStats, TopEntry};
pub use recovery::ReplayProgress;
pub use settings::Settings;
