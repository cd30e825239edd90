//! What a follower was given last.

#[cfg(test)]
mod tests;

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use model::Labels;
use storage::logs::EntryRef;

/// So many entries are known again.
const TOLD_MAX: usize = 32 << 10;

/// The entries that were given last, by a hash that nobody outside can foresee.
///
/// A shipper that saw no answer sends a push again. The store knows such entries again while it has them in memory; those of
/// a head that has just been written to parts it stores once more, and leaves it to queries to give them once.
#[derive(Default)]
pub(super) struct Told {
    state: RandomState,
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Told {
    /// The hash of an entry, if it was not given before.
    pub(super) fn unknown(&self, stream: &Labels, entry: &EntryRef<'_>) -> Option<u64> {
        let hash = self.state.hash_one((stream.as_bytes(), entry.timestamp, entry.line, entry.metadata));
        (!self.known.contains(&hash)).then_some(hash)
    }

    /// An entry is given now.
    pub(super) fn add(&mut self, hash: u64) {
        self.known.insert(hash);
        self.order.push_back(hash);
        if self.order.len() > TOLD_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}
