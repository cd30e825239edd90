//! The process, or the machine, ends at every write and sync point of a workload with late samples.

use std::path::Path;

use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, Appender};
use tsdb::{Db, Settings};

use super::{Content, MINUTE, commit, content, fill, names, settings};
use crate::fixture::{PATH, labels, open_with, parts};

/// One commit at a minute: three series in order, two of them late too, and one that has late samples alone.
fn scrape(db: &Db, minute: i64) -> Option<Vec<(String, (i64, f64))>> {
    let mut appender = db.appender(AppendOptions::default());
    let mut batch = Vec::new();
    let padding = "x".repeat(200);
    let mut add = |appender: &mut dyn Appender, id: &str, time: i64| {
        let labels = labels(&[("__name__", "m"), ("id", id), ("padding", &padding)]);
        let series = appender.series(&labels).ok()?;
        let value = time as f64;
        appender.append(series, time, 0, value).ok()?;
        batch.push((labels.to_string(), (time, value)));
        Some(())
    };
    let time = minute * MINUTE;
    for id in ["a", "b", "c"] {
        add(appender.as_mut(), id, time)?;
    }
    // Once the head is old enough; steps back through the window, several at a time.
    if minute >= 30 {
        for number in 0..12 {
            add(appender.as_mut(), "a", time - 20 * MINUTE - number * 1000 - 500)?;
        }
        add(appender.as_mut(), "b", time - 29 * MINUTE - 500)?;
        add(appender.as_mut(), &format!("late{}", minute / 16), time - 25 * MINUTE - 500)?;
    }
    appender.commit().ok()?;
    Some(batch)
}

fn add(content: &mut Content, batch: Vec<(String, (i64, f64))>) {
    for (labels, sample) in batch {
        content.entry(labels).or_default().push(sample);
    }
}

/// Writes, maintains and restarts; gives what was acknowledged, and what of it was synced.
fn workload(disk: &SimulatedFileSystem, settings: &Settings) -> (Content, Content) {
    let (mut acknowledged, mut synced) = (Content::new(), Content::new());
    for round in 0..3i64 {
        let Ok(db) = Db::open(parts(disk), Path::new(PATH), settings.clone()) else { break };
        for minute in 20 + round * 13..20 + (round + 1) * 13 {
            if let Some(batch) = scrape(&db, minute) {
                add(&mut acknowledged, batch);
            }
            if minute % 3 == 0 && db.sync().is_ok() {
                synced = acknowledged.clone();
            }
            if minute % 6 == 5 {
                let _ = db.maintain();
            }
        }
        if round == 1 && db.close().is_ok() {
            synced = acknowledged.clone();
        }
    }
    (acknowledged, synced)
}

fn sorted(mut content: Content) -> Content {
    for samples in content.values_mut() {
        samples.sort_by_key(|(time, _)| *time);
    }
    content
}

#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point() {
    assert_nothing_is_lost(&settings(), 1);
}

#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point_with_snapshots_in_between() {
    assert_nothing_is_lost(&Settings { snapshot_log_bytes: Some(1), ..settings() }, 3);
}

fn assert_nothing_is_lost(settings: &Settings, step: usize) {
    let whole = SimulatedFileSystem::new();
    let (acknowledged, _) = workload(&whole, settings);
    let all = sorted(acknowledged);
    let last = open_with(&whole.process_image(), settings.clone());
    assert_eq!(content(&last), all);
    assert!(last.blocks().len() >= 2, "{}", last.blocks().len());
    assert!(names(&whole, "wbl")[0] != "00000000", "late samples have become blocks");
    let points = whole.operation_count();
    assert!(points > 600, "{points}");
    let holds = |image: SimulatedFileSystem, certain: &Content, context: &str| {
        let db = open_with(&image, settings.clone());
        let check = |db: &Db, what: &str| {
            let found = content(db);
            for (labels, samples) in certain {
                let present =
                    found.get(labels).unwrap_or_else(|| panic!("{context} {what}: {labels} is lost"));
                assert!(present.is_sorted_by(|a, b| a.0 < b.0), "{context} {what}: {labels} is out of order");
                for sample in samples {
                    assert!(present.contains(sample), "{context} {what}: {sample:?} of {labels} is lost");
                }
            }
            // What is not acknowledged may be there too, but only as it was written.
            for (labels, samples) in &found {
                let known = |sample: &(i64, f64)| all.get(labels).is_some_and(|known| known.contains(sample));
                assert!(samples.iter().all(known), "{context} {what}: {labels} has what was never written");
            }
        };
        check(&db, "at the start");
        db.sync().unwrap();
        db.maintain().unwrap();
        check(&db, "after maintenance");
        assert!(db.damaged_blocks().is_empty(), "{context}: {:?}", db.damaged_blocks());
    };
    for stop in (0..points).step_by(step) {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let (acknowledged, synced) = workload(&disk, settings);
        holds(disk.process_image(), &acknowledged, &format!("process, operation {stop}"));
        let context = format!("machine, operation {stop}");
        holds(disk.crash_image(stop * 31), &synced, &context);
    }
}

#[test]
fn with_every_commit_synced_a_crash_of_the_machine_loses_nothing() {
    let settings = || {
        let settings = settings();
        let wal = wal::Settings { sync: wal::SyncMode::Always, ..settings.wal };
        Settings { wal, ..settings }
    };
    let run = |disk: &SimulatedFileSystem| {
        let mut acknowledged = Content::new();
        let Ok(db) = Db::open(parts(disk), Path::new(PATH), settings()) else { return acknowledged };
        for minute in 28..34 {
            if let Some(batch) = scrape(&db, minute) {
                add(&mut acknowledged, batch);
            }
        }
        acknowledged
    };
    let whole = SimulatedFileSystem::new();
    let all = sorted(run(&whole));
    assert_eq!(content(&open_with(&whole.crash_image(1), settings())), all);
    for stop in 0..whole.operation_count() {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let acknowledged = run(&disk);
        for seed in 0..3 {
            let found = content(&open_with(&disk.crash_image(stop * 7 + seed), settings()));
            for (labels, samples) in &acknowledged {
                assert!(
                    samples.iter().all(|sample| found[labels].contains(sample)),
                    "operation {stop}: {labels}"
                );
            }
        }
    }
}

/// Late samples that one commit brings and another finds: whichever comes first, the log and memory agree.
#[test]
fn writers_at_the_same_time_lose_nothing() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", [200]);
    std::thread::scope(|scope| {
        for writer in 0..4i64 {
            let db = &db;
            scope.spawn(move || {
                for number in 0..150 {
                    commit(db, &[("a", 190 * MINUTE - number * 4000 - writer, 1.0)]);
                }
            });
        }
        for _ in 0..20 {
            db.sync().unwrap();
        }
    });
    let found = content(&db);
    assert_eq!(found["{__name__=\"a\"}"].len(), 601);
    assert_eq!(content(&open_with(&disk.process_image(), settings())), found);
}
