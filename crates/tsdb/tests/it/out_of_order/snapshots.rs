//! Chunk snapshots and late samples: a snapshot stands for the log of what came in order, never for the other one.

use std::path::Path;

use model::Matcher;
use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::TimeRange;
use tsdb::Settings;

use super::{Content, MINUTE, content, fill, minutes, names, settings};
use crate::fixture::{PATH, open_with};

/// One range that takes all, and snapshots whenever there is anything new.
fn with_snapshots() -> Settings {
    let range = std::time::Duration::from_hours(10);
    Settings {
        block_duration_min: range,
        block_duration_max: range,
        snapshot_log_bytes: Some(1),
        ..settings()
    }
}

/// What a start finds in a copy of the disk whose log has nothing of what the snapshot stands for.
fn found_with_the_rest_of_the_log(disk: &SimulatedFileSystem) -> Content {
    let image = disk.process_image();
    let mut snapshots = names(&image, "");
    snapshots.retain(|name| name.starts_with("chunk_snapshot."));
    assert_eq!(snapshots.len(), 1, "{snapshots:?}");
    let segment: u32 = snapshots[0].split('.').nth(1).unwrap().parse().unwrap();
    let covered = wal::segments(&image, &Path::new(PATH).join("wal")).unwrap();
    let covered: Vec<_> = covered.into_iter().filter(|old| old.number < segment).collect();
    assert!(!covered.is_empty());
    covered.iter().for_each(|old| image.remove_file(&old.path).unwrap());
    content(&open_with(&image, with_snapshots()))
}

#[test]
fn late_samples_come_back_beside_a_snapshot() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, with_snapshots());
    fill(&db, "a", [200, 201, 202]);
    // More than one chunk takes, so that files hold some; and a series that has late ones alone.
    fill(&db, "a", (100..150).rev());
    fill(&db, "only_late", [130, 120]);
    db.sync().unwrap();
    db.maintain().unwrap();
    fill(&db, "a", [203, 160, 155]);
    fill(&db, "later", [140, 135]);
    let before = content(&db);
    assert_eq!(minutes(&db, "a").len(), 56);

    // A crash, with a snapshot from in between, and without.
    assert_eq!(content(&open_with(&disk.process_image(), with_snapshots())), before);
    let without = disk.process_image();
    for name in names(&disk, "").iter().filter(|name| name.starts_with("chunk_snapshot.")) {
        without.remove_dir_all(&Path::new(PATH).join(name)).unwrap();
    }
    assert_eq!(content(&open_with(&without, with_snapshots())), before);
    assert_eq!(found_with_the_rest_of_the_log(&disk), before);

    // A clean stop.
    db.close().unwrap();
    assert_eq!(found_with_the_rest_of_the_log(&disk), before);

    // What comes and goes behind it is known after a crash.
    let db = open_with(&disk, with_snapshots());
    assert_eq!(content(&db), before);
    fill(&db, "a", [204, 99]);
    let deleted = TimeRange::new(110 * MINUTE, 119 * MINUTE);
    db.delete(deleted, &[Matcher::equal("__name__", "a")]).unwrap();
    assert_eq!(minutes(&db, "a").len(), 48);
    let after = content(&db);
    assert_eq!(found_with_the_rest_of_the_log(&disk), after);
    db.maintain().unwrap();
    assert_eq!(found_with_the_rest_of_the_log(&disk), after);
}
