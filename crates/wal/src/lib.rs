//! The Prometheus record log: a folder of numbered segments that records are appended to.
//!
//! A record is bytes to the log; [`record`] knows the ones that Prometheus writes. What was handed to
//! [`GroupLog::commit`] survives the end of the process once that returns, and the end of the machine once it
//! was synced. A damaged place costs the records that stand on it and no other.
//!
//! Format: `docs/formats/wal.md`. Reading order: [`frame`] (pages and fragments), [`Batch`] (compressed
//! records), [`Log`] (one writer), [`GroupLog`] (many appenders), [`SegmentReader`], [`repair()`], [`record`],
//! [`write_checkpoint`].
#![deny(clippy::indexing_slicing)]

mod batch;
mod checkpoint;
mod compression;
mod error;
pub mod frame;
mod group;
mod log;
mod metrics;
mod reader;
pub mod record;
mod repair;
mod segment;
mod settings;

pub use batch::Batch;
pub use checkpoint::{CheckpointStats, Keep, remove_checkpoints_before, remove_leftovers, write_checkpoint};
pub use compression::{Compression, RECORD_BYTES_MAX};
pub use error::{Damage, DamageReason, Error};
pub use group::GroupLog;
pub use log::{Log, Parts, Position};
pub use metrics::Metrics;
pub use reader::{Entry, SegmentReader};
pub use repair::repair;
pub use segment::{Segment, checkpoints, last_checkpoint, segment_path, segments};
pub use settings::{Settings, SyncMode};
