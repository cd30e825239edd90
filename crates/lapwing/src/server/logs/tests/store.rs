//! Stores on a simulated disk, and what is pushed to them.

use std::path::Path;
use std::sync::Arc;

use logstore::{LogStore, Resources, Settings};
use model::Labels;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use platform::{FileSystem, MemoryBudget};
use storage::logs::{AppendRules, EntryAppendable, EntryRef, StreamEntries};
use telemetry::Registry;

const PATH: &str = "/logs";
pub(super) const TENANT: &str = "fake";
/// A noon.
pub(super) const NOON: i64 = 1_700_049_600_000_000_000;
const DAY: i64 = 86_400_000_000_000;

/// An entry: time, line, metadata.
pub(super) type Entry = (i64, String, Vec<(String, String)>);

pub(super) fn open(disk: &SimulatedFileSystem) -> LogStore {
    open_with(disk, Settings::default())
}

pub(super) fn open_with(disk: &SimulatedFileSystem, settings: Settings) -> LogStore {
    open_at(disk, settings, 0)
}

/// A store whose clock stands so many days behind the noon.
pub(super) fn open_at(disk: &SimulatedFileSystem, settings: Settings, days: i64) -> LogStore {
    let resources = Resources {
        fs: Arc::new(disk.clone()),
        clock: Arc::new(SimulatedClock::new((NOON + days * DAY) / 1_000_000)),
        registry: Registry::new(),
        memory: Arc::new(MemoryBudget::default()),
    };
    // A process image knows no lock, but a test may open twice.
    let settings = Settings { lock: false, ..settings };
    LogStore::open(resources, Path::new(PATH), settings).unwrap()
}

/// Blocks and frames of a few rows.
pub(super) fn small() -> Settings {
    Settings { block_bytes_max: 300, frame_bytes_min: 100, ..Settings::default() }
}

pub(super) fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied())
}

pub(super) fn push(store: &LogStore, labels: &Labels, entries: &[Entry]) {
    for (timestamp, line, pairs) in entries {
        let metadata: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let entry = EntryRef { timestamp: *timestamp, line: line.as_bytes(), metadata: &metadata };
        let push = [StreamEntries { labels, entries: &[entry], hint: None }];
        store.append(TENANT, &push, &AppendRules::default()).unwrap();
    }
}

/// How many files there are below the folder of parts.
pub(super) fn part_files(disk: &SimulatedFileSystem) -> usize {
    let mut found = 0;
    let mut waiting = vec![Path::new(PATH).join("parts")];
    while let Some(folder) = waiting.pop() {
        for entry in disk.list(&folder).unwrap_or_default() {
            if entry.is_dir {
                waiting.push(folder.join(&entry.name));
            } else {
                found += 1;
            }
        }
    }
    found
}
