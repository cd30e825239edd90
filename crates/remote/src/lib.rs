//! Sends samples to other stores (remote write), and reads those of others (remote read).
//!
//! A [`Writer`] runs one queue for each store. A queue reads the log that the samples were acknowledged with, so
//! that it holds no copy of them: a store that does not answer costs no memory, and where the queue stands is
//! kept on disk, so that a restart goes on there. Values go to shards by their series, which keeps the order
//! within a series; a shard gathers a batch, sends it, and tries again until the store has taken or refused it.
//!
//! A [`Reader`] asks other stores for series, to be merged into queries.
//!
//! Reading order: [`WriteSettings`], [`Writer`], then in `write/`: `tail` (the log as it grows), `reader` (records
//! to items), `ledger` (what has been answered), `shards`, `batch`, `sender`, `queue`; [`ReadSettings`],
//! [`Reader`], then in `read/`: `scope` (what is asked), `client`, `answer`, `querier`.

#![deny(clippy::indexing_slicing)]

mod error;
mod metrics;
mod read;
mod read_metrics;
mod settings;
mod write;

pub use error::Error;
pub use read::{LocalStart, ReadParts, Reader};
pub use settings::{MetadataSettings, QueueSettings, ReadSettings, Rules, Version, WriteSettings};
pub use write::{MetadataSource, Parts, Writer};

/// The name in metrics and logs of a store that has none of its own.
pub fn unnamed(key: &str) -> String {
    let hash = twox_hash::XxHash64::oneshot(0, key.as_bytes());
    format!("{:06x}", hash >> 40)
}
