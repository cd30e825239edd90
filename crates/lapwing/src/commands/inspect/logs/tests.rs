//! Tests of telling files of logs from others.
#![expect(clippy::disallowed_methods, reason = "a test looks at files as a user does")]

use std::sync::Arc;

use logstore::{LogStore, Resources, Settings};
use model::Labels;
use platform::MemoryBudget;
use platform::real::RealFileSystem;
use platform::simulated::SimulatedClock;
use storage::logs::{AppendRules, EntryAppendable, EntryRef, StreamEntries};
use telemetry::Registry;

use super::*;

#[test]
fn parts_and_logs_are_told_from_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let resources = Resources {
        fs: Arc::new(RealFileSystem),
        clock: Arc::new(SimulatedClock::new(1_700_000_000_000)),
        registry: Registry::new(),
        memory: Arc::new(MemoryBudget::default()),
    };
    let store = LogStore::open(resources, &path, Settings::default()).unwrap();
    let labels = Labels::from_pairs([("app", "web")]);
    let push = |text: &str| {
        let entries =
            [EntryRef { timestamp: 1_700_000_000_000_000_000, line: text.as_bytes(), metadata: &[] }];
        store
            .append(
                "fake",
                &[StreamEntries { labels: &labels, entries: &entries, hint: None }],
                &AppendRules::default(),
            )
            .unwrap();
    };
    push("first");
    store.flush().unwrap();
    push("second");
    store.close().unwrap();
    let mut files = Vec::new();
    let mut folders = vec![path];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    let texts: Vec<String> = files
        .iter()
        .filter_map(|file| inspector(&RealFileSystem, file).map(|show| show(&RealFileSystem, file).unwrap()))
        .collect();
    assert!(texts.iter().any(|text| text.starts_with("part of 2023-11-14: level 0")), "{texts:?}");
    let is_log = |text: &String| text.contains("  fake {app=\"web\"}: 1 entries, 6 bytes");
    let log = texts.iter().find(|text| is_log(text)).unwrap();
    assert!(!shown(log, true).contains("fake") && shown(log, true).starts_with("record at "));
    let other = folder.path().join("other");
    std::fs::write(&other, "text").unwrap();
    assert!(inspector(&RealFileSystem, &other).is_none());
}
