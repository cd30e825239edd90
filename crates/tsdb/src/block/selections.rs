//! What selectors found in blocks. A block never changes, so that what a selector found once it finds again: dashboards
//! and rules ask the same again and again.
//!
//! Kept are the series, their labels and where their chunks stand, none of it before somebody asks for it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use index::ChunkMeta;
use model::{Labels, Matcher};
use parking_lot::Mutex;
use platform::{MemoryBudget, MemoryPart, MemoryShare};
use telemetry::{Counter, Registry};

use super::{Block, Ulid};
use crate::Error;

/// What all of it may take where memory is not short, in bytes.
const BYTES_MAX: usize = 64 << 20;
/// What one selector may take of it, in bytes: one that finds everything must not push out all others.
const SELECTOR_BYTES_MAX: usize = BYTES_MAX / 2;
/// The most selectors that are known at once.
const SELECTORS_MAX: usize = 4096;
/// Longer selectors are seldom written twice.
const KEY_BYTES_MAX: usize = 4096;

/// What selectors found lately, in any block; the one that was not asked for longest goes first.
#[derive(Debug)]
pub(crate) struct Selections {
    taken: Arc<MemoryShare>,
    known: Mutex<Known>,
    found: Counter,
    looked_up: Counter,
}

#[derive(Debug, Default)]
struct Known {
    by_key: HashMap<Key, (Arc<Found>, u64), RandomState>,
    /// Grows with every question.
    now: u64,
}

/// A block, and matchers as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key(Ulid, Box<[u8]>);

impl Key {
    fn of(block: &Block, matchers: &[Matcher]) -> Option<Self> {
        let mut bytes = Vec::with_capacity(128);
        for matcher in matchers {
            bytes.push(matcher.op() as u8);
            for text in [matcher.name(), matcher.value()] {
                bytes.extend_from_slice(&text.len().to_le_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
            if bytes.len() > KEY_BYTES_MAX {
                return None;
            }
        }
        Some(Self(block.ulid(), bytes.into()))
    }
}

impl Selections {
    /// Nothing is known yet.
    pub(crate) fn new(registry: &Registry, memory: &Arc<MemoryBudget>) -> Arc<Self> {
        let selections = Self {
            taken: Arc::new(MemoryShare::new(Arc::clone(memory), MemoryPart::Caches)),
            known: Mutex::default(),
            found: registry.counter(
                "lapwing_tsdb_block_selections_known_total",
                "Selectors that were known with what they find in a block.",
            ),
            looked_up: registry.counter(
                "lapwing_tsdb_block_selections_looked_up_total",
                "Selectors that were looked up in the index of a block.",
            ),
        };
        let taken = Arc::clone(&selections.taken);
        registry.gauge_fn(
            "lapwing_tsdb_block_selections_bytes",
            "Bytes of memory taken by what selectors found in blocks.",
            move || taken.bytes() as f64,
        );
        Arc::new(selections)
    }

    /// What the matchers find in a block.
    ///
    /// # Errors
    /// [`Error::Index`].
    pub(super) fn find(&self, block: &Block, matchers: &[Matcher]) -> Result<Arc<Found>, Error> {
        let key = Key::of(block, matchers);
        if let Some(key) = &key {
            let mut known = self.known.lock();
            known.now += 1;
            let now = known.now;
            if let Some((found, asked)) = known.by_key.get_mut(key) {
                *asked = now;
                self.found.inc();
                return Ok(Arc::clone(found));
            }
        }
        self.looked_up.inc();
        let found = Arc::new(Found::new(block, matchers, Arc::clone(&self.taken))?);
        if matchers.iter().any(Matcher::is_interrupted) {
            return Err(storage::Error::Canceled.into());
        }
        if let Some(key) = key {
            let mut known = self.known.lock();
            let now = known.now;
            known.by_key.insert(key, (Arc::clone(&found), now));
            known.shrink(&self.taken);
        }
        Ok(found)
    }

    /// Forgets what was not asked for longest where all of it takes too much.
    pub(crate) fn shrink(&self) {
        if self.taken.bytes() > bytes_max(&self.taken) {
            self.known.lock().shrink(&self.taken);
        }
    }

    /// Forgets what was found in blocks that `is_open` does not know.
    pub(crate) fn retain(&self, is_open: impl Fn(Ulid) -> bool) {
        self.known.lock().by_key.retain(|key, _| is_open(key.0));
    }
}

/// What all of it may take now.
fn bytes_max(taken: &MemoryShare) -> u64 {
    taken.budget().cache_bytes_max(BYTES_MAX) as u64
}

impl Known {
    fn shrink(&mut self, taken: &MemoryShare) {
        let bytes_max = bytes_max(taken);
        if bytes_max == 0 {
            self.by_key.clear();
        }
        self.by_key.retain(|_, (found, _)| found.bytes() <= SELECTOR_BYTES_MAX);
        // What is known no more, and only held by queries that run, is not made less by forgetting others.
        let mut bytes: u64 = self.by_key.values().map(|(found, _)| found.bytes() as u64).sum();
        while bytes > bytes_max || self.by_key.len() > SELECTORS_MAX {
            let oldest = self.by_key.iter().min_by_key(|(_, (_, asked))| *asked).map(|(key, _)| key.clone());
            let Some((found, _)) = oldest.and_then(|oldest| self.by_key.remove(&oldest)) else { break };
            bytes = bytes.saturating_sub(found.bytes() as u64);
        }
    }
}

/// What a selector found in a block.
#[derive(Debug)]
pub(super) struct Found {
    /// The numbers of the series, in the order of their labels.
    numbers: Box<[u32]>,
    labels: OnceLock<Arc<[Labels]>>,
    chunks: OnceLock<Box<[OnceLock<Chunks>]>>,
    /// Bytes that this takes, and all of them.
    bytes: AtomicUsize,
    taken: Arc<MemoryShare>,
}

/// Where the chunks of a series stand.
#[derive(Debug)]
struct Chunks {
    metas: Box<[ChunkMeta]>,
    /// Whether each ends before the next one begins.
    in_order: bool,
}

impl Found {
    /// Looks the matchers up.
    ///
    /// # Errors
    /// [`Error::Index`].
    pub(super) fn new(block: &Block, matchers: &[Matcher], taken: Arc<MemoryShare>) -> Result<Self, Error> {
        let numbers = block.index().select(matchers).map_err(block.index_error())?.into_vec();
        Ok(Self::of(numbers, taken))
    }

    /// Series by their numbers.
    pub(super) fn of(numbers: Vec<u32>, taken: Arc<MemoryShare>) -> Self {
        let numbers = numbers.into_boxed_slice();
        let (labels, chunks) = (OnceLock::new(), OnceLock::new());
        let found = Self { labels, chunks, bytes: AtomicUsize::new(0), taken, numbers };
        found.take(size_of::<Self>() + size_of_val(&*found.numbers));
        found
    }

    /// The numbers of the series, in the order of their labels.
    pub(super) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The labels of all series.
    ///
    /// # Errors
    /// [`Error::Index`].
    pub(super) fn labels(&self, block: &Block) -> Result<&Arc<[Labels]>, Error> {
        if let Some(known) = self.labels.get() {
            return Ok(known);
        }
        let mut sets = block.index().label_sets();
        let labels: Result<Arc<[Labels]>, _> =
            self.numbers.iter().map(|number| sets.labels(*number)).collect();
        let labels = labels.map_err(block.index_error())?;
        Ok(self.labels.get_or_init(|| {
            let texts: usize = labels.iter().map(|labels| labels.as_bytes().len()).sum();
            // Behind each text stands its reference count.
            self.take(texts + labels.len() * (size_of::<Labels>() + 2 * size_of::<usize>()));
            labels
        }))
    }

    /// The labels of all series, if they were asked for before.
    pub(super) fn known_labels(&self) -> Option<&Arc<[Labels]>> {
        self.labels.get()
    }

    /// Where the chunks of a series stand that overlap the time from the first to the second of `times`.
    ///
    /// # Errors
    /// [`Error::Index`].
    pub(super) fn chunks(
        &self,
        block: &Block,
        place: usize,
        times: (i64, i64),
    ) -> Result<Cow<'_, [ChunkMeta]>, Error> {
        let Some(number) = self.numbers.get(place) else { return Ok(Cow::default()) };
        let all = self.chunks.get_or_init(|| {
            self.take(self.numbers.len() * size_of::<OnceLock<Chunks>>());
            self.numbers.iter().map(|_| OnceLock::new()).collect()
        });
        let known = all.get(place);
        if let Some(chunks) = known.and_then(OnceLock::get) {
            return Ok(chunks.between(times));
        }
        let mut metas = Vec::new();
        let index = block.index();
        // While too much is taken, this is not kept.
        let Some(known) = known.filter(|_| self.has_room()) else {
            index.chunks_between(*number, times, &mut metas).map_err(block.index_error())?;
            return Ok(metas.into());
        };
        index.chunks(*number, &mut metas).map_err(block.index_error())?;
        let chunks =
            Chunks { in_order: metas.is_sorted_by(|a, b| a.end < b.start), metas: metas.into_boxed_slice() };
        let bytes = size_of_val(&*chunks.metas);
        Ok(known
            .get_or_init(|| {
                self.take(bytes);
                chunks
            })
            .between(times))
    }

    fn has_room(&self) -> bool {
        self.bytes() < SELECTOR_BYTES_MAX && self.taken.bytes() < bytes_max(&self.taken)
    }

    fn take(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.taken.take(bytes as u64);
    }

    fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        self.taken.give_back(self.bytes() as u64);
    }
}

impl Chunks {
    /// Those that overlap a span of time.
    fn between(&self, (first, last): (i64, i64)) -> Cow<'_, [ChunkMeta]> {
        let metas = &*self.metas;
        if !self.in_order {
            let overlaps = |meta: &&ChunkMeta| meta.end >= first && meta.start <= last;
            return metas.iter().filter(overlaps).copied().collect::<Vec<_>>().into();
        }
        let from = first_reaching(metas, first);
        let behind = metas.get(from..).unwrap_or_default();
        let count = behind.iter().take_while(|meta| meta.start <= last).count();
        behind.get(..count).unwrap_or_default().into()
    }
}

/// The place of the first chunk that does not end before `time`, of chunks in order.
///
/// Most blocks have chunks of about the same length: looking where it should be and around it touches less memory than
/// halving does.
fn first_reaching(metas: &[ChunkMeta], time: i64) -> usize {
    let (Some(first), Some(last)) = (metas.first(), metas.last()) else { return 0 };
    let share = (time as f64 - first.start as f64) / (last.end as f64 - first.start as f64).max(1.0);
    let guess = ((share * metas.len() as f64) as usize).min(metas.len() - 1);
    let ends_before = |place: usize| metas.get(place).is_some_and(|meta| meta.end < time);
    // What is sought lies in `low..=high`.
    let (mut low, mut high, mut step) = (0, metas.len(), 1);
    if ends_before(guess) {
        low = guess + 1;
        while low < high {
            let place = (low + step - 1).min(high - 1);
            if !ends_before(place) {
                high = place;
                break;
            }
            (low, step) = (place + 1, step * 2);
        }
    } else {
        high = guess;
        while low < high {
            let place = high.saturating_sub(step).max(low);
            if ends_before(place) {
                low = place + 1;
                break;
            }
            (high, step) = (place, step * 2);
        }
    }
    low + metas.get(low..high).unwrap_or_default().partition_point(|meta| meta.end < time)
}
