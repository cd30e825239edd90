//! Series by the labels as their sender wrote them.
//!
//! A sender writes the labels of a series the same way every time. Whoever hashes what was written finds the series
//! again without reading a label: the hash is the key, since two label sets share one with a chance of less than one
//! in 10^14 at a million series. The hash is seeded afresh in every process, so that nobody can prepare two.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use model::SeriesRef;

/// The key of labels as they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RawKey {
    /// One hash.
    pub low: u64,
    /// Another one.
    pub high: u64,
}

/// Makes keys; those of two hashers have nothing to do with each other.
#[derive(Debug, Clone, Default)]
pub struct RawHasher {
    low: RandomState,
    high: RandomState,
}

impl RawHasher {
    /// A hasher of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key of bytes.
    #[inline]
    pub fn key(&self, bytes: &[u8]) -> RawKey {
        RawKey { low: hash(&self.low, bytes), high: hash(&self.high, bytes) }
    }
}

#[inline]
fn hash(state: &RandomState, bytes: &[u8]) -> u64 {
    let mut hasher = state.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// The reference of no series.
pub const NO_SERIES: SeriesRef = SeriesRef(0);

/// Float samples of many series as columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct FloatBatch {
    /// Which series.
    pub series: Vec<SeriesRef>,
    /// Milliseconds since the Unix epoch.
    pub timestamps: Vec<i64>,
    /// Start times, 0 for none: as long as the others, or empty where none is known.
    pub start_timestamps: Vec<i64>,
    /// The values.
    pub values: Vec<f64>,
}

impl FloatBatch {
    /// No samples.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a sample; a start time of 0 is none.
    #[inline]
    pub fn push(&mut self, series: SeriesRef, timestamp: i64, start_timestamp: i64, value: f64) {
        if start_timestamp != 0 && self.start_timestamps.is_empty() {
            self.start_timestamps.resize(self.series.len(), 0);
        }
        if start_timestamp != 0 || !self.start_timestamps.is_empty() {
            self.start_timestamps.push(start_timestamp);
        }
        self.series.push(series);
        self.timestamps.push(timestamp);
        self.values.push(value);
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// The start time of a sample, 0 for none.
    #[inline]
    pub fn start_timestamp(&self, position: usize) -> i64 {
        self.start_timestamps.get(position).copied().unwrap_or(0)
    }

    /// Removes all samples and keeps the memory.
    pub fn clear(&mut self) {
        self.series.clear();
        self.timestamps.clear();
        self.start_timestamps.clear();
        self.values.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_bytes_apart_and_hashers_too() {
        let hasher = RawHasher::new();
        let key = hasher.key(b"job=node");
        assert_eq!(hasher.key(b"job=node"), key);
        for other in [&b"job=nodf"[..], b"job=nod", b"job=node ", b"", b"\0"] {
            let other = hasher.key(other);
            assert!(other.low != key.low && other.high != key.high);
        }
        assert_ne!(key.low, key.high);
        assert_ne!(RawHasher::new().key(b"job=node"), key);
        // Long runs of zeros are no two alike.
        assert_ne!(hasher.key(&[0; 100]), hasher.key(&[0; 101]));
        assert_ne!(hasher.key(&[0; 16]), hasher.key(&[0; 17]));
    }

    #[test]
    fn start_times_are_kept_from_the_first_that_is_known() {
        let mut batch = FloatBatch::new();
        batch.push(SeriesRef(1), 10, 0, 1.0);
        assert!(batch.start_timestamps.is_empty());
        batch.push(SeriesRef(2), 10, 5, 1.0);
        batch.push(SeriesRef(3), 10, 0, 1.0);
        assert_eq!(batch.start_timestamps, [0, 5, 0]);
        assert_eq!((batch.start_timestamp(1), batch.start_timestamp(9)), (5, 0));
    }
}
