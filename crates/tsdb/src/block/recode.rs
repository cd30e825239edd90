//! Chunks of blocks taken apart and made anew without what is deleted of them.

pub use chunks::recode::Chunk;
pub(crate) use chunks::recode::{Sample, Value, decode, encode, merge};

use super::Intervals;

/// Removes what is deleted.
pub(crate) fn remove_deleted(samples: &mut Vec<Sample>, deleted: &Intervals) {
    samples.retain(|sample| !deleted.contains(sample.timestamp));
}
