//! The log of what was pushed: labels of streams are told now and then.

use std::path::Path;

use logstore::{LogStore, Settings};
use platform::simulated::SimulatedFileSystem;
use storage::logs::AppendRules;

use crate::fixture::*;

/// Two streams, pushed in turn so often.
fn push_all(store: &LogStore, from: i64, rounds: i64) {
    for round in from..from + rounds {
        for app in ["a", "b"] {
            push(store, &labels(&[("app", app)]), &[entry(NOON + round, &format!("{app} {round}"))]);
        }
    }
}

fn counts(store: &LogStore) -> Vec<usize> {
    content(store).into_values().map(|entries| entries.len()).collect()
}

#[test]
fn streams_are_known_behind_each_restart_and_each_head() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    push_all(&store, 0, 3);
    let image = disk.process_image();
    let restarted = open(&image);
    assert_eq!(counts(&restarted), [3, 3]);
    // A process that goes on behind the log of another one.
    push_all(&restarted, 3, 2);
    assert_eq!(counts(&open(&image.process_image())), [5, 5]);
    store.flush().unwrap();
    push_all(&store, 3, 4);
    let image = disk.process_image();
    assert_eq!(counts(&open(&image)), [7, 7]);
}

#[test]
fn labels_are_told_again_where_the_write_of_them_has_failed() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    push_all(&store, 0, 1);
    disk.set_capacity(Some(1));
    let other = labels(&[("app", "c")]);
    assert!(try_push(&store, &other, &[entry(NOON, "lost")], &AppendRules::default()).is_err());
    disk.set_capacity(None);
    store.sync().unwrap();
    push(&store, &other, &[entry(NOON + 1, "kept")]);
    push_all(&store, 1, 1);
    assert_eq!(counts(&open(&disk.process_image())), [2, 2, 1]);
}

#[test]
fn a_damaged_record_costs_nothing_but_itself() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    push_all(&store, 0, 3);
    store.flush().unwrap();
    push_all(&store, 3, 2);
    // The labels of the first stream stand in the first record.
    let image = disk.process_image();
    image.damage(&Path::new(PATH).join("wal/00000001"), |bytes| bytes[20] ^= 0x55).unwrap();
    let resources = resources(&image);
    let registry = resources.registry.clone();
    let restarted =
        LogStore::open(resources, Path::new(PATH), Settings { lock: false, ..Settings::default() });
    assert_eq!(counts(&restarted.unwrap()), [4, 5]);
    let families = registry.gather();
    let damages =
        families.iter().find(|family| family.name == "loki_ingester_wal_corruptions_total").unwrap();
    assert_ne!(damages.metrics[0].value, telemetry::Value::Counter(0.0));
}
