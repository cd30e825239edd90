//! What was told to whom: remembered so that nothing is told twice, and told again when it is time.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// A piece of what a receiver wants to have remembered.
#[derive(Clone, Debug, PartialEq)]
pub enum ReceiverData {
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
}

/// Who was told, and of which group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogKey {
    /// The key of the group.
    pub group_key: String,
    /// The name of the receiver.
    pub receiver: String,
    /// The word for the kind of integration.
    pub integration: String,
    /// Its place among those of its kind.
    pub index: u32,
}

/// What was told.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Who was told.
    pub key: LogKey,
    /// When, in nanoseconds since the Unix epoch.
    pub timestamp: i64,
    /// Alerts that fired.
    pub firing: Vec<u64>,
    /// Alerts that were over.
    pub resolved: Vec<u64>,
    /// When this may be forgotten.
    pub expires_at: i64,
    /// What the receiver wants to have remembered.
    pub data: BTreeMap<String, ReceiverData>,
}

/// Why something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing was told before.
    First,
    /// Alerts fire that did not.
    NewAlerts,
    /// None fires any more.
    AllResolved,
    /// Some are over.
    SomeResolved,
    /// It is time to tell it again.
    Repeat,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Reason::First => "first notification",
            Reason::NewAlerts => "new alerts added",
            Reason::AllResolved => "all alerts resolved",
            Reason::SomeResolved => "some alerts resolved",
            Reason::Repeat => "repeat interval elapsed",
        })
    }
}

/// The notification log.
#[derive(Debug, Default)]
pub(crate) struct NotificationLog {
    entries: HashMap<LogKey, LogEntry>,
}

impl NotificationLog {
    pub(crate) fn get(&self, key: &LogKey) -> Option<&LogEntry> {
        self.entries.get(key)
    }

    /// Takes an entry; of two for one key the later counts.
    pub(crate) fn put(&mut self, mut entry: LogEntry) {
        entry.firing.sort_unstable();
        entry.resolved.sort_unstable();
        match self.entries.get_mut(&entry.key) {
            Some(present) if present.timestamp > entry.timestamp => {}
            Some(present) => *present = entry,
            None => {
                self.entries.insert(entry.key.clone(), entry);
            }
        }
    }

    /// Forgets what has expired.
    pub(crate) fn collect_garbage(&mut self, now: i64) {
        self.entries.retain(|_, entry| entry.expires_at > now);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.values()
    }
}

/// Whether all of `asked` is among `known`; both are sorted.
fn knows(known: &[u64], asked: &[u64]) -> bool {
    asked.iter().all(|hash| known.binary_search(hash).is_ok())
}

/// Whether something is to be told, and why; `firing` and `resolved` are sorted.
pub(crate) fn reason(
    entry: Option<&LogEntry>,
    firing: &[u64],
    resolved: &[u64],
    send_resolved: bool,
    repeat_before: i64,
) -> Option<Reason> {
    let Some(entry) = entry else { return (!firing.is_empty()).then_some(Reason::First) };
    if !knows(&entry.firing, firing) {
        return Some(if entry.firing.is_empty() { Reason::First } else { Reason::NewAlerts });
    }
    if firing.is_empty() {
        return (!entry.firing.is_empty()).then_some(Reason::AllResolved);
    }
    if send_resolved && !knows(&entry.resolved, resolved) {
        return Some(Reason::SomeResolved);
    }
    (entry.timestamp < repeat_before).then_some(Reason::Repeat)
}
