//! Exemplars are taken, found, logged and brought back.

use std::path::Path;

use model::{Exemplar, Matcher, SeriesRef};
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, Error, ExemplarQueryable, TimeRange};
use tsdb::{Db, Settings};

use crate::fixture::{PATH, append, labels, open, open_with, parts};

fn settings() -> Settings {
    Settings { exemplars_max: Some(5), ..Settings::default() }
}

fn exemplar(timestamp: Option<i64>, value: f64, trace: &str) -> Exemplar {
    Exemplar { labels: labels(&[("trace", trace)]), value, timestamp }
}

/// Appends a sample at `time` and an exemplar to it.
fn add(db: &Db, name: &str, time: i64, exemplar: &Exemplar) -> Option<Error> {
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&labels(&[("__name__", name)])).unwrap();
    appender.append(series, time, 0, time as f64).unwrap();
    let error = appender.append_exemplar(series, time, exemplar).err();
    appender.commit().unwrap();
    error
}

/// Times and values by the name of the series.
fn found(db: &Db) -> Vec<(String, Vec<(i64, f64)>)> {
    let any = vec![Matcher::new("__name__", model::MatchOp::Regex, ".+").unwrap()];
    let found = db.exemplars(TimeRange::ALL, &[any]).unwrap();
    let one = |exemplar: &Exemplar| (exemplar.timestamp.unwrap(), exemplar.value);
    found
        .iter()
        .map(|one_series| {
            let exemplars = one_series.exemplars.iter().map(one).collect();
            (one_series.labels.metric_name().to_owned(), exemplars)
        })
        .collect()
}

fn of(name: &str, exemplars: &[(i64, f64)]) -> (String, Vec<(i64, f64)>) {
    (name.to_owned(), exemplars.to_vec())
}

#[test]
fn exemplars_survive_a_restart() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    assert_eq!(add(&db, "b", 1000, &exemplar(None, 1.0, "x")), None);
    assert_eq!(add(&db, "a", 2000, &exemplar(Some(1500), 2.0, "y")), None);
    let expected = [of("a", &[(1500, 2.0)]), of("b", &[(1000, 1.0)])];
    assert_eq!(found(&db), expected);
    drop(db);
    let db = open_with(&disk.process_image(), settings());
    assert_eq!(found(&db), expected);
    // What the log brought back is known to be the same when the source repeats it.
    assert_eq!(add(&db, "b", 3000, &exemplar(None, 1.0, "x")), None);
    assert_eq!(found(&db), expected);
    let without = open(&disk.process_image());
    assert_eq!(found(&without), []);
}

#[test]
fn a_series_of_exemplars_alone_is_in_the_log() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    append(&db, "other", &[(1000, 1.0)]);
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&labels(&[("__name__", "a")])).unwrap();
    appender.append_exemplar(series, 1000, &exemplar(Some(900), 1.0, "x")).unwrap();
    appender.commit().unwrap();
    drop(db);
    assert_eq!(found(&open_with(&disk, settings())), [of("a", &[(900, 1.0)])]);
}

#[test]
fn repeated_exemplars_are_no_error_and_older_ones_are() {
    let db = open_with(&SimulatedFileSystem::new(), settings());
    assert_eq!(add(&db, "a", 1000, &exemplar(Some(1000), 1.0, "x")), None);
    assert_eq!(add(&db, "a", 2000, &exemplar(Some(1000), 1.0, "x")), None);
    assert_eq!(add(&db, "a", 3000, &exemplar(Some(999), 1.0, "x")), Some(Error::OutOfOrderExemplar));
    let long = exemplar(Some(4000), 1.0, &"x".repeat(124));
    assert_eq!(add(&db, "a", 4000, &long), Some(Error::ExemplarLabelLength));
    let mut appender = db.appender(AppendOptions::default());
    let unknown = appender.append_exemplar(SeriesRef(77), 1000, &exemplar(None, 1.0, "x"));
    assert_eq!(unknown, Err(Error::UnknownSeries(77)));
    assert_eq!(found(&db), [of("a", &[(1000, 1.0)])]);
}

#[test]
fn nothing_of_a_batch_is_found_before_its_commit_or_after_its_end() {
    let db = open_with(&SimulatedFileSystem::new(), settings());
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&labels(&[("__name__", "a")])).unwrap();
    appender.append_exemplar(series, 1000, &exemplar(None, 1.0, "x")).unwrap();
    assert_eq!(found(&db), []);
    appender.rollback().unwrap();
    assert_eq!(found(&db), []);
}

#[test]
fn how_many_are_kept_can_change_while_the_store_runs() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    assert_eq!(add(&db, "a", 1000, &exemplar(None, 1.0, "x")), None);
    assert_eq!(found(&db), []);
    db.apply(settings()).unwrap();
    for time in 2..=9 {
        add(&db, "a", time * 1000, &exemplar(None, time as f64, "x"));
    }
    assert_eq!(found(&db)[0].1.len(), 5);
    db.apply(Settings { exemplars_max: Some(2), ..Settings::default() }).unwrap();
    assert_eq!(found(&db), [of("a", &[(8000, 8.0), (9000, 9.0)])]);
    db.apply(Settings::default()).unwrap();
    assert_eq!(found(&db), []);
    drop(db);
    assert_eq!(found(&open_with(&disk, settings()))[0].1.len(), 5);
}

#[test]
fn exemplars_of_the_log_without_a_series_are_counted() {
    let disk = SimulatedFileSystem::new();
    let wal = wal::Settings { segment_bytes: 32 * 1024, ..wal::Settings::default() };
    let settings = Settings { wal, ..settings() };
    let db = open_with(&disk, settings.clone());
    add(&db, "a", 1000, &exemplar(None, 1.0, "x"));
    drop(db);
    // The second life writes the exemplar alone: the labels stand in the first segment.
    let db = open_with(&disk, settings.clone());
    add(&db, "a", 2000, &exemplar(None, 2.0, "x"));
    drop(db);
    platform::FileSystem::remove_file(&disk, Path::new("/data/wal/00000000")).unwrap();
    let parts = parts(&disk);
    let registry = parts.registry.clone();
    let db = Db::open(parts, Path::new(PATH), settings).unwrap();
    assert_eq!(found(&db), []);
    let families = registry.gather();
    let unknown = families.iter().find(|family| family.name.ends_with("wal_replay_unknown_refs_total"));
    let counts: Vec<(&str, telemetry::Value)> = unknown
        .unwrap()
        .metrics
        .iter()
        .map(|metric| (metric.labels[0].1.as_str(), metric.value.clone()))
        .collect();
    assert!(counts.contains(&("exemplars", telemetry::Value::Counter(1.0))), "{counts:?}");
}
