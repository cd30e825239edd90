//! The head's way into blocks: what is written, what leaves memory, files and log, and what a crash leaves.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use model::Matcher;
use platform::FileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use storage::{AppendOptions, Appendable, Queryable, SampleColumns, SelectHints, TimeRange};
use tsdb::{Db, Settings};

use crate::fixture::{PATH, labels, open_with, parts, select};

type Content = BTreeMap<String, Vec<(i64, f64)>>;

/// Ranges of ten minutes and small segments, so that there is much to do.
fn settings() -> Settings {
    Settings {
        block_duration_min: Duration::from_mins(10),
        block_duration_max: Duration::from_mins(30),
        samples_per_chunk: 8,
        wal: wal::Settings { segment_bytes: 32 * 1024, ..wal::Settings::default() },
        ..Settings::default()
    }
}

const MINUTE: i64 = 60_000;

fn content(db: &Db) -> Content {
    let any = Matcher::new("__name__", model::MatchOp::Regex, ".+").unwrap();
    select(db, &[any], TimeRange::ALL).into_iter().collect()
}

/// One commit: series that last, one that comes and goes every ten minutes.
fn scrape(db: &Db, time: i64) -> Option<Vec<(String, (i64, f64))>> {
    let mut appender = db.appender(AppendOptions::default());
    let mut batch = Vec::new();
    let passing = (time / (10 * MINUTE)).to_string();
    let ids = ["a", "b", "c", passing.as_str()];
    for (number, id) in ids.iter().enumerate() {
        let padding = "x".repeat(400);
        let labels = labels(&[("__name__", "m"), ("id", id), ("padding", &padding)]);
        let series = appender.series(&labels).ok()?;
        let value = (time / 1000 + number as i64) as f64;
        appender.append(series, time, 0, value).ok()?;
        batch.push((labels.to_string(), (time, value)));
    }
    appender.commit().ok()?;
    Some(batch)
}

fn add(content: &mut Content, batch: Vec<(String, (i64, f64))>) {
    for (labels, sample) in batch {
        content.entry(labels).or_default().push(sample);
    }
}

fn names(disk: &SimulatedFileSystem, folder: &str) -> Vec<String> {
    let path = Path::new(PATH).join(folder);
    let names = disk.list(&path).map(|entries| entries.into_iter().map(|entry| entry.name).collect());
    names.unwrap_or_default()
}

/// Scrapes every minute, with syncs and maintenance in between; gives all that was written.
fn run(db: &Db, minutes: std::ops::Range<i64>) -> Content {
    let mut written = Content::new();
    for minute in minutes {
        add(&mut written, scrape(db, minute * MINUTE).expect("the commit succeeds"));
        db.sync().unwrap();
        if minute % 5 == 4 {
            db.maintain().unwrap();
        }
    }
    written
}

#[test]
fn samples_move_to_blocks_and_leave_memory_files_and_log() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    let written = run(&db, 0..125);
    assert_eq!(content(&db), written);
    let spans: Vec<(i64, i64)> = db
        .blocks()
        .iter()
        .map(|block| (block.meta().min_time / MINUTE, block.meta().max_time / MINUTE))
        .collect();
    assert_eq!(spans, [(0, 30), (30, 60), (60, 90), (90, 100), (100, 110)]);
    let stats = db.head_stats(10);
    assert_eq!((stats.min_time, stats.max_time), (Some(110 * MINUTE), Some(124 * MINUTE)));
    assert_eq!(stats.series, 5, "three that last, and those of the last two ranges");
    assert!(stats.chunks < 20, "{}", stats.chunks);
    assert_eq!(names(&disk, "chunks_head").len(), 1);
    let wal = names(&disk, "wal");
    assert!(wal.iter().any(|name| name.starts_with("checkpoint.")), "{wal:?}");
    assert!(!wal.contains(&"00000000".to_owned()), "{wal:?}");

    // After a restart, with and without a clean end, it is all there and goes on.
    for image in [disk.process_image(), disk.clone()] {
        if !image.operations().is_empty() {
            db.close().unwrap();
        }
        let image = image.process_image();
        let again = open_with(&image, settings());
        assert_eq!(content(&again), written);
        let mut all = written.clone();
        for (labels, samples) in run(&again, 125..160) {
            all.entry(labels).or_default().extend(samples);
        }
        assert_eq!(content(&again), all);
        assert_eq!(content(&open_with(&image.process_image(), settings())), all);
    }
}

#[test]
fn a_reader_keeps_what_it_sees() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    let mut written = Content::new();
    for minute in 0..25 {
        add(&mut written, scrape(&db, minute * MINUTE).unwrap());
    }
    db.sync().unwrap();
    let querier = db.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[Matcher::equal("__name__", "m")], &SelectHints::default()).unwrap();
    let chunks_before = db.head_stats(1).chunks;
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 1);
    assert_eq!(db.head_stats(1).chunks, chunks_before, "nothing leaves while it may be read");
    let mut count = 0;
    for position in 0..set.len() {
        let mut columns = SampleColumns::new();
        set.read(position, TimeRange::ALL, &mut columns).unwrap();
        count += columns.len();
    }
    assert_eq!(count, written.values().map(Vec::len).sum::<usize>());
    assert_eq!(content(&db), written);
    drop((set, querier));
    db.maintain().unwrap();
    assert!(db.head_stats(1).chunks < chunks_before);
    assert_eq!(content(&db), written);
}

#[test]
fn a_running_appender_holds_the_block_back_and_keeps_its_series() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    let mut early = db.appender(AppendOptions::default());
    let empty = early.series(&labels(&[("__name__", "later")])).unwrap();
    early.append(empty, 4 * MINUTE, 0, 1.0).unwrap();
    for minute in 0..25 {
        scrape(&db, minute * MINUTE).unwrap();
    }
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 0);
    // Of its time no more is taken now, but nothing has left.
    early.commit().unwrap();
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 1);
    let mut late = db.appender(AppendOptions::default());
    assert!(late.append(empty, 24 * MINUTE, 0, 1.0).is_err(), "without samples the series has gone");
    let again = late.series(&labels(&[("__name__", "later")])).unwrap();
    assert_ne!(again, empty);
    for minute in 25..70 {
        scrape(&db, minute * MINUTE).unwrap();
        db.maintain().unwrap();
    }
    late.append(again, 69 * MINUTE, 0, 2.0).unwrap();
    late.commit().unwrap();
    assert_eq!(content(&db).get("{__name__=\"later\"}"), Some(&vec![(69 * MINUTE, 2.0)]));
}

#[test]
fn a_block_that_cannot_be_written_is_tried_again() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    let mut written = Content::new();
    for minute in 0..25 {
        add(&mut written, scrape(&db, minute * MINUTE).unwrap());
    }
    for operation in [Operation::Append, Operation::Rename, Operation::Sync, Operation::Create] {
        disk.inject(Fault::always(operation, FaultKind::NoSpace).on("tmp-for-creation"));
        db.maintain().unwrap_err();
        assert_eq!(content(&db), written);
        disk.clear_faults();
    }
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 1);
    assert_eq!(content(&db), written);
    assert!(names(&disk, "").iter().all(|name| !name.contains("tmp")));
}

/// Writes, maintains and restarts; gives what was acknowledged, and what of it was synced.
fn workload(disk: &SimulatedFileSystem) -> (Content, Content) {
    let (mut acknowledged, mut synced) = (Content::new(), Content::new());
    for round in 0..2i64 {
        let Ok(db) = Db::open(parts(disk), Path::new(PATH), settings()) else { break };
        for minute in round * 33..(round + 1) * 33 {
            if let Some(batch) = scrape(&db, minute * MINUTE) {
                add(&mut acknowledged, batch);
            }
            if minute % 3 == 0 && db.sync().is_ok() {
                synced = acknowledged.clone();
            }
            if minute % 8 == 7 {
                let _ = db.maintain();
            }
        }
    }
    (acknowledged, synced)
}

#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point() {
    let whole = SimulatedFileSystem::new();
    let (acknowledged, _) = workload(&whole);
    assert_eq!(content(&open_with(&whole.process_image(), settings())), acknowledged);
    let points = whole.operation_count();
    assert!(points > 300, "{points}");
    let holds = |image: SimulatedFileSystem, certain: &Content, context: &str| {
        let db = open_with(&image, settings());
        let found = content(&db);
        for (labels, samples) in certain {
            let present = found.get(labels).unwrap_or_else(|| panic!("{context}: {labels} is lost"));
            assert!(present.is_sorted_by(|a, b| a.0 < b.0), "{context}: {labels} is out of order");
            for sample in samples {
                assert!(present.contains(sample), "{context}: {sample:?} of {labels} is lost");
            }
        }
        assert!(db.damaged_blocks().is_empty(), "{context}: {:?}", db.damaged_blocks());
    };
    for stop in 0..points {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let (acknowledged, synced) = workload(&disk);
        holds(disk.process_image(), &acknowledged, &format!("process, operation {stop}"));
        for seed in 0..2 {
            let context = format!("machine, operation {stop}, seed {seed}");
            holds(disk.crash_image(stop * 31 + seed), &synced, &context);
        }
    }
}
