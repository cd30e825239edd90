//! Series by the labels as their senders write them: the way in for nearly every sample.
//!
//! An entry is 16 bytes: one hash, and of the other as much as fits beside the reference. Nothing else is kept of
//! the labels, so that a look-up costs one miss of the cache. Two label sets are taken for one with a chance of
//! `n² / 2^89` among `n` series (docs/decisions/0007-raw-label-cache.md). Entries of removed series go when the head
//! is cut; until then whoever uses them is told that the series is unknown, and asks by the labels.

use model::SeriesRef;
use parking_lot::{RwLock, RwLockReadGuard};
use storage::{NO_SERIES, RawKey};

/// References are below 2^40 (`labels.rs`); the bits above hold a part of the key.
const REFERENCE_BITS: u32 = 40;
const REFERENCE_MASK: u64 = (1 << REFERENCE_BITS) - 1;
/// Parts with a lock each: a growing one keeps the others usable.
const SHARDS: usize = 64;
/// Of so many entries for each series of the head the table begins anew: senders write labels in more ways than
/// any needs.
const ENTRIES_PER_SERIES: usize = 4;
/// But not below so many entries in a shard.
const SHARD_ENTRIES_MIN: usize = 4096;
/// Keys whose places are fetched before one of them is looked at, so that they are waited for together.
const KEYS_FETCHED: usize = 16;

/// All series that were noted.
#[derive(Debug)]
pub(crate) struct RawLabels {
    shards: Box<[RwLock<Shard>; SHARDS]>,
}

/// Places that are searched one after the other from where a key belongs, a third of them free on average.
#[derive(Debug, Default)]
struct Shard {
    places: Vec<Entry>,
    count: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    low: u64,
    /// The reference, and above it bits of the key's other half; 0 in a free place.
    rest: u64,
}

impl Default for RawLabels {
    fn default() -> Self {
        Self { shards: Box::new(std::array::from_fn(|_| RwLock::default())) }
    }
}

impl RawLabels {
    /// The series of each key, behind what `found` holds.
    pub(crate) fn recall(&self, keys: &[RawKey], found: &mut Vec<SeriesRef>) {
        // All at once, in order: a lock for each key would cost more than the look-up. Who writes holds one alone.
        let shards: [RwLockReadGuard<'_, Shard>; SHARDS] = self.shards.each_ref().map(RwLock::read);
        let shard = |key: RawKey| shards.get(shard_of(key));
        let mut first = [Entry::default(); KEYS_FETCHED];
        for keys in keys.chunks(KEYS_FETCHED) {
            for (entry, key) in first.iter_mut().zip(keys) {
                *entry = shard(*key).map(|shard| shard.first(*key)).unwrap_or_default();
            }
            found.extend(first.iter().zip(keys).map(|(entry, key)| match entry {
                entry if entry.is_free() => NO_SERIES,
                entry if entry.is_of(*key) => entry.series(),
                _ => shard(*key).map_or(NO_SERIES, |shard| shard.find(*key)),
            }));
        }
    }

    /// Notes series; of a key that is known the new one counts.
    pub(crate) fn remember(&self, known: &[(RawKey, SeriesRef)], series_in_head: usize) {
        let most = (series_in_head * ENTRIES_PER_SERIES / SHARDS).max(SHARD_ENTRIES_MIN);
        for (key, series) in known {
            if let Some(shard) = self.shards.get(shard_of(*key)) {
                shard.write().insert(*key, *series, most);
            }
        }
    }

    /// Forgets the series that `exists` does not know.
    pub(crate) fn retain(&self, exists: impl Fn(SeriesRef) -> bool) {
        for shard in self.shards.iter() {
            shard.write().retain(&exists);
        }
    }

    /// The number of entries.
    pub(crate) fn count(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().count).sum()
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().places.capacity() * size_of::<Entry>()).sum()
    }
}

fn shard_of(key: RawKey) -> usize {
    (key.high >> 58) as usize
}

impl Entry {
    fn new(key: RawKey, series: SeriesRef) -> Self {
        Self { low: key.low, rest: key.high << REFERENCE_BITS | series.0 & REFERENCE_MASK }
    }

    fn series(self) -> SeriesRef {
        SeriesRef(self.rest & REFERENCE_MASK)
    }

    fn is_free(self) -> bool {
        self.rest & REFERENCE_MASK == 0
    }

    fn is_of(self, key: RawKey) -> bool {
        self.low == key.low && self.rest >> REFERENCE_BITS == key.high & (u64::MAX >> REFERENCE_BITS)
    }
}

impl Shard {
    /// What stands where a key belongs; a free place where there is none.
    #[inline]
    fn first(&self, key: RawKey) -> Entry {
        self.places.get(home(key.low, self.places.len())).copied().unwrap_or_default()
    }

    fn find(&self, key: RawKey) -> SeriesRef {
        let (before, from) = self.places.split_at(home(key.low, self.places.len()));
        // Two plain loops: this is looked through for every second sample.
        for part in [from, before] {
            for entry in part {
                if entry.is_of(key) {
                    return entry.series();
                }
                if entry.is_free() {
                    return NO_SERIES;
                }
            }
        }
        NO_SERIES
    }

    fn insert(&mut self, key: RawKey, series: SeriesRef, most: usize) {
        if series.0 == 0 || series.0 > REFERENCE_MASK {
            return;
        }
        // An eighth stays free, so that searches end soon.
        if (self.count + 1) * 8 > self.places.len() * 7 {
            if self.count >= most {
                *self = Self::default();
            }
            self.resize(self.count + self.count / 2 + 64);
        }
        self.put(Entry::new(key, series), |present| present.is_of(key));
    }

    /// Puts an entry in its place, or in that of the one which it replaces.
    fn put(&mut self, entry: Entry, replaces: impl Fn(&Entry) -> bool) {
        let home = home(entry.low, self.places.len());
        let (before, from) = self.places.split_at_mut(home);
        let place = from.iter_mut().chain(before).find(|present| present.is_free() || replaces(present));
        if let Some(place) = place {
            self.count += usize::from(place.is_free());
            *place = entry;
        }
    }

    fn resize(&mut self, len: usize) {
        let old = std::mem::replace(&mut self.places, vec![Entry::default(); len]);
        self.count = 0;
        for entry in old.into_iter().filter(|entry| !entry.is_free()) {
            self.put(entry, |_| false);
        }
    }

    fn retain(&mut self, exists: impl Fn(SeriesRef) -> bool) {
        let kept: Vec<Entry> =
            self.places.iter().copied().filter(|entry| !entry.is_free() && exists(entry.series())).collect();
        if kept.len() == self.count {
            return;
        }
        self.places = kept;
        let len = self.places.len();
        self.resize(len + len / 4 + 64);
    }
}

/// The place where a hash belongs among so many.
fn home(low: u64, len: usize) -> usize {
    ((u128::from(low) * len as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn find(table: &RawLabels, key: RawKey) -> SeriesRef {
        let mut found = Vec::new();
        table.recall(&[key], &mut found);
        found[0]
    }

    fn key(number: u64) -> RawKey {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        RawKey { low: mixed.rotate_left(17).wrapping_mul(0xd6e8_feb8_6659_fd93), high: mixed }
    }

    #[test]
    fn halves_of_a_key_that_are_alike_do_not_make_it_the_same() {
        let table = RawLabels::default();
        let noted = RawKey { low: 7, high: 9 };
        table.remember(&[(noted, SeriesRef(5))], 1);
        assert_eq!(find(&table, noted), SeriesRef(5));
        assert_eq!(find(&table, RawKey { low: 8, ..noted }), NO_SERIES);
        assert_eq!(find(&table, RawKey { high: 8, ..noted }), NO_SERIES);
        assert_eq!(find(&table, RawKey { high: 9 | 1 << 23, ..noted }), NO_SERIES);
        table.remember(&[(noted, SeriesRef(6))], 1);
        assert_eq!((find(&table, noted), table.count()), (SeriesRef(6), 1));
    }

    #[test]
    fn references_that_do_not_fit_are_not_noted() {
        let table = RawLabels::default();
        table.remember(&[(key(1), SeriesRef(1 << 40)), (key(2), NO_SERIES)], 1);
        table.remember(&[(key(3), SeriesRef((1 << 40) - 1))], 1);
        assert_eq!(
            [1, 2, 3].map(|number| find(&table, key(number))),
            [NO_SERIES, NO_SERIES, SeriesRef((1 << 40) - 1)]
        );
    }

    #[test]
    fn a_table_of_more_keys_than_series_can_need_begins_anew() {
        let table = RawLabels::default();
        let most = SHARD_ENTRIES_MIN * SHARDS;
        for number in 1..4 * most as u64 {
            table.remember(&[(key(number), SeriesRef(number))], 10);
        }
        assert!(table.count() <= 2 * most, "{}", table.count());
        assert!(table.heap_bytes() <= 4 * most * size_of::<Entry>());
        let last = 4 * most as u64 - 1;
        assert_eq!(find(&table, key(last)), SeriesRef(last));
    }

    proptest! {
        #[test]
        fn what_was_noted_is_found(
            noted in prop::collection::vec((0..500_u64, 1..1000_u64), 0..2000),
            gone in prop::collection::hash_set(1..1000_u64, 0..500),
        ) {
            let table = RawLabels::default();
            let mut expected = HashMap::new();
            for (number, series) in noted {
                table.remember(&[(key(number), SeriesRef(series))], 1000);
                expected.insert(number, series);
            }
            table.retain(|series| !gone.contains(&series.0));
            expected.retain(|_, series| !gone.contains(series));
            prop_assert_eq!(table.count(), expected.len());
            for number in 0..600 {
                let series = expected.get(&number).copied().unwrap_or(0);
                prop_assert_eq!(find(&table, key(number)), SeriesRef(series));
            }
        }
    }
}
