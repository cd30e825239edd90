//! The process, or the machine, ends at every write and sync point of a workload: what was acknowledged is there
//! at the next start.

use std::collections::BTreeMap;
use std::path::Path;

use logstore::{LogStore, Settings};
use platform::simulated::SimulatedFileSystem;
use storage::logs::AppendRules;

use crate::fixture::*;

type Content = BTreeMap<String, Vec<Entry>>;

fn settings() -> Settings {
    let wal = wal::Settings { segment_bytes: 32 * 1024, ..wal::Settings::default() };
    // So small that the head is written to parts every few pushes.
    Settings { wal, lock: false, head_bytes_max: 24_000, block_bytes_max: 4_000, ..Settings::default() }
}

/// Pushes, syncs and restarts; gives what was acknowledged and what of it was synced.
fn workload(disk: &SimulatedFileSystem) -> (Content, Content) {
    let (mut acknowledged, mut synced) = (Content::new(), Content::new());
    for round in 0..2_i64 {
        let Ok(store) = LogStore::open(resources(disk), Path::new(PATH), settings()) else { break };
        for number in 0..4_i64 {
            for stream in 0..3_i64 {
                let labels = labels(&[("app", &format!("{}", stream + number % 2))]);
                let time = NOON + round * 1_000 + number * 10;
                let filler = format!("{number:x}{round:x}").repeat(400);
                let metadata = vec![("round".to_owned(), round.to_string())];
                let entries: Vec<Entry> = (0..5)
                    .map(|row| (time + (row * 3) % 5, format!("{stream} {row} {filler}"), metadata.clone()))
                    .collect();
                if try_push(&store, &labels, &entries, &AppendRules::default()).is_ok() {
                    acknowledged.entry(labels.to_string()).or_default().extend(entries);
                }
            }
            // Errors are those of the disk.
            let _ = store.maintain();
            if number % 2 == 1 && store.sync().is_ok() {
                synced = acknowledged.clone();
            }
        }
        if store.close().is_ok() {
            synced = acknowledged.clone();
        }
    }
    (acknowledged, synced)
}

fn assert_holds(found: &Content, certain: &Content, context: &str) {
    for (labels, entries) in certain {
        let present = found.get(labels).unwrap_or_else(|| panic!("{context}: {labels} is lost"));
        for entry in entries {
            let times = present.iter().filter(|other| *other == entry).count();
            assert_eq!(times, 1, "{context}: {labels} {} {:.10}", entry.0, entry.1);
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point() {
    let whole = SimulatedFileSystem::new();
    let (all, _) = workload(&whole);
    assert_holds(&content(&open_with(&whole, settings())), &all, "whole");
    let points = whole.operation_count();
    assert!(points > 40, "{points}");
    for stop in 0..points {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let (acknowledged, synced) = workload(&disk);
        let store = open_with(&disk.process_image(), settings());
        let found = content(&store);
        assert_holds(&found, &acknowledged, &format!("process, operation {stop}"));
        // What is not acknowledged may be there too, but only as it was pushed.
        for (labels, entries) in &found {
            assert!(entries.iter().all(|entry| all[labels].contains(entry)), "operation {stop}: {labels}");
        }
        for seed in 0..2 {
            let store = open_with(&disk.crash_image(seed), settings());
            assert_holds(&content(&store), &synced, &format!("machine, operation {stop}, seed {seed}"));
        }
    }
}
