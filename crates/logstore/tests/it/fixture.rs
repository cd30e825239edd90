//! Stores on a simulated disk, and what they hold.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use logstore::{LogStore, Resources, Settings};
use model::Labels;
use platform::MemoryBudget;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use storage::logs::{
    AppendReport, AppendRules, Columns, EntryAppendable, EntryColumns, EntryRange, EntryRef, LogQueryable,
    StreamEntries,
};
use telemetry::Registry;

pub(crate) const PATH: &str = "/logs";
pub(crate) const TENANT: &str = "fake";
/// A noon.
pub(crate) const NOON: i64 = 1_700_049_600_000_000_000;

pub(crate) fn resources(disk: &SimulatedFileSystem) -> Resources {
    Resources {
        fs: Arc::new(disk.clone()),
        clock: Arc::new(SimulatedClock::new(NOON / 1_000_000)),
        registry: Registry::new(),
        memory: Arc::new(MemoryBudget::default()),
    }
}

pub(crate) fn open(disk: &SimulatedFileSystem) -> LogStore {
    open_with(disk, Settings::default())
}

pub(crate) fn open_with(disk: &SimulatedFileSystem, settings: Settings) -> LogStore {
    // A process image knows no lock, but a test may open twice.
    let settings = Settings { lock: false, ..settings };
    LogStore::open(resources(disk), Path::new(PATH), settings).unwrap()
}

/// An entry as tests compare it: time, line, metadata.
pub(crate) type Entry = (i64, String, Vec<(String, String)>);

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied())
}

pub(crate) fn entry(timestamp: i64, line: &str) -> Entry {
    (timestamp, line.to_owned(), Vec::new())
}

pub(crate) fn try_push(
    store: &LogStore,
    labels: &Labels,
    entries: &[Entry],
    rules: &AppendRules,
) -> storage::Result<AppendReport> {
    let metadata: Vec<Vec<(&str, &str)>> = entries
        .iter()
        .map(|(_, _, pairs)| pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
        .collect();
    let entries: Vec<EntryRef<'_>> = entries
        .iter()
        .zip(&metadata)
        .map(|((timestamp, line, _), metadata)| EntryRef {
            timestamp: *timestamp,
            line: line.as_bytes(),
            metadata,
        })
        .collect();
    store.append(TENANT, &[StreamEntries { labels, entries: &entries, hint: None }], rules)
}

pub(crate) fn push(store: &LogStore, labels: &Labels, entries: &[Entry]) -> AppendReport {
    try_push(store, labels, entries, &AppendRules::default()).unwrap()
}

/// All entries of the blocks, by stream, as they come.
pub(crate) fn content_in(store: &LogStore, range: EntryRange) -> BTreeMap<String, Vec<Entry>> {
    let blocks = store.log_querier(TENANT, range).unwrap().select(&[]).unwrap();
    let mut content: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    let mut columns = EntryColumns::default();
    for (number, header) in blocks.blocks().iter().enumerate() {
        blocks.read(number, &Columns::ALL, &mut columns).unwrap();
        let stream = content.entry(blocks.streams()[header.stream].to_string()).or_default();
        for row in 0..columns.rows {
            let metadata = columns
                .metadata
                .iter()
                .filter_map(|column| Some((column.name.to_string(), column.get(row)?.to_owned())));
            let line = String::from_utf8_lossy(columns.line(row)).into_owned();
            let entry = (columns.timestamps[row], line, metadata.collect());
            // As a reader has to where blocks are not exact.
            if header.exact || !stream.contains(&entry) {
                stream.push(entry);
            }
        }
    }
    for entries in content.values_mut() {
        entries.sort_by_key(|(timestamp, _, _)| *timestamp);
    }
    content
}

pub(crate) fn content(store: &LogStore) -> BTreeMap<String, Vec<Entry>> {
    content_in(store, EntryRange::ALL)
}
