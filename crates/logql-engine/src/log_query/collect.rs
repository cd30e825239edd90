//! The entries that are held.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::LogQuery;
use super::result::RowIdentity;
use crate::pipeline::Order;
use crate::{Control, Result, Statistics, StoredEntry};

/// What an entry takes beside its texts.
const ENTRY_BYTES: u64 = 160;

/// An entry that may be part of the answer.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) timestamp: i64,
    /// A number for the labels of its stream: of entries of equal time those of the lower number come first, in the
    /// original as here.
    pub(super) rank: u64,
    /// The position of its block.
    pub(super) block: usize,
    /// Its row there.
    pub(super) row: usize,
    pub(super) line: Vec<u8>,
    pub(super) labels: Arc<RowIdentity>,
    /// The entry as it is stored, where another block may hold it once more.
    pub(super) stored: Option<StoredEntry>,
}

/// The place of an entry in the answer.
type Place = (i64, u64, usize, i64);

/// The best entries so far.
#[derive(Debug)]
pub(super) struct Collection<'q> {
    query: &'q LogQuery<'q>,
    entries: BTreeMap<Place, Candidate>,
    /// Entries held of blocks that may repeat each other.
    stored: HashSet<StoredEntry, FixedState>,
}

impl<'q> Collection<'q> {
    pub(super) fn new(query: &'q LogQuery<'q>) -> Self {
        Self { query, entries: BTreeMap::new(), stored: HashSet::with_hasher(FixedState::with_seed(0)) }
    }

    fn place(&self, candidate: &Candidate) -> Place {
        let row = i64::try_from(candidate.row).unwrap_or(i64::MAX);
        match self.query.order {
            Order::Forward => (candidate.timestamp, candidate.rank, candidate.block, row),
            // The bits turned over: the greatest first.
            Order::Backward => (!candidate.timestamp, candidate.rank, usize::MAX - candidate.block, !row),
        }
    }

    /// The time behind which no entry is wanted any more.
    pub(super) fn bound(&self) -> Option<i64> {
        let (place, _) = self.entries.last_key_value().filter(|_| self.entries.len() >= self.query.limit)?;
        Some(match self.query.order {
            Order::Forward => place.0,
            Order::Backward => !place.0,
        })
    }

    /// Whether the answer is complete when all blocks left have nothing before (behind, backward) `frontier`.
    pub(super) fn is_complete(&self, frontier: i64) -> bool {
        let is_behind = |time: i64| match self.query.order {
            Order::Forward => time < frontier,
            Order::Backward => time > frontier,
        };
        self.query.limit == 0 || self.bound().is_some_and(is_behind)
    }

    /// Adds entries, as far as they are among the best.
    pub(super) fn add(&mut self, candidates: Vec<Candidate>, control: &Control) -> Result<()> {
        let mut duplicates = 0;
        for candidate in candidates {
            if candidate.stored.is_some_and(|stored| !self.stored.insert(stored)) {
                duplicates += 1;
                continue;
            }
            control.take_bytes(bytes(&candidate))?;
            self.entries.insert(self.place(&candidate), candidate);
            if self.entries.len() > self.query.limit
                && let Some((_, last)) = self.entries.pop_last()
            {
                control.return_bytes(bytes(&last));
                if let Some(stored) = last.stored {
                    self.stored.remove(&stored);
                }
            }
        }
        control.note(&Statistics { duplicates, ..Statistics::default() });
        Ok(())
    }

    /// The entries in their order.
    pub(super) fn into_entries(self) -> Vec<Candidate> {
        self.entries.into_values().collect()
    }
}

fn bytes(candidate: &Candidate) -> u64 {
    ENTRY_BYTES + (candidate.line.len() + candidate.labels.bytes()) as u64
}
