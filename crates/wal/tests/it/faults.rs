//! The log on disks that fail, fill up, or lose what was not synced.

use std::path::Path;

use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use wal::{Batch, Compression, Keep, Log, Settings, last_checkpoint, write_checkpoint};

use crate::{parts, read_all};

const FOLDER: &str = "/data/wal";

fn batch(number: u8) -> Batch {
    let mut batch = Batch::new(Compression::None);
    batch.push(&[number; 20_000]).unwrap();
    batch.push(&[number; 10]).unwrap();
    batch
}

fn small() -> Settings {
    Settings { segment_bytes: 96 * 1024, compression: Compression::None, ..Settings::default() }
}

#[test]
fn a_failed_write_leaves_nothing_and_the_next_one_goes_on() {
    for short in [0, 3, 20_000] {
        let disk = SimulatedFileSystem::new();
        let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), Settings::default()).unwrap();
        log.append(&batch(1)).unwrap();
        disk.inject(Fault::nth(Operation::Append, 0, FaultKind::NoSpace).writing(short));
        let error = log.append(&batch(2)).unwrap_err();
        assert!(error.to_string().starts_with("write /data/wal/00000000: No space left"), "{error}");
        log.append(&batch(3)).unwrap();
        let (records, damages) = read_all(&disk, Path::new(FOLDER));
        assert_eq!(damages, []);
        assert_eq!(records.iter().map(|record| record[0]).collect::<Vec<_>>(), [1, 1, 3, 3]);
    }
}

#[test]
fn a_write_that_cannot_be_taken_back_ends_its_segment() {
    let disk = SimulatedFileSystem::new();
    let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), Settings::default()).unwrap();
    log.append(&batch(1)).unwrap();
    disk.inject(Fault::nth(Operation::Append, 0, FaultKind::Io).writing(100));
    disk.inject(Fault::nth(Operation::Truncate, 0, FaultKind::Io));
    log.append(&batch(2)).unwrap_err();
    log.append(&batch(3)).unwrap();
    assert_eq!(log.position().segment, 1);
    let (records, damages) = read_all(&disk, Path::new(FOLDER));
    assert_eq!(damages.len(), 1);
    assert_eq!(records.iter().map(|record| record[0]).collect::<Vec<_>>(), [1, 1, 3, 3]);
}

#[test]
fn writing_resumes_when_a_full_disk_has_room_again() {
    let disk = SimulatedFileSystem::new();
    let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), small()).unwrap();
    disk.set_capacity(Some(150_000));
    let written: Vec<u8> = (0..20).filter(|number| log.append(&batch(*number)).is_ok()).collect();
    assert!(written.len() < 20 && !written.is_empty());
    disk.set_capacity(None);
    log.append(&batch(99)).unwrap();
    let (records, damages) = read_all(&disk, Path::new(FOLDER));
    assert_eq!(damages, []);
    let expected = written.iter().copied().chain([99]).flat_map(|number| [number; 2]);
    assert_eq!(records.iter().map(|record| record[0]).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

/// At every operation of a run the process ends: what was acknowledged is read, before and after a restart. The
/// same for the machine with what was synced.
#[test]
fn acknowledged_records_survive_a_crash_at_every_operation() {
    let run = |disk: &SimulatedFileSystem| {
        let (mut acknowledged, mut synced) = (0, 0);
        let Ok(mut log) = Log::open(parts(disk.clone()), Path::new(FOLDER), small()) else { return (0, 0) };
        for number in 0..12 {
            if log.append(&batch(number)).is_ok() {
                acknowledged = number + 1;
            }
            if number % 3 == 2 && log.sync().is_ok() {
                synced = acknowledged;
            }
        }
        (acknowledged, synced)
    };
    let whole = SimulatedFileSystem::new();
    assert_eq!(run(&whole), (12, 12));
    for stop in 0..whole.operation_count() {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let (acknowledged, synced) = run(&disk);
        let check = |image: &SimulatedFileSystem, certain: u8| {
            let (records, _) = read_all(image, Path::new(FOLDER));
            let numbers: Vec<u8> = records.iter().map(|record| record[0]).collect();
            assert!(numbers.len() >= 2 * usize::from(certain), "stop {stop}: {numbers:?}");
            let expected: Vec<u8> = (0..certain).flat_map(|number| [number; 2]).collect();
            assert!(numbers.starts_with(&expected), "stop {stop}: {numbers:?}");
            let mut log = Log::open(parts(image.clone()), Path::new(FOLDER), small()).unwrap();
            log.append(&batch(77)).unwrap();
            assert_eq!(read_all(image, Path::new(FOLDER)).0.last().unwrap()[0], 77);
        };
        check(&disk.process_image(), acknowledged);
        for seed in 0..8 {
            check(&disk.crash_image(seed), synced);
        }
    }
}

/// A checkpoint interrupted anywhere leaves the segments in force, or is complete.
#[test]
fn a_checkpoint_appears_complete_or_not_at_all() {
    let prepare = || {
        let disk = SimulatedFileSystem::new();
        let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), small()).unwrap();
        for number in 0..6u64 {
            let mut series = wal::record::SeriesEncoder::default();
            series.push(model::SeriesRef(number), [("a", "b")].into_iter());
            let mut batch = Batch::new(Compression::None);
            batch.push(series.bytes()).unwrap();
            log.append(&batch).unwrap();
            log.next_segment().unwrap();
        }
        disk
    };
    let keep = Keep { series: &|series| series.0 != 2, min_time: 0 };
    let run = |disk: &SimulatedFileSystem| {
        write_checkpoint(&parts(disk.clone()), Path::new(FOLDER), 0..=3, small(), &keep)
    };
    let whole = prepare();
    let before = whole.operation_count();
    let stats = run(&whole).unwrap();
    assert_eq!((stats.series, stats.series_dropped), (4, 1));
    for stop in before..whole.operation_count() {
        let disk = prepare();
        disk.stop_at(stop);
        run(&disk).unwrap_err();
        for image in [disk.process_image(), disk.crash_image(stop)] {
            if let Some(checkpoint) = last_checkpoint(&image, Path::new(FOLDER)).unwrap() {
                let (records, damages) = read_all(&image, &checkpoint.path);
                assert_eq!((records.len(), damages), (3, vec![]), "stop {stop}");
            }
            wal::remove_leftovers(&image, Path::new(FOLDER)).unwrap();
            run(&image).unwrap();
            let checkpoint = last_checkpoint(&image, Path::new(FOLDER)).unwrap().unwrap();
            assert_eq!(read_all(&image, &checkpoint.path).0.len(), 3);
        }
    }
}
