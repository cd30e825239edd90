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
#[derive(Debug, Clone)]
pub struct RawHasher {
    low: RandomState,
    high: RandomState,
    /// What keys are multiplied with; nobody knows them either.
    factors: (u64, u64),
}

impl RawHasher {
    /// A hasher of its own.
    pub fn new() -> Self {
        let (low, high) = (RandomState::default(), RandomState::default());
        let factors = (hash(&low, b"factor") | 1, hash(&high, b"factor") | 1);
        Self { low, high, factors }
    }

    /// The key of bytes.
    #[inline]
    pub fn key(&self, bytes: &[u8]) -> RawKey {
        RawKey { low: hash(&self.low, bytes), high: hash(&self.high, bytes) }
    }

    /// Begins the key of pairs of texts.
    #[inline]
    pub fn pairs(&self) -> PairsKey {
        let (low, high) = self.factors;
        PairsKey { key: RawKey { low: high, high: low }, factors: self.factors }
    }
}

/// The key of pairs of texts that come one after the other, each text by its own key.
#[derive(Debug, Clone, Copy)]
pub struct PairsKey {
    key: RawKey,
    factors: (u64, u64),
}

impl PairsKey {
    /// Adds a pair.
    #[inline]
    pub fn add(&mut self, name: RawKey, value: RawKey) {
        let (low, high) = self.factors;
        // A pair waits for no other: only their row does.
        let pair_low = folded(name.low ^ high, value.low ^ low);
        let pair_high = folded(name.high ^ low, value.high ^ high);
        self.key.low = folded(self.key.low ^ pair_low, low);
        self.key.high = folded(self.key.high ^ pair_high, high);
    }

    /// The key of all pairs that were added.
    #[inline]
    pub fn finish(self) -> RawKey {
        self.key
    }
}

/// The product of both with its upper half folded into the lower.
#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

impl Default for RawHasher {
    fn default() -> Self {
        Self::new()
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

    /// Makes room for so many more samples without start times.
    pub fn reserve(&mut self, samples: usize) {
        self.series.reserve(samples);
        self.timestamps.reserve(samples);
        self.values.reserve(samples);
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
    fn keys_of_pairs_tell_order_and_count() {
        let hasher = RawHasher::new();
        let of = |pairs: &[(&str, &str)]| {
            let mut key = hasher.pairs();
            for (name, value) in pairs {
                key.add(hasher.key(name.as_bytes()), hasher.key(value.as_bytes()));
            }
            key.finish()
        };
        assert_eq!(of(&[("job", "node")]), of(&[("job", "node")]));
        let lists: &[&[(&str, &str)]] = &[
            &[("job", "node")],
            &[("node", "job")],
            &[("job", "job")],
            &[("node", "node")],
            &[("job", "node"), ("", "")],
            &[("job", ""), ("", "node")],
            &[("job", "node"), ("up", "up")],
            &[("up", "up"), ("job", "node")],
            &[("job", "up"), ("up", "node")],
            &[],
            &[("", "")],
            &[("", ""), ("", "")],
        ];
        for (position, list) in lists.iter().enumerate() {
            for other in &lists[..position] {
                assert!(
                    of(list).low != of(other).low && of(list).high != of(other).high,
                    "{list:?} {other:?}"
                );
            }
        }
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
