//! What others have noted in `meta.json` (Thanos notes where a block comes from) stays, whatever is done to the block.

use std::path::{Path, PathBuf};

use model::Matcher;
use platform::FileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use serde_json::{Value, json};
use storage::TimeRange;
use tsdb::block::Ulid;
use tsdb::{Db, Settings};

use crate::directory::write_block;
use crate::fixture::{PATH, open, open_with};

const HOUR: i64 = 3_600_000;

fn folder(ulid: Ulid) -> PathBuf {
    Path::new(PATH).join(ulid.to_string())
}

fn read(disk: &SimulatedFileSystem, folder: &Path) -> Value {
    serde_json::from_slice(&disk.read(&folder.join("meta.json"), 1 << 20).unwrap()).unwrap()
}

fn thanos() -> Value {
    json!({"labels": {"replica": "a", "cluster": "eu"}, "downsample": {"resolution": 0}, "source": "sidecar",
        "files": [{"rel_path": "index", "size_bytes": 1313}], "index_stats": {}, "extensions": null})
}

/// A block of an hour in whose file others have noted something at every level.
fn noted_block(disk: &SimulatedFileSystem, start: i64) -> Ulid {
    let ulid = write_block(disk, "a", start, start + 2 * HOUR, &[]);
    let mut meta = read(disk, &folder(ulid));
    meta["thanos"] = thanos();
    meta["x-note"] = json!([1, 2.5, "three"]);
    meta["compaction"]["x-plan"] = json!({"by": "somebody"});
    meta["stats"]["x-numTenants"] = json!(7);
    let text = serde_json::to_vec(&meta).unwrap();
    disk.write_atomic(&folder(ulid).join("meta.json"), &text).unwrap();
    ulid
}

/// `counted` says whether the figures are still those that somebody has added to.
fn assert_noted(disk: &SimulatedFileSystem, folder: &Path, counted: bool, what: &str) {
    let meta = read(disk, folder);
    assert_eq!(meta["thanos"], thanos(), "{what}");
    assert_eq!(meta["x-note"], json!([1, 2.5, "three"]), "{what}");
    assert_eq!(meta["compaction"]["x-plan"], json!({"by": "somebody"}), "{what}");
    assert_eq!(meta["stats"].get("x-numTenants"), counted.then(|| json!(7)).as_ref(), "{what}");
}

fn delete(db: &Db, first: i64, last: i64) {
    db.delete(TimeRange::new(first, last), &[Matcher::equal("__name__", "a")]).unwrap();
}

#[test]
fn notes_stay_when_something_is_deleted_and_when_it_leaves_the_disk() {
    let disk = SimulatedFileSystem::new();
    let ulid = noted_block(&disk, 0);
    let db = open(&disk);
    delete(&db, HOUR, HOUR + 600_000);
    assert_noted(&disk, &folder(ulid), true, "deletion");
    assert_eq!(read(&disk, &folder(ulid))["stats"]["numTombstones"], json!(1));
    db.snapshot("copy", false).unwrap();
    assert_noted(&disk, &Path::new(PATH).join("snapshots/copy").join(ulid.to_string()), true, "copy");
    db.clean_tombstones().unwrap();
    let clean = db.blocks()[0].meta().ulid;
    assert_ne!(clean, ulid);
    assert_noted(&disk, &folder(clean), false, "cleaning");
}

#[test]
fn notes_stay_when_a_block_is_compacted_alone_and_with_others_that_say_the_same() {
    let disk = SimulatedFileSystem::new();
    let ulid = noted_block(&disk, 0);
    noted_block(&disk, 2 * HOUR);
    let settings = || Settings { retention: None, ..Settings::default() };
    let db = open_with(&disk, settings());
    delete(&db, HOUR, HOUR + 600_000);
    db.maintain().unwrap();
    let alone = db.blocks()[0].meta();
    assert_eq!(alone.compaction.parents[0].ulid, ulid);
    assert_noted(&disk, &folder(alone.ulid), false, "compaction of one block");
    drop(db);
    for start in [4, 6] {
        noted_block(&disk, start * HOUR);
    }
    let db = open_with(&disk.process_image(), settings());
    db.maintain().unwrap();
    let merged = db.blocks()[0].meta();
    assert_eq!((merged.min_time, merged.max_time), (0, 6 * HOUR));
    assert_eq!(merged.extensions["thanos"], thanos());
}

#[test]
fn notes_stay_when_a_compaction_fails() {
    let disk = SimulatedFileSystem::new();
    let ulid = noted_block(&disk, 0);
    let db = open(&disk);
    delete(&db, 0, HOUR);
    disk.inject(Fault::always(Operation::Append, FaultKind::NoSpace).on("tmp-for-creation"));
    db.clean_tombstones().unwrap_err();
    disk.clear_faults();
    assert_noted(&disk, &folder(ulid), true, "full disk");
    let damaged = disk.process_image();
    damaged.damage(&folder(ulid).join("chunks/000001"), |bytes| bytes[40] ^= 1).unwrap();
    let other = open(&damaged);
    other.clean_tombstones().unwrap_err();
    assert_eq!(read(&damaged, &folder(ulid))["compaction"]["failed"], json!(true));
    assert_noted(&damaged, &folder(ulid), true, "damage");
}
