//! Series that have ended leave the head before their time, where they are many.

use std::path::Path;
use std::time::Duration;

use model::{MatchOp, Matcher, stale_nan};
use platform::FileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use storage::{AppendOptions, Appendable, Queryable, SelectHints, TimeRange};
use tsdb::block::hint;
use tsdb::{Db, Settings};

use crate::fixture::{PATH, labels, open_with, samples, select, series};

const MINUTE: i64 = 60_000;

/// Half of the series must have ended.
fn settings() -> Settings {
    Settings { stale_series_threshold: Some(0.5), samples_per_chunk: 8, ..Settings::default() }
}

/// A sample of each of these series in one commit.
fn append(db: &Db, names: &[&str], time: i64, value: f64) {
    let mut appender = db.appender(AppendOptions::default());
    for name in names {
        let series = appender.series(&labels(&[("__name__", name)])).unwrap();
        appender.append(series, time, 0, value).unwrap();
    }
    appender.commit().unwrap();
}

const LIVE: [&str; 2] = ["a", "b"];
const GONE: [&str; 3] = ["x", "y", "z"];

/// Twenty minutes of five series, of which three end.
fn fill(db: &Db) {
    for minute in 0..20 {
        append(db, &LIVE, minute * MINUTE, minute as f64);
        append(db, &GONE, minute * MINUTE, minute as f64);
    }
    append(db, &GONE, 20 * MINUTE, stale_nan());
    append(db, &LIVE, 20 * MINUTE, 20.0);
}

type Content = Vec<(String, Vec<(i64, u64)>)>;

fn content(db: &Db) -> Content {
    let any = Matcher::new("__name__", MatchOp::Regex, ".+").unwrap();
    let bits = |samples: Vec<(i64, f64)>| samples.iter().map(|(at, value)| (*at, value.to_bits())).collect();
    select(db, &[any], TimeRange::ALL).into_iter().map(|(labels, samples)| (labels, bits(samples))).collect()
}

fn hints(db: &Db) -> Vec<Vec<String>> {
    db.blocks().iter().map(|block| block.meta().compaction.hints).collect()
}

fn metric(registry: &telemetry::Registry, name: &str) -> f64 {
    let families = registry.gather();
    let family = families.iter().find(|family| family.name == format!("prometheus_tsdb_{name}")).unwrap();
    match family.metrics[0].value {
        telemetry::Value::Counter(value) | telemetry::Value::Gauge(value) => value,
        ref other => panic!("{other:?}"),
    }
}

/// A store with ended series, and its metrics.
fn filled(disk: &SimulatedFileSystem) -> (Db, telemetry::Registry) {
    let parts = crate::fixture::parts(disk);
    let registry = parts.registry.clone();
    let db = Db::open(parts, Path::new(PATH), settings()).unwrap();
    fill(&db);
    (db, registry)
}

#[test]
fn ended_series_become_a_block_of_their_own_and_leave_the_head() {
    let disk = SimulatedFileSystem::new();
    let (db, registry) = filled(&disk);
    let before = content(&db);
    assert_eq!(metric(&registry, "head_stale_series"), 3.0);
    db.maintain().unwrap();
    assert_eq!(hints(&db), [vec![hint::FROM_STALE_SERIES.to_owned()]]);
    let meta = db.blocks()[0].meta();
    assert_eq!((meta.min_time, meta.max_time, meta.stats.num_series), (0, 20 * MINUTE + 1, 3));
    assert_eq!(db.head_stats(1).series, 2);
    assert_eq!(content(&db), before);
    assert_eq!(metric(&registry, "head_stale_series"), 0.0);
    assert_eq!(metric(&registry, "stale_series_compactions_triggered_total"), 1.0);
    assert_eq!(metric(&registry, "stale_series_compactions_failed_total"), 0.0);
    // The others are where they were, and nothing more is to be done.
    assert_eq!(db.head_stats(1).min_time, Some(0));
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 1);

    // Nor do they come back, with and without a clean end, and what is live goes on.
    let image = disk.process_image();
    db.close().unwrap();
    for disk in [image, disk] {
        let db = open_with(&disk, settings());
        assert_eq!(content(&db), before);
        db.maintain().unwrap();
        assert_eq!((db.head_stats(1).series, db.blocks().len()), (2, 1));
        assert_eq!(content(&db), before);
        append(&db, &LIVE, 21 * MINUTE, 21.0);
        append(&db, &["x"], 22 * MINUTE, 22.0);
        let again = samples(&db, "x");
        assert_eq!((again.len(), again[0].0, again[21]), (22, 0, (22 * MINUTE, 22.0)));
        let all = content(&db);
        drop(db);
        assert_eq!(content(&open_with(&disk.process_image(), settings())), all);
    }
}

#[test]
fn few_ended_series_wait_for_the_next_block_and_many_too_where_it_is_near() {
    let off = Settings { stale_series_threshold: None, ..settings() };
    for settings in [off, Settings { stale_series_threshold: Some(0.7), ..settings() }] {
        let db = open_with(&SimulatedFileSystem::new(), settings.clone());
        fill(&db);
        db.maintain().unwrap();
        assert_eq!(db.blocks().len(), 0, "{settings:?}");
    }
    let db = open_with(&SimulatedFileSystem::new(), settings());
    fill(&db);
    // Ten minutes before the head spans three hours.
    append(&db, &LIVE, 171 * MINUTE, 1.0);
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 0);
    append(&db, &LIVE, 181 * MINUTE, 1.0);
    db.maintain().unwrap();
    assert_eq!(hints(&db), [Vec::<String>::new()]);
    assert_eq!(db.head_stats(1).series, 2);
}

#[test]
fn a_threshold_is_taken_from_a_reload() {
    let db = open_with(&SimulatedFileSystem::new(), Settings { stale_series_threshold: None, ..settings() });
    fill(&db);
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 0);
    db.apply(settings()).unwrap();
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 1);
}

#[test]
fn a_reader_keeps_ended_series_and_new_readers_read_each_sample_once() {
    let db = open_with(&SimulatedFileSystem::new(), settings());
    fill(&db);
    let before = content(&db);
    let querier = db.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[Matcher::equal("__name__", "x")], &SelectHints::default()).unwrap();
    db.maintain().unwrap();
    assert_eq!((db.blocks().len(), db.head_stats(1).series), (1, 5), "nothing leaves while it may be read");
    assert_eq!(content(&db), before);
    let new = db.querier(TimeRange::ALL).unwrap();
    let listed = new.select(&[Matcher::equal("__name__", "x")], &SelectHints::default()).unwrap();
    assert_eq!(listed.len(), 1);
    let mut columns = storage::SampleColumns::new();
    set.read(0, TimeRange::ALL, &mut columns).unwrap();
    assert_eq!((set.labels(0), columns.len()), (labels(&[("__name__", "x")]), 21));
    drop((set, querier));
    // The newer reader has the block.
    db.maintain().unwrap();
    assert_eq!(db.head_stats(1).series, 2);
    columns.clear();
    listed.read(0, TimeRange::ALL, &mut columns).unwrap();
    assert_eq!((listed.labels(0), columns.len()), (labels(&[("__name__", "x")]), 21));
    drop((listed, new));
    assert_eq!(content(&db), before);
}

#[test]
fn a_series_that_goes_on_or_is_asked_for_meanwhile_stays() {
    let db = open_with(&SimulatedFileSystem::new(), settings());
    fill(&db);
    let reader = db.querier(TimeRange::ALL).unwrap();
    db.maintain().unwrap();
    append(&db, &["x"], 21 * MINUTE, 21.0);
    let known = series(&db, "y");
    let mut appender = db.appender(AppendOptions::default());
    appender.append(known, 21 * MINUTE, 0, 21.0).unwrap();
    drop(reader);
    db.maintain().unwrap();
    assert_eq!(db.head_stats(1).series, 4);
    appender.commit().unwrap();
    for name in ["x", "y"] {
        let found = samples(&db, name);
        assert_eq!((found.len(), found[21]), (22, (21 * MINUTE, 21.0)), "{name}");
    }
    assert_eq!(samples(&db, "z").len(), 21);
}

#[test]
fn what_is_deleted_of_an_ended_series_does_not_come_back() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db);
    db.delete(TimeRange::new(5 * MINUTE, 9 * MINUTE), &[Matcher::equal("__name__", "x")]).unwrap();
    db.delete(TimeRange::ALL, &[Matcher::equal("__name__", "y")]).unwrap();
    let before = content(&db);
    db.maintain().unwrap();
    assert_eq!(db.blocks()[0].meta().stats.num_series, 2);
    assert_eq!(content(&db), before);
    assert_eq!(content(&open_with(&disk.process_image(), settings())), before);
}

#[test]
fn samples_of_a_series_that_left_are_known_to_the_log_until_they_are_gone() {
    let disk = SimulatedFileSystem::new();
    let settings = || Settings {
        block_duration_min: Duration::from_mins(10),
        wal: wal::Settings { segment_bytes: 32 * 1024, ..wal::Settings::default() },
        snapshot_log_bytes: None,
        ..settings()
    };
    let db = open_with(&disk, settings());
    for minute in 0..60 {
        let name = format!("gone{}", minute / 2);
        append(&db, &["a", &name], minute * MINUTE, 1.0);
        if minute % 2 == 1 {
            append(&db, &[&name], minute * MINUTE + 1, stale_nan());
        }
        db.maintain().unwrap();
    }
    let before = content(&db);
    let has_checkpoint = |entry: &platform::DirEntry| entry.name.starts_with("checkpoint.");
    assert!(disk.list(&Path::new(PATH).join("wal")).unwrap().iter().any(has_checkpoint));
    assert!(hints(&db).iter().any(|hints| !hints.is_empty()));
    drop(db);
    let parts = crate::fixture::parts(&disk.process_image());
    let registry = parts.registry.clone();
    let db = Db::open(parts, Path::new(PATH), settings()).unwrap();
    assert_eq!(content(&db), before);
    let families = registry.gather();
    let unknown = families.iter().find(|family| family.name.ends_with("wal_replay_unknown_refs_total"));
    assert!(unknown.is_none_or(|unknown| unknown.metrics.is_empty()), "{unknown:?}");
}

#[test]
fn a_block_that_cannot_be_written_is_tried_again() {
    let disk = SimulatedFileSystem::new();
    let (db, registry) = filled(&disk);
    let before = content(&db);
    disk.inject(Fault::always(Operation::Append, FaultKind::NoSpace).on("tmp-for-creation"));
    db.maintain().unwrap_err();
    assert_eq!((content(&db), db.head_stats(1).series), (before.clone(), 5));
    assert_eq!(metric(&registry, "stale_series_compactions_failed_total"), 1.0);
    disk.clear_faults();
    db.maintain().unwrap();
    assert_eq!((content(&db), db.head_stats(1).series), (before, 2));
}
