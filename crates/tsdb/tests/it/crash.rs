//! The process, or the machine, ends at every write and sync point of a workload: what was acknowledged is there
//! at the next start.

use std::collections::BTreeMap;
use std::path::Path;

use model::Matcher;
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, TimeRange};
use tsdb::{Db, Settings};

use crate::fixture::{PATH, labels, open, open_with, parts, samples, select};

type Content = BTreeMap<String, Vec<(i64, f64)>>;

fn settings() -> Settings {
    let wal = wal::Settings { segment_bytes: 32 * 1024, ..wal::Settings::default() };
    Settings { wal, ..Settings::default() }
}

fn content(db: &Db) -> Content {
    let any = Matcher::new("__name__", model::MatchOp::Regex, ".+").unwrap();
    select(db, &[any], TimeRange::ALL).into_iter().collect()
}

/// Appends, syncs and restarts; gives what was acknowledged and what of it was synced.
fn workload(disk: &SimulatedFileSystem) -> (Content, Content) {
    let (mut acknowledged, mut synced) = (Content::new(), Content::new());
    for round in 0..3i64 {
        let Ok(db) = Db::open(parts(disk), Path::new(PATH), settings()) else { break };
        for commit in 0..6i64 {
            let time = (round * 6 + commit) * 15_000;
            let mut appender = db.appender(AppendOptions::default());
            let mut batch = Vec::new();
            for number in 0..40i64 {
                // Some series are new in every commit, and long labels fill segments soon.
                let own = if number % 4 == 0 { commit + 10 * round } else { 0 };
                let id = format!("{number}-{own}-{}", "x".repeat(100));
                let labels = labels(&[("__name__", "m"), ("id", &id)]);
                let series = appender.series(&labels).unwrap();
                let value = (time + number) as f64;
                appender.append(series, time, 0, value).unwrap();
                batch.push((labels.to_string(), (time, value)));
            }
            if appender.commit().is_ok() {
                for (labels, sample) in batch {
                    acknowledged.entry(labels).or_default().push(sample);
                }
            }
            if commit % 2 == 1 && db.sync().is_ok() {
                synced = acknowledged.clone();
            }
        }
        if db.close().is_ok() {
            synced = acknowledged.clone();
        }
    }
    (acknowledged, synced)
}

fn assert_holds(found: &Content, certain: &Content, context: &str) {
    for (labels, samples) in certain {
        let present = found.get(labels).unwrap_or_else(|| panic!("{context}: {labels} is lost"));
        assert!(
            samples.iter().all(|sample| present.contains(sample)),
            "{context}: samples of {labels} are lost"
        );
    }
}

#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point() {
    let whole = SimulatedFileSystem::new();
    let (all, _) = workload(&whole);
    assert_eq!(content(&open_with(&whole, settings())), all);
    let points = whole.operation_count();
    assert!(points > 40, "{points}");
    for stop in 0..points {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let (acknowledged, synced) = workload(&disk);
        let image = disk.process_image();
        let db = open_with(&image, settings());
        assert_holds(&content(&db), &acknowledged, &format!("process, operation {stop}"));
        // What is not acknowledged may be there too, but only as it was written.
        for (labels, samples) in content(&db) {
            let known = &all[&labels];
            assert!(samples.iter().all(|sample| known.contains(sample)), "operation {stop}: {labels}");
        }
        for seed in 0..4 {
            let image = disk.crash_image(seed);
            let db = open_with(&image, settings());
            assert_holds(&content(&db), &synced, &format!("machine, operation {stop}, seed {seed}"));
        }
    }
}

#[test]
fn a_damaged_log_costs_what_is_damaged_and_never_the_start() {
    let whole = SimulatedFileSystem::new();
    let (acknowledged, _) = workload(&whole);
    let path = Path::new("/data/wal/00000001");
    let len = platform::FileSystem::metadata(&whole, path).unwrap().len as usize;
    for at in (0..len).step_by(61) {
        let disk = whole.process_image();
        disk.damage(path, |bytes| bytes[at] ^= 0x55).unwrap();
        let found = content(&open_with(&disk, settings()));
        let kept: usize = found.values().map(Vec::len).sum();
        let all: usize = acknowledged.values().map(Vec::len).sum();
        assert!(kept > all / 4, "byte {at}: {kept} of {all}");
        for (labels, samples) in &found {
            assert!(samples.iter().all(|sample| acknowledged[labels].contains(sample)), "byte {at}");
        }
        // The repaired log opens to the same.
        assert_eq!(content(&open_with(&disk.process_image(), settings())), found, "byte {at}");
    }
}

#[test]
fn a_missing_segment_is_a_gap_in_the_data_and_not_in_the_log() {
    let disk = SimulatedFileSystem::new();
    workload(&disk);
    platform::FileSystem::remove_file(&disk, Path::new("/data/wal/00000001")).unwrap();
    let found = content(&open_with(&disk, settings()));
    assert!(!found.is_empty());
    let numbers: Vec<u32> =
        wal::segments(&disk, Path::new("/data/wal")).unwrap().iter().map(|segment| segment.number).collect();
    assert_eq!(numbers, (0..numbers.len() as u32).collect::<Vec<_>>());
}

#[test]
fn samples_go_on_after_a_restart() {
    let disk = SimulatedFileSystem::new();
    for round in 0..5 {
        let db = open(&disk);
        crate::fixture::append(&db, "a", &[(round * 1000, round as f64)]);
        drop(db);
    }
    let expected: Vec<(i64, f64)> = (0..5).map(|round| (round * 1000, round as f64)).collect();
    assert_eq!(samples(&open(&disk), "a"), expected);
}
