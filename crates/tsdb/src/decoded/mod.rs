//! Chunks of floats that queries read again and again, decoded: dashboards and rules ask for the same hours.
//!
//! A chunk is kept when it is read for the second time, so that what is read once pushes nothing out and costs hardly
//! more than without. Once all the room is taken, a new chunk takes the place of such that were not read since they
//! were looked at last; few of many that want in are let in, so that a read of more than there is room for leaves most of
//! what is kept in its place. What nothing has read for some minutes goes though there is room: dashboards move on. Chunks never change under their key, what is deleted is left out by who reads.
//! See `docs/decisions/0010-decoded-chunks.md`.

mod packed;
mod shard;
#[cfg(test)]
mod tests;

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use foldhash::quality::RandomState;
use parking_lot::RwLock;
use platform::{MemoryBudget, MemoryPart, MemoryShare};
use storage::{SampleColumns, TimeRange};
use telemetry::{Counter, Registry};

use self::packed::Packed;
use self::shard::Shard;
use crate::block::Ulid;

/// How much decoded chunks may take of the process's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodedLimit {
    /// None are kept.
    Off,
    /// So many bytes.
    Bytes(u64),
    /// So much of a hundred parts of the memory budget; without one [`DecodedLimit::UNBUDGETED_BYTES`].
    Percent(u64),
}

impl DecodedLimit {
    /// What a percentage stands for where there is no memory budget.
    pub const UNBUDGETED_BYTES: u64 = 256 << 20;

    fn bytes(self, budget: &MemoryBudget) -> usize {
        let bytes = match (self, budget.bytes_max()) {
            (Self::Off | Self::Percent(0), _) => 0,
            (Self::Bytes(bytes), _) => bytes,
            (Self::Percent(_), None) => Self::UNBUDGETED_BYTES,
            (Self::Percent(percent), Some(bytes)) => bytes / 100 * percent.min(100),
        };
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }
}

impl Default for DecodedLimit {
    fn default() -> Self {
        Self::Percent(6)
    }
}

/// What a chunk is known by, for as long as the process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChunkKey {
    block: Ulid,
    reference: u64,
}

/// Set in the references of the head's files alone: numbers of files do not get so high.
const IN_HEAD: u64 = 1 << 63;

impl ChunkKey {
    /// A chunk of a block, by what the block's index says of its place.
    pub(crate) fn of_block(block: Ulid, reference: u64) -> Self {
        Self { block, reference: reference & !IN_HEAD }
    }

    /// A chunk of the head's files, by its place there.
    pub(crate) fn of_head(reference: u64) -> Self {
        Self { block: Ulid::default(), reference: reference | IN_HEAD }
    }

    /// The block; `None` for the head.
    fn block(self) -> Option<Ulid> {
        (self.reference & IN_HEAD == 0).then_some(self.block)
    }
}

/// Parts that are locked by themselves; a power of two.
const SHARDS: usize = 32;
/// One of so many chunks that want in is let in when there is no room.
const LET_IN: u32 = 8;
/// Bytes that a decoded chunk takes at least, about: for how many chunks it is known that they were read.
const CHUNK_BYTES_MIN: usize = 512;
/// The fewest and the most chunks of which it is known that they were read once.
const SEEN_MIN: usize = 1 << 10;
const SEEN_MAX: usize = 1 << 20;
/// At so many places a chunk is noted.
const SEEN_WAYS: usize = 4;

/// Decoded chunks, of all blocks and of the head's files.
#[derive(Debug)]
pub(crate) struct DecodedChunks {
    bytes_max: usize,
    taken: Arc<MemoryShare>,
    /// Spreads over all bits whatever its seed is: the lowest and the highest ones are places here, and keys are near each other.
    hasher: RandomState,
    shards: Box<[RwLock<Shard>]>,
    /// Chunks that were read once, by their hashes; each may be forgotten for another one.
    seen: OnceLock<Box<[AtomicU32]>>,
    /// Counts the chunks that were read for the first time.
    turns: AtomicU32,
    /// Counts the chunks that want in while there is no room.
    waiting: AtomicU32,
    hits: Counter,
    misses: Counter,
    kept: Counter,
}

impl DecodedChunks {
    /// None is decoded yet; `None` where none are to be kept.
    pub(crate) fn new(
        limit: DecodedLimit,
        registry: &Registry,
        memory: &Arc<MemoryBudget>,
    ) -> Option<Arc<Self>> {
        let bytes_max = limit.bytes(memory);
        if bytes_max == 0 {
            return None;
        }
        let taken = Arc::new(MemoryShare::new(Arc::clone(memory), MemoryPart::Caches));
        let shown = Arc::clone(&taken);
        registry.gauge_fn(
            "lapwing_tsdb_decoded_chunks_bytes",
            "Bytes of memory taken by decoded chunks.",
            move || shown.bytes() as f64,
        );
        let chunks = Self {
            bytes_max,
            taken,
            hasher: RandomState::default(),
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            seen: OnceLock::new(),
            turns: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            hits: registry.counter(
                "lapwing_tsdb_decoded_chunks_hits_total",
                "Chunks that queries read and that were decoded before.",
            ),
            misses: registry.counter(
                "lapwing_tsdb_decoded_chunks_misses_total",
                "Chunks that queries read and had to decode.",
            ),
            kept: registry
                .counter("lapwing_tsdb_decoded_chunks_kept_total", "Decoded chunks that were kept."),
        };
        Some(Arc::new(chunks))
    }

    /// Appends the samples of a chunk that lie in `range`; `false` where the chunk is not known.
    pub(crate) fn read(&self, key: ChunkKey, range: TimeRange, out: &mut SampleColumns) -> bool {
        let hash = self.hasher.hash_one(key);
        let Some(shard) = self.shard(hash) else { return false };
        let known = shard.read().read((hash, key), range, out);
        if known {
            self.hits.inc()
        } else {
            self.misses.inc()
        }
        known
    }

    /// Whether a chunk that is not known should be kept, decoded as a whole: it was read before.
    pub(crate) fn wants(&self, key: ChunkKey) -> bool {
        let hash = self.hasher.hash_one(key);
        let seen = self.seen.get_or_init(|| {
            let places = (self.bytes_max / CHUNK_BYTES_MIN).clamp(SEEN_MIN, SEEN_MAX).next_power_of_two();
            (0..places).map(|_| AtomicU32::new(0)).collect()
        });
        // The lowest bits tell the places, the highest ones which chunk it is; 0 stands for none.
        let (first, mark) = (hash as usize & (seen.len() - 1) & !(SEEN_WAYS - 1), (hash >> 32) as u32 | 1);
        let places = seen.get(first..first + SEEN_WAYS).unwrap_or_default();
        if !places.iter().any(|place| place.load(Ordering::Relaxed) == mark) {
            // Any of them, so that two chunks do not push each other out for ever.
            let turn = self.turns.fetch_add(1, Ordering::Relaxed);
            if let Some(place) = places.get(turn as usize % SEEN_WAYS) {
                place.store(mark, Ordering::Relaxed);
            }
            return false;
        }
        self.has_room() || self.waiting.fetch_add(1, Ordering::Relaxed).is_multiple_of(LET_IN)
    }

    /// Keeps the samples of a whole chunk, where there is room or less wanted ones go.
    pub(crate) fn keep(&self, key: ChunkKey, timestamps: &[i64], values: &[f64]) {
        let Some(chunk) = Packed::of(timestamps, values) else { return };
        let hash = self.hasher.hash_one(key);
        let Some(shard) = self.shard(hash) else { return };
        let mut shard = shard.write();
        let before = shard.bytes();
        if shard.insert((hash, key), chunk, self.bytes_max_now() / SHARDS) {
            self.kept.inc();
        }
        self.count(before, shard.bytes());
    }

    /// Lets go of what is too much where memory is short.
    pub(crate) fn shrink(&self) {
        let bytes_max = self.bytes_max_now();
        if self.taken.bytes() <= bytes_max as u64 {
            return;
        }
        self.each_shard(|shard| shard.shrink(bytes_max / SHARDS));
    }

    /// Lets go of what nothing has read for some minutes; to be called once a minute.
    pub(crate) fn age(&self) {
        self.each_shard(Shard::age);
    }

    /// Lets go of the chunks of blocks that `is_open` does not know.
    pub(crate) fn retain_blocks(&self, is_open: impl Fn(Ulid) -> bool) {
        self.retain(|key| key.block().is_none_or(&is_open));
    }

    /// Lets go of the chunks of one of the head's files.
    pub(crate) fn forget_file(&self, number: u32) {
        let is_of =
            |key: ChunkKey| key.block().is_none() && (key.reference & !IN_HEAD) >> 32 == u64::from(number);
        self.retain(|key| !is_of(key));
    }

    fn retain(&self, is_there: impl Fn(ChunkKey) -> bool) {
        self.each_shard(|shard| shard.retain(&is_there));
    }

    /// Does something to one shard after the other, and counts what it has let go of.
    fn each_shard(&self, change: impl Fn(&mut Shard)) {
        for shard in &self.shards {
            let mut shard = shard.write();
            let before = shard.bytes();
            change(&mut shard);
            self.count(before, shard.bytes());
        }
    }

    fn shard(&self, hash: u64) -> Option<&RwLock<Shard>> {
        // Other bits than those that tables and marks look at most.
        self.shards.get((hash >> 24) as usize % SHARDS)
    }

    /// What all of it may take now.
    fn bytes_max_now(&self) -> usize {
        self.taken.budget().cache_bytes_max(self.bytes_max)
    }

    fn has_room(&self) -> bool {
        self.taken.bytes() < (self.bytes_max_now() / 16 * 15) as u64
    }

    /// Counts what a shard takes now.
    fn count(&self, before: usize, now: usize) {
        if now > before {
            self.taken.take((now - before) as u64);
        } else {
            self.taken.give_back((before - now) as u64);
        }
    }
}
