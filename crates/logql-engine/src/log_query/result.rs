//! The answer: streams with entries.

use std::collections::BTreeMap;

use super::collect::Candidate;
use crate::pipeline::{LabelKind, RowLabels};

/// The answer to a log query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogResult {
    /// The streams, sorted by their labels.
    pub streams: Vec<LogStream>,
}

/// Entries of equal labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    /// The labels, sorted; a value may be empty where a stage set it so.
    pub labels: Vec<(String, String)>,
    /// The entries in the order asked for.
    pub entries: Vec<LogEntry>,
}

/// An entry of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Nanoseconds since the Unix epoch.
    pub timestamp: i64,
    /// The line; usually UTF-8.
    pub line: Vec<u8>,
    /// Structured metadata, where it was asked to be apart.
    pub metadata: Vec<(String, String)>,
    /// Labels taken from the line or set by stages, where they were asked to be apart.
    pub parsed: Vec<(String, String)>,
}

/// The labels of a row, kept: sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct RowIdentity(Vec<(String, String, LabelKind)>);

impl RowIdentity {
    pub(super) fn of(labels: &RowLabels<'_>) -> Self {
        let own = |name: &str, value: &str, kind| (name.to_owned(), value.to_owned(), kind);
        let mut kept: Vec<_> = labels.iter().map(|label| own(label.name, label.value, label.kind)).collect();
        for (name, value) in labels.errors() {
            if !value.is_empty() && !kept.iter().any(|(other, ..)| other == name) {
                kept.push(own(name, value, LabelKind::Parsed));
            }
        }
        kept.sort_unstable();
        Self(kept)
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value, _)| name.len() + value.len() + 56).sum()
    }

    fn of_kind(&self, wanted: impl Fn(LabelKind) -> bool) -> Vec<(String, String)> {
        let labels = self.0.iter().filter(|(_, _, kind)| wanted(*kind));
        labels.map(|(name, value, _)| (name.clone(), value.clone())).collect()
    }
}

/// Puts entries, which are in order, into their streams.
pub(super) fn assemble(entries: Vec<Candidate>, categorize: bool) -> LogResult {
    let mut streams: BTreeMap<Vec<(String, String)>, Vec<LogEntry>> = BTreeMap::new();
    for entry in entries {
        let labels = entry.labels.of_kind(|kind| !categorize || kind == LabelKind::Stream);
        let apart = |kind| match categorize {
            true => entry.labels.of_kind(|of| of == kind),
            false => Vec::new(),
        };
        let (metadata, parsed) = (apart(LabelKind::Metadata), apart(LabelKind::Parsed));
        let entry = LogEntry { timestamp: entry.timestamp, line: entry.line, metadata, parsed };
        streams.entry(labels).or_default().push(entry);
    }
    let streams = streams.into_iter().map(|(labels, entries)| LogStream { labels, entries });
    LogResult { streams: streams.collect() }
}
