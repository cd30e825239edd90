//! Copies of the samples as blocks, and deleted samples that leave the disk.

use std::path::{Path, PathBuf};

use model::Matcher;
use platform::FileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use storage::{AppendOptions, Appendable, TimeRange};
use tsdb::{Db, Settings};

use crate::directory::write_block;
use crate::fixture::{PATH, append, labels, open, parts, samples};

const HOUR: i64 = 3_600_000;

fn copy_path(name: &str) -> PathBuf {
    Path::new(PATH).join("snapshots").join(name)
}

fn open_copy(disk: &SimulatedFileSystem, name: &str) -> Db {
    let image = disk.process_image();
    Db::open(parts(&image), &copy_path(name), Settings::default()).unwrap()
}

/// A block of a, and a and b in the head.
fn filled(disk: &SimulatedFileSystem) -> Db {
    write_block(disk, "a", 0, 2 * HOUR, &[]);
    let db = open(disk);
    append(&db, "a", &[(2 * HOUR, 1.0), (2 * HOUR + 1000, 2.0)]);
    append(&db, "b", &[(2 * HOUR + 2000, 3.0)]);
    db
}

#[test]
fn a_copy_holds_blocks_and_what_is_committed_of_the_head() {
    let disk = SimulatedFileSystem::new();
    let db = filled(&disk);
    let mut uncommitted = db.appender(AppendOptions::default());
    let series = uncommitted.series(&labels(&[("__name__", "b")])).unwrap();
    uncommitted.append(series, 2 * HOUR + 3000, 0, 4.0).unwrap();
    db.snapshot("one", true).unwrap();
    db.snapshot("two", false).unwrap();
    uncommitted.commit().unwrap();
    let copy = open_copy(&disk, "one");
    assert_eq!(copy.blocks().len(), 2);
    assert_eq!(samples(&copy, "a"), samples(&db, "a"));
    assert_eq!(samples(&copy, "b"), [(2 * HOUR + 2000, 3.0)]);
    let head = copy.blocks()[1].meta();
    assert_eq!((head.min_time, head.max_time, head.compaction.level), (2 * HOUR, 2 * HOUR + 2001, 1));
    let copy = open_copy(&disk, "two");
    assert_eq!((copy.blocks().len(), samples(&copy, "b")), (1, vec![]));
    // Blocks that are gone stay in the copy.
    assert_eq!(samples(&copy, "a").len(), 120);
}

#[test]
fn what_is_deleted_of_the_head_is_not_copied() {
    let disk = SimulatedFileSystem::new();
    let db = filled(&disk);
    let from_here = TimeRange::new(2 * HOUR + 1000, i64::MAX);
    db.delete(from_here, &[Matcher::equal("__name__", "a")]).unwrap();
    db.delete(TimeRange::ALL, &[Matcher::equal("__name__", "b")]).unwrap();
    db.snapshot("one", true).unwrap();
    let copy = open_copy(&disk, "one");
    assert_eq!(samples(&copy, "a").len(), 121);
    assert_eq!(samples(&copy, "b"), []);
    let names = copy.blocks()[1].index().label_values_of("__name__", &[]).unwrap();
    assert_eq!(names, ["a"]);
}

#[test]
fn a_copy_of_an_empty_store_is_an_empty_folder() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    db.snapshot("one", true).unwrap();
    assert_eq!(disk.list(&copy_path("one")).unwrap(), []);
}

#[test]
fn a_copy_is_whole_or_not_there_at_any_crash_point_and_failure() {
    let whole = SimulatedFileSystem::new();
    let db = filled(&whole);
    let before = whole.operation_count();
    db.snapshot("one", true).unwrap();
    let points = whole.operation_count();
    assert!(points > before + 10);
    let names = |disk: &SimulatedFileSystem| -> Vec<String> {
        let entries = disk.list(&Path::new(PATH).join("snapshots")).unwrap_or_default();
        entries.into_iter().map(|entry| entry.name).collect()
    };
    for stop in before..points {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let db = filled(&disk);
        let written = db.snapshot("one", true).is_ok();
        for seed in 0..4 {
            let image = disk.crash_image(seed);
            drop(open(&image));
            match names(&image).as_slice() {
                [] => assert!(!written, "operation {stop}"),
                [name] if name == "one" => assert_eq!(open_copy(&image, "one").blocks().len(), 2),
                other => panic!("operation {stop}: {other:?}"),
            }
        }
    }
    for operation in [Operation::Append, Operation::HardLink, Operation::Rename, Operation::Sync] {
        let disk = SimulatedFileSystem::new();
        let db = filled(&disk);
        let fault = Fault::nth(operation, 0, FaultKind::Io);
        // A link is known by the name that there was before.
        disk.inject(if operation == Operation::HardLink { fault } else { fault.on("snapshots") });
        db.snapshot("one", true).unwrap_err();
        assert_eq!(names(&disk), Vec::<String>::new(), "{operation:?}");
        db.snapshot("one", true).unwrap();
    }
}

#[test]
fn deleted_samples_leave_the_disk() {
    let disk = SimulatedFileSystem::new();
    write_block(&disk, "a", 0, 2 * HOUR, &[]);
    write_block(&disk, "b", 2 * HOUR, 4 * HOUR, &[]);
    write_block(&disk, "a", 4 * HOUR, 6 * HOUR, &[]);
    let db = open(&disk);
    db.clean_tombstones().unwrap();
    let before: Vec<_> = db.blocks().iter().map(|block| block.meta().ulid).collect();
    db.delete(TimeRange::new(0, HOUR - 1), &[Matcher::equal("__name__", "a")]).unwrap();
    db.delete(TimeRange::ALL, &[Matcher::equal("__name__", "b")]).unwrap();
    assert_eq!(db.blocks().len(), 3);
    db.clean_tombstones().unwrap();
    let after: Vec<_> = db.blocks().iter().map(|block| block.meta().ulid).collect();
    assert_eq!(after.len(), 2);
    assert_ne!(after[0], before[0]);
    assert_eq!(after[1], before[2]);
    assert!(db.blocks().iter().all(|block| block.tombstones().is_empty()));
    assert_eq!(samples(&open(&disk.process_image()), "a").len(), 180);
}
