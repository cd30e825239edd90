//! A store of log entries in memory without encoding or disk: what the engine and contracts are tested on.

mod blocks;
mod doubled;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Labels, Matcher};
use parking_lot::RwLock;

use super::{
    AppendReport, AppendRules, BlockSet, EntryAppendable, EntryRange, LogQuerier, LogQueryable, RejectReason,
    Rejected, StreamEntries,
};
use crate::{Listing, Result};

pub use doubled::Doubled;

/// A store that keeps log entries in memory; clones share them.
///
/// Each stream is one block, or blocks of as many rows as [`MemoryLogs::with_block_rows`] says. Of the rules it knows
/// the order of entries and the number of streams; it has no clock and knows no rates.
#[derive(Debug, Clone)]
pub struct MemoryLogs {
    state: Arc<RwLock<State>>,
    block_rows: usize,
}

/// By tenant and stream, sorted by time, equal times in order of arrival.
type State = BTreeMap<String, BTreeMap<Labels, Vec<Entry>>>;

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    timestamp: i64,
    line: Vec<u8>,
    metadata: Vec<(String, String)>,
}

impl Default for MemoryLogs {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryLogs {
    /// An empty store.
    pub fn new() -> Self {
        Self::with_block_rows(usize::MAX)
    }

    /// An empty store that gives its streams in blocks of at most so many rows.
    pub fn with_block_rows(block_rows: usize) -> Self {
        Self { state: Arc::default(), block_rows: block_rows.max(1) }
    }
}

impl EntryAppendable for MemoryLogs {
    fn append(&self, tenant: &str, push: &[StreamEntries<'_>], rules: &AppendRules) -> Result<AppendReport> {
        let mut state = self.state.write();
        let streams = state.entry(tenant.to_owned()).or_default();
        let mut report = AppendReport::default();
        for (position, of_stream) in push.iter().enumerate() {
            let is_new = !streams.contains_key(of_stream.labels);
            if is_new && rules.streams_max > 0 && streams.len() >= rules.streams_max {
                report.rejected.extend((0..of_stream.entries.len()).map(|entry| Rejected {
                    stream: position,
                    entry,
                    reason: RejectReason::StreamLimit,
                }));
                continue;
            }
            let kept = streams.entry(of_stream.labels.clone()).or_default();
            for (number, entry) in of_stream.entries.iter().enumerate() {
                let newest = kept.last().map_or(entry.timestamp, |last| last.timestamp);
                if let Some(reason) = refusal(entry.timestamp, newest, rules) {
                    report.rejected.push(Rejected { stream: position, entry: number, reason });
                } else if keep(kept, Entry::from(*entry)) {
                    report.stored += 1;
                } else {
                    report.duplicates += 1;
                    report.repeated.push((position, number));
                }
            }
        }
        Ok(report)
    }
}

fn refusal(timestamp: i64, newest: i64, rules: &AppendRules) -> Option<RejectReason> {
    if rules.ordered && timestamp < newest {
        return Some(RejectReason::OutOfOrder);
    }
    let oldest = newest.saturating_sub(rules.out_of_order_window?);
    (timestamp < oldest).then_some(RejectReason::TooFarBehind { oldest })
}

/// Puts an entry behind those of its time; `false` where it is there already.
fn keep(kept: &mut Vec<Entry>, entry: Entry) -> bool {
    let first = kept.partition_point(|other| other.timestamp < entry.timestamp);
    let place = kept.partition_point(|other| other.timestamp <= entry.timestamp);
    if kept.get(first..place).is_some_and(|same_time| same_time.contains(&entry)) {
        return false;
    }
    kept.insert(place, entry);
    true
}

impl From<super::EntryRef<'_>> for Entry {
    fn from(entry: super::EntryRef<'_>) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            timestamp: entry.timestamp,
            line: entry.line.to_vec(),
            metadata: entry.metadata.iter().map(own).collect(),
        }
    }
}

impl LogQueryable for MemoryLogs {
    fn log_querier(&self, tenant: &str, range: EntryRange) -> Result<Box<dyn LogQuerier>> {
        let streams = self.state.read().get(tenant).cloned().unwrap_or_default();
        Ok(Box::new(MemoryLogQuerier { streams, range, block_rows: self.block_rows }))
    }
}

/// A tenant's entries as they were when it was made.
struct MemoryLogQuerier {
    streams: BTreeMap<Labels, Vec<Entry>>,
    range: EntryRange,
    block_rows: usize,
}

impl MemoryLogQuerier {
    fn matching<'a>(&'a self, matchers: &'a [Matcher]) -> impl Iterator<Item = (&'a Labels, &'a Vec<Entry>)> {
        self.streams.iter().filter(move |(labels, entries)| {
            matchers.iter().all(|matcher| matcher.matches_labels(labels))
                && entries.iter().any(|entry| self.range.contains(entry.timestamp))
        })
    }
}

impl LogQuerier for MemoryLogQuerier {
    fn select(&self, matchers: &[Matcher]) -> Result<Box<dyn BlockSet>> {
        let streams = self.matching(matchers).map(|(labels, entries)| (labels.clone(), entries.clone()));
        Ok(Box::new(blocks::MemoryBlocks::new(streams, self.range, self.block_rows)))
    }

    fn streams(&self, matchers: &[Matcher]) -> Result<Vec<Labels>> {
        Ok(self.matching(matchers).map(|(labels, _)| labels.clone()).collect())
    }

    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        let names =
            self.matching(matchers).flat_map(|(labels, _)| labels.iter().map(|(name, _)| name.to_owned()));
        Ok(Listing::new(names.collect(), limit))
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        let values =
            self.matching(matchers).filter_map(|(labels, _)| labels.get(name).map(ToOwned::to_owned));
        Ok(Listing::new(values.collect(), limit))
    }
}
