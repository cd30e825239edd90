//! A disk that fills up: the store refuses samples in time, goes on by itself, and nothing on disk is damaged.

use std::path::Path;

use model::Matcher;
use platform::FileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use storage::{AppendOptions, Appendable, Error, TimeRange};
use tsdb::{Db, Settings};

use crate::fixture::{PATH, labels, open_with};

const KIB: u64 = 1024;

fn settings() -> Settings {
    Settings { disk_reserve_bytes: Some(8 * KIB), ..Settings::default() }
}

fn append(db: &Db, time: i64) -> Result<(), Error> {
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&labels(&[("__name__", "a"), ("x", &"y".repeat(200))]))?;
    appender.append(series, time, 0, time as f64)?;
    appender.commit()
}

fn taken(db: &Db) -> Vec<i64> {
    let found = crate::fixture::select(db, &[Matcher::equal("__name__", "a")], TimeRange::ALL);
    found.into_iter().flat_map(|(_, samples)| samples).map(|(time, _)| time).collect()
}

/// What the files take.
fn used(disk: &SimulatedFileSystem) -> u64 {
    let space = disk.space(Path::new(PATH)).unwrap();
    space.total - space.available
}

#[test]
fn samples_are_refused_below_the_reserve_and_taken_again_when_there_is_room() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    append(&db, 1000).unwrap();
    // The reserve is at most a twentieth of the whole.
    disk.set_capacity(Some(used(&disk) + 400 * KIB));
    db.sync().unwrap();
    append(&db, 2000).unwrap();
    let filler = Path::new("/filler");
    let mut file = disk.create(filler).unwrap();
    file.append(&vec![0; 395 * KIB as usize]).unwrap();
    db.sync().unwrap();
    let error = append(&db, 3000).unwrap_err();
    let Error::Unavailable(text) = &error else { panic!("{error:?}") };
    assert!(text.starts_with("no samples are taken: ") && text.ends_with(" are kept in reserve"), "{text}");
    assert_eq!(taken(&db), [1000, 2000]);
    // A little more room than the reserve is needed: not now yes, now no.
    file.truncate(391 * KIB).unwrap();
    db.sync().unwrap();
    append(&db, 4000).unwrap_err();
    file.truncate(0).unwrap();
    db.sync().unwrap();
    append(&db, 5000).unwrap();
    assert_eq!(taken(&db), [1000, 2000, 5000]);
    drop(db);
    assert_eq!(taken(&open_with(&disk.process_image(), settings())), [1000, 2000, 5000]);
}

#[test]
fn without_a_reserve_a_full_disk_refuses_what_does_not_fit_and_damages_nothing() {
    let settings = || Settings { disk_reserve_bytes: None, ..Settings::default() };
    for room in (0..3 * KIB).step_by(101) {
        let disk = SimulatedFileSystem::new();
        let db = open_with(&disk, settings());
        append(&db, 1000).unwrap();
        disk.set_capacity(Some(used(&disk) + room));
        let mut acknowledged = vec![1000];
        for time in (2000..=20_000).step_by(1000) {
            match append(&db, time) {
                Ok(()) => acknowledged.push(time),
                Err(error) => assert!(matches!(error, Error::Unavailable(_)), "{error:?}"),
            }
            let _ = db.sync();
        }
        let _ = db.maintain();
        assert_eq!(taken(&db), acknowledged);
        let image = disk.process_image();
        image.set_capacity(None);
        assert_eq!(taken(&open_with(&image, settings())), acknowledged, "room {room}");
        disk.set_capacity(None);
        append(&db, 30_000).unwrap();
        acknowledged.push(30_000);
        db.close().unwrap();
        assert_eq!(taken(&open_with(&disk, settings())), acknowledged, "room {room}");
    }
}

#[test]
fn a_log_that_cannot_be_written_refuses_samples_until_it_can() {
    for kind in [FaultKind::Io, FaultKind::NoSpace] {
        for operation in [Operation::Append, Operation::Sync, Operation::Create] {
            let disk = SimulatedFileSystem::new();
            let db = open_with(&disk, settings());
            append(&db, 1000).unwrap();
            db.sync().unwrap();
            disk.inject(Fault::always(operation, kind).on("wal/"));
            let first = append(&db, 2000);
            let synced = db.sync();
            assert!(operation == Operation::Create || first.is_err() || synced.is_err(), "{operation:?}");
            let second = append(&db, 3000);
            disk.clear_faults();
            append(&db, 4000).unwrap();
            let mut expected = vec![1000, 2000, 3000, 4000];
            expected.retain(|time| match time {
                2000 => first.is_ok(),
                3000 => second.is_ok(),
                _ => true,
            });
            assert_eq!(taken(&db), expected, "{operation:?}");
            db.close().unwrap();
            assert_eq!(taken(&open_with(&disk, settings())), expected, "{operation:?}");
        }
    }
}
