//! A part of the decoded chunks.

use std::sync::atomic::{AtomicU8, Ordering};

use hashbrown::HashTable;
use storage::{SampleColumns, TimeRange};

use super::ChunkKey;
use super::packed::Packed;

/// Chunks by their keys, and in a row that is gone round when there is no room.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// Places in `slots`.
    places: HashTable<u32>,
    slots: Vec<Slot>,
    /// The slot that is looked at next.
    hand: usize,
    bytes: usize,
}

/// A chunk in its place.
#[derive(Debug)]
struct Slot {
    key: ChunkKey,
    hash: u64,
    /// How often it was read since it was looked at last, up to [`READS_MAX`].
    reads: AtomicU8,
    /// How many maintenances there were since it was read.
    age: AtomicU8,
    chunk: Packed,
}

/// Chunks that are read often are spared so many times.
const READS_MAX: u8 = 3;
/// What nothing has read for so many maintenances goes: minutes. Dashboards and rules come back before.
const AGE_MAX: u8 = 6;
/// So many chunks are looked at for one that wants in.
const LOOKS_MAX: usize = 8;
/// What a chunk takes beside its samples: its slot, its place in the table and the allocator's share.
const SLOT_BYTES: usize = size_of::<Slot>() + 2 * size_of::<u32>() + 32;

impl Slot {
    fn bytes(&self) -> usize {
        SLOT_BYTES + self.chunk.heap_bytes()
    }
}

/// A chunk's key and its hash.
type Hashed = (u64, ChunkKey);

impl Shard {
    /// Appends the samples of a chunk that lie in `range`; `false` where the chunk is not known.
    pub(super) fn read(&self, chunk: Hashed, range: TimeRange, out: &mut SampleColumns) -> bool {
        let Some(slot) = self.slot(chunk) else { return false };
        let reads = slot.reads.load(Ordering::Relaxed);
        if reads < READS_MAX {
            slot.reads.store(reads + 1, Ordering::Relaxed);
        }
        // Readers of many threads would take the line of memory from each other.
        if slot.age.load(Ordering::Relaxed) > 0 {
            slot.age.store(0, Ordering::Relaxed);
        }
        slot.chunk.unpack(range, out);
        true
    }

    fn slot(&self, (hash, key): Hashed) -> Option<&Slot> {
        let is_it = |place: &u32| self.slots.get(*place as usize).is_some_and(|slot| slot.key == key);
        self.slots.get(*self.places.find(hash, is_it)? as usize)
    }

    /// Puts a chunk in, for which others go that are not read; `false` where none does, or it is there already.
    pub(super) fn insert(&mut self, (hash, key): Hashed, chunk: Packed, bytes_max: usize) -> bool {
        let slot = Slot { key, hash, reads: AtomicU8::new(0), age: AtomicU8::new(0), chunk };
        let bytes = slot.bytes();
        if bytes > bytes_max || self.slot((hash, key)).is_some() {
            return false;
        }
        let mut looks = 0;
        while self.bytes + bytes > bytes_max {
            looks += 1;
            if looks > LOOKS_MAX {
                return false;
            }
            self.look_at_next();
        }
        let Ok(place) = u32::try_from(self.slots.len()) else { return false };
        self.slots.push(slot);
        let slots = &self.slots;
        let hash_of = |place: &u32| slots.get(*place as usize).map_or(0, |slot| slot.hash);
        self.places.insert_unique(hash, place, hash_of);
        self.bytes += bytes;
        true
    }

    /// Removes the chunk under the hand if it was not read, and else moves on.
    fn look_at_next(&mut self) {
        if self.hand >= self.slots.len() {
            self.hand = 0;
        }
        let Some(slot) = self.slots.get_mut(self.hand) else { return };
        let reads = slot.reads.get_mut();
        if *reads == 0 {
            self.remove(self.hand);
        } else {
            *reads -= 1;
            self.hand += 1;
        }
    }

    /// Removes a chunk; the last one comes to its place.
    fn remove(&mut self, place: usize) {
        let slot = self.slots.swap_remove(place);
        self.bytes -= slot.bytes();
        if let Ok(entry) = self.places.find_entry(slot.hash, |known| *known as usize == place) {
            entry.remove();
        }
        let last = self.slots.len();
        if let Some(moved) = self.slots.get(place)
            && let Some(known) = self.places.find_mut(moved.hash, |known| *known as usize == last)
        {
            *known = place as u32;
        }
    }

    /// Removes chunks, those that are not read first, until no more than `bytes_max` are left.
    pub(super) fn shrink(&mut self, bytes_max: usize) {
        if bytes_max == 0 {
            *self = Self::default();
            return;
        }
        // Gone round so often, none of them is spared any more.
        for _ in 0..self.slots.len() * (usize::from(READS_MAX) + 1) {
            if self.bytes <= bytes_max {
                break;
            }
            self.look_at_next();
        }
    }

    /// Removes the chunks that `is_there` does not know.
    pub(super) fn retain(&mut self, is_there: impl Fn(ChunkKey) -> bool) {
        self.retain_slots(|slot| is_there(slot.key));
    }

    /// Makes all chunks older, and removes those that are too old.
    pub(super) fn age(&mut self) {
        self.retain_slots(|slot| {
            let age = slot.age.get_mut();
            *age = age.saturating_add(1);
            *age <= AGE_MAX
        });
        // Their room is the allocator's again.
        if self.slots.len() < self.slots.capacity() / 2 {
            self.slots.shrink_to_fit();
            let slots = &self.slots;
            self.places.shrink_to_fit(|place| slots.get(*place as usize).map_or(0, |slot| slot.hash));
        }
    }

    fn retain_slots(&mut self, mut is_kept: impl FnMut(&mut Slot) -> bool) {
        let mut place = 0;
        while let Some(slot) = self.slots.get_mut(place) {
            if is_kept(slot) {
                place += 1;
            } else {
                self.remove(place);
            }
        }
    }

    /// Bytes that the chunks take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
