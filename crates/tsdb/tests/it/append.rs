//! What is taken and what is refused.

use std::path::Path;
use std::sync::Arc;

use model::{SeriesRef, stale_nan};
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use platform::{FileSystem, MemoryBudget, MemoryPart};
use storage::{AppendOptions, Appendable, Error, Queryable};
use tsdb::{Db, Settings};

use crate::fixture::{PATH, append, labels, open, open_with, parts, samples, series};

const HOUR: i64 = 3_600_000;

#[test]
fn samples_are_kept_in_order_over_many_chunks() {
    let db = open(&SimulatedFileSystem::new());
    let written: Vec<(i64, f64)> =
        (0..2000).map(|number| (number * 15_000, (number as f64).sqrt())).collect();
    assert!(append(&db, "a", &written).iter().all(Option::is_none));
    assert_eq!(samples(&db, "a"), written);
    assert!(db.head_stats(10).chunks > 15);
}

#[test]
fn repeated_samples_are_taken_and_other_values_refused() {
    let db = open(&SimulatedFileSystem::new());
    append(&db, "a", &[(1000, 1.0)]);
    assert_eq!(append(&db, "a", &[(1000, 1.0), (1000, 2.0)]), [None, Some(Error::DuplicateSample)]);
    assert_eq!(append(&db, "a", &[(1000, f64::NAN)]), [Some(Error::DuplicateSample)]);
    append(&db, "a", &[(2000, stale_nan())]);
    assert_eq!(append(&db, "a", &[(2000, stale_nan())]), [None]);
    assert_eq!(samples(&db, "a").len(), 2);
}

#[test]
fn older_samples_are_out_of_order_and_much_older_ones_out_of_bounds() {
    let db = open(&SimulatedFileSystem::new());
    append(&db, "a", &[(2 * HOUR, 1.0)]);
    assert_eq!(
        append(&db, "a", &[(2 * HOUR - 1, 1.0), (HOUR, 1.0), (HOUR - 1, 1.0)]),
        [Some(Error::OutOfOrder), Some(Error::OutOfOrder), Some(Error::OutOfBounds)]
    );
    // Another series takes what lies within half of the chunk range behind the newest sample.
    assert_eq!(append(&db, "b", &[(HOUR - 1, 1.0), (HOUR, 1.0)]), [Some(Error::OutOfBounds), None]);
}

#[test]
fn the_first_sample_of_all_sets_the_bounds() {
    let db = open(&SimulatedFileSystem::new());
    assert_eq!(append(&db, "a", &[(5 * HOUR, 1.0)]), [None]);
    let db = open(&SimulatedFileSystem::new());
    // As the original: bounds are those of the batch's first sample, whatever it holds later.
    let far: Vec<(i64, f64)> = (0..10).map(|number| (number * HOUR, 1.0)).collect();
    assert!(append(&db, "a", &far).iter().all(Option::is_none));
    assert_eq!(samples(&db, "a"), far);
}

#[test]
fn two_samples_of_one_time_in_a_batch_leave_the_first() {
    let db = open(&SimulatedFileSystem::new());
    assert_eq!(append(&db, "a", &[(1000, 1.0), (1000, 2.0), (500, 3.0)]), [None, None, None]);
    assert_eq!(samples(&db, "a"), [(1000, 1.0)]);
}

#[test]
fn unknown_references_empty_labels_and_full_heads_are_refused() {
    let settings = Settings { series_max: Some(1), ..Settings::default() };
    let db = open_with(&SimulatedFileSystem::new(), settings);
    let mut appender = db.appender(AppendOptions::default());
    assert_eq!(appender.append(SeriesRef(77), 1, 0, 1.0), Err(Error::UnknownSeries(77)));
    assert_eq!(appender.append(SeriesRef(1 << 40), 1, 0, 1.0), Err(Error::UnknownSeries(1 << 40)));
    let refused = appender.series(&labels(&[])).unwrap_err();
    assert_eq!(refused, Error::InvalidLabels("empty labelset: invalid sample".to_owned()));
    let first = appender.series(&labels(&[("a", "b")])).unwrap();
    assert_eq!(appender.series(&labels(&[("a", "b")])), Ok(first));
    assert!(matches!(appender.series(&labels(&[("a", "c")])), Err(Error::OverLimit(_))));
    appender.append(first, 1, 0, 1.0).unwrap();
    appender.commit().unwrap();
}

#[test]
fn without_memory_new_series_are_refused_and_known_ones_go_on() {
    let memory = Arc::new(MemoryBudget::new(10_000));
    let disk = SimulatedFileSystem::new();
    let parts = tsdb::Parts { memory: Arc::clone(&memory), ..parts(&disk) };
    let db = tsdb::Db::open(parts, Path::new(PATH), Settings::default()).unwrap();
    assert_eq!(append(&db, "a", &[(1000, 1.0)]), [None]);
    let held = memory.held_by(MemoryPart::Head);
    assert!(held > 500, "a series and its chunk are counted: {held}");
    // As large as the whole budget, by what the process is measured to hold.
    memory.note_measured(10_000);
    let mut appender = db.appender(AppendOptions::default());
    let refused = appender.series(&labels(&[("__name__", "b")])).unwrap_err();
    let text = "no new series are taken: 10000 of the 10000 bytes of the memory budget are taken";
    assert_eq!(refused, Error::OverLimit(text.to_owned()));
    assert_eq!(memory.refused_series(), 1);
    let known = appender.series(&labels(&[("__name__", "a")])).unwrap();
    appender.append(known, 2000, 0, 2.0).unwrap();
    appender.commit().unwrap();
    assert_eq!(samples(&db, "a"), [(1000, 1.0), (2000, 2.0)]);
    memory.note_measured(0);
    assert_eq!(append(&db, "b", &[(2000, 1.0)]), [None]);
    assert!(memory.held_by(MemoryPart::Head) > held);
}

#[test]
fn a_start_takes_all_series_of_the_log_whatever_memory_there_is() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    assert_eq!(append(&db, "a", &[(1000, 1.0)]), [None]);
    db.close().unwrap();
    drop(db);
    let memory = Arc::new(MemoryBudget::new(1));
    let parts = tsdb::Parts { memory: Arc::clone(&memory), ..parts(&disk) };
    let db = tsdb::Db::open(parts, Path::new(PATH), Settings::default()).unwrap();
    assert_eq!(samples(&db, "a"), [(1000, 1.0)]);
    assert!(memory.held_by(MemoryPart::Head) > 500);
}

#[test]
fn a_batch_that_is_given_up_leaves_no_sample() {
    let db = open(&SimulatedFileSystem::new());
    let mut appender = db.appender(AppendOptions::default());
    let reference = appender.series(&labels(&[("__name__", "a")])).unwrap();
    appender.append(reference, 1000, 0, 1.0).unwrap();
    appender.rollback().unwrap();
    drop(db.appender(AppendOptions::default()));
    assert_eq!(samples(&db, "a"), []);
    append(&db, "a", &[(900, 2.0)]);
    assert_eq!(samples(&db, "a"), [(900, 2.0)]);
}

#[test]
fn a_start_time_adds_a_zero_where_nothing_is_as_new() {
    let db = open(&SimulatedFileSystem::new());
    let reference = series(&db, "a");
    let mut appender = db.appender(AppendOptions::default());
    assert_eq!(appender.append_start_zero(reference, 1000, 1000, None), Err(Error::StartTimestampNewer));
    appender.append_start_zero(reference, 1000, 900, None).unwrap();
    appender.append(reference, 1000, 900, 5.0).unwrap();
    appender.commit().unwrap();
    assert_eq!(samples(&db, "a"), [(900, 0.0), (1000, 5.0)]);
    let mut appender = db.appender(AppendOptions::default());
    assert_eq!(appender.append_start_zero(reference, 2000, 1000, None), Err(Error::StartTimestampOutOfOrder));
}

#[test]
fn a_failed_write_keeps_nothing_and_the_labels_are_written_by_the_next() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    disk.inject(Fault::nth(Operation::Append, 0, FaultKind::NoSpace).on("/wal/"));
    let mut appender = db.appender(AppendOptions::default());
    let reference = appender.series(&labels(&[("__name__", "a")])).unwrap();
    appender.append(reference, 1000, 0, 1.0).unwrap();
    let error = appender.commit().unwrap_err();
    assert!(matches!(&error, Error::Unavailable(text) if text.starts_with("write to WAL: ")), "{error}");
    assert_eq!(samples(&db, "a"), []);
    append(&db, "a", &[(2000, 2.0)]);
    let again = open(&disk.process_image());
    assert_eq!(samples(&again, "a"), [(2000, 2.0)]);
}

#[test]
fn a_directory_has_one_user_and_tells_a_clean_end() {
    let disk = SimulatedFileSystem::new();
    let clean_start = |parts: &tsdb::Parts| {
        let families = parts.registry.gather();
        let family =
            families.into_iter().find(|family| family.name == "prometheus_tsdb_clean_start").unwrap();
        format!("{:?}", family.metrics[0].value)
    };
    let first = parts(&disk);
    let db = Db::open(first.clone(), Path::new(PATH), Settings::default()).unwrap();
    assert_eq!(clean_start(&first), "Gauge(1.0)");
    let refused = Db::open(parts(&disk), Path::new(PATH), Settings::default()).unwrap_err();
    assert_eq!(refused.to_string(), "data directory /data is in use by another process");
    db.close().unwrap();
    drop(db);

    let second = parts(&disk);
    let db = Db::open(second.clone(), Path::new(PATH), Settings::default()).unwrap();
    assert_eq!(clean_start(&second), "Gauge(1.0)");
    drop(db);
    let third = parts(&disk);
    drop(Db::open(third.clone(), Path::new(PATH), Settings::default()).unwrap());
    assert_eq!(clean_start(&third), "Gauge(0.0)");
    let unlocked = Settings { lock: false, ..Settings::default() };
    let fourth = parts(&disk);
    drop(Db::open(fourth.clone(), Path::new(PATH), unlocked).unwrap());
    assert_eq!(clean_start(&fourth), "Gauge(-1.0)");
}

/// As in the original, the chunk that is open goes on as it began.
#[test]
fn another_encoding_holds_from_the_next_chunk_on() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    let encodings = |db: &Db| -> Vec<u8> {
        let querier = db.querier(storage::TimeRange::ALL).unwrap();
        let set = querier.select(&[], &storage::SelectHints::default()).unwrap();
        set.chunks(0, storage::TimeRange::ALL).unwrap().iter().map(|chunk| chunk.encoding).collect()
    };
    let fill = |db: &Db, times: std::ops::Range<i64>| {
        times.for_each(|time| assert_eq!(append(db, "a", &[(time * 1000, time as f64)]), [None]));
    };
    fill(&db, 0..5);
    db.apply(Settings { xor2: true, ..Settings::default() }).unwrap();
    fill(&db, 5..300);
    let all = encodings(&db);
    let xor = all.iter().take_while(|encoding| **encoding == chunks::Encoding::Xor.id()).count();
    assert_eq!(xor, 1, "{all:?}");
    assert!(all[xor..].iter().all(|encoding| *encoding == chunks::Encoding::Xor2.id()), "{all:?}");
    db.apply(Settings::default()).unwrap();
    fill(&db, 300..600);
    assert_eq!(encodings(&db).last(), Some(&chunks::Encoding::Xor.id()));
    let expected: Vec<(i64, f64)> = (0..600).map(|time| (time * 1000, time as f64)).collect();
    assert_eq!(samples(&db, "a"), expected);
    assert_eq!(samples(&open_with(&disk.process_image(), Settings::default()), "a"), expected);
}

#[test]
fn appenders_move_full_chunks_to_files_where_many_wait() {
    const SERIES: usize = 2100;
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, Settings { samples_per_chunk: 4, ..Settings::default() });
    let names: Vec<String> = (0..SERIES).map(|number| format!("a{number}")).collect();
    let scrape = |time: i64| {
        let mut appender = db.appender(AppendOptions::default());
        for name in &names {
            let series = appender.series(&labels(&[("__name__", name)])).unwrap();
            appender.append(series, time, 0, time as f64).unwrap();
        }
        appender.commit().unwrap();
    };
    let in_files = || {
        let files = disk.list(&Path::new(PATH).join("chunks_head")).unwrap_or_default();
        files
            .iter()
            .map(|file| disk.metadata(&Path::new(PATH).join("chunks_head").join(&file.name)).unwrap().len)
            .sum::<u64>()
    };
    for step in 0..4 {
        scrape(step * 15_000);
    }
    let before = in_files();
    for step in 4..24 {
        scrape(step * 15_000);
    }
    // Nobody has called for a sync.
    assert!(in_files() > before + 40 * SERIES as u64, "{before} {}", in_files());
    assert_eq!(samples(&db, "a7").len(), 24);
}
