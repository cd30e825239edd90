//! Blocks of the data directory, and queries over blocks and head.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chunks::{Encoding, XorAppender};
use index::SymbolSet;
use model::Matcher;
use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, Error, Queryable, TimeRange};
use tsdb::Settings;
use tsdb::block::{BlockMeta, BlockWriter, BlockWriterSettings, Chunk, Parent, Ulid};

use crate::fixture::{PATH, append, labels, open, open_with, samples, select};

const HOUR: i64 = 3_600_000;

/// Writes a block of one series `name` with a sample every minute of `[start, end)`.
pub(crate) fn write_block(
    disk: &SimulatedFileSystem,
    name: &str,
    start: i64,
    end: i64,
    parents: &[Ulid],
) -> Ulid {
    let ulid = Ulid::new(end as u64);
    let mut meta = BlockMeta::new(ulid, start, end);
    meta.compaction.parents =
        parents.iter().map(|ulid| Parent { ulid: *ulid, min_time: start, max_time: end }).collect();
    let labels = labels(&[("__name__", name)]);
    let mut symbols = SymbolSet::default();
    labels.iter().for_each(|(name, value)| {
        symbols.insert(name);
        symbols.insert(value);
    });
    disk.create_dir_all(Path::new(PATH)).unwrap();
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let mut writer =
        BlockWriter::create(fs, Path::new(PATH), meta, symbols, BlockWriterSettings::default()).unwrap();
    let mut data = Vec::new();
    let mut appender = XorAppender::new(&mut data);
    let times: Vec<i64> = (start..end).step_by(60_000).collect();
    times.iter().for_each(|time| appender.append(&mut data, *time, *time as f64).unwrap());
    let (start, end) = (times[0], *times.last().unwrap());
    let chunk = Chunk { start, end, encoding: Encoding::Xor, data: Cow::Owned(data) };
    writer.add_series(&labels, &[chunk]).unwrap();
    writer.finish().unwrap().unwrap();
    ulid
}

fn folder(ulid: Ulid) -> PathBuf {
    Path::new(PATH).join(ulid.to_string())
}

#[test]
fn blocks_and_head_are_read_as_one() {
    let disk = SimulatedFileSystem::new();
    write_block(&disk, "a", 0, 2 * HOUR, &[]);
    write_block(&disk, "a", 2 * HOUR, 4 * HOUR, &[]);
    let db = open(&disk);
    assert_eq!((db.blocks().len(), db.min_time()), (2, Some(0)));
    let stats = db.head_stats(1);
    assert_eq!((stats.series, stats.min_time, stats.max_time), (0, Some(4 * HOUR), Some(4 * HOUR)));
    assert_eq!(append(&db, "a", &[(4 * HOUR - 1, 1.0)]), [Some(Error::OutOfBounds)]);
    assert_eq!(append(&db, "a", &[(4 * HOUR, 1.0), (4 * HOUR + 60_000, 2.0)]), [None, None]);
    let all = samples(&db, "a");
    assert_eq!(all.len(), 242);
    assert!(all.is_sorted_by(|a, b| a.0 < b.0));
    let part = TimeRange::new(2 * HOUR - 60_000, 2 * HOUR + 60_000);
    let found = select(&db, &[Matcher::equal("__name__", "a")], part);
    assert_eq!(found[0].1.iter().map(|(time, _)| time - 2 * HOUR).collect::<Vec<_>>(), [-60_000, 0, 60_000]);
    let names = db.querier(TimeRange::ALL).unwrap().label_values("__name__", &[], None).unwrap();
    assert_eq!(names.items, ["a"]);
}

#[test]
fn the_log_does_not_bring_back_what_stands_in_blocks() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    let settings =
        Settings { block_duration_min: std::time::Duration::from_hours(20), ..Settings::default() };
    drop(db);
    let db = open_with(&disk, settings.clone());
    append(&db, "a", &[(HOUR, 7.0), (3 * HOUR, 8.0)]);
    drop(db);
    write_block(&disk, "a", 0, 2 * HOUR, &[]);
    let db = open_with(&disk, settings);
    let all = samples(&db, "a");
    assert_eq!(all.iter().find(|(time, _)| *time == HOUR), Some(&(HOUR, HOUR as f64)));
    assert_eq!(all.last(), Some(&(3 * HOUR, 8.0)));
    assert_eq!(db.head_stats(1).min_time, Some(3 * HOUR));
}

#[test]
fn damaged_blocks_are_left_out_and_the_rest_serves() {
    let disk = SimulatedFileSystem::new();
    let ulids: Vec<Ulid> = (0..4).map(|n| write_block(&disk, "a", n * HOUR, (n + 1) * HOUR, &[])).collect();
    disk.damage(&folder(ulids[0]).join("index"), |bytes| bytes.truncate(60)).unwrap();
    disk.damage(&folder(ulids[1]).join("meta.json"), |bytes| bytes[0] = b'x').unwrap();
    disk.remove_file(&folder(ulids[2]).join("index")).unwrap();
    let db = open(&disk);
    assert_eq!(db.blocks().len(), 1);
    assert_eq!(samples(&db, "a").len(), 60);
    let damaged = db.damaged_blocks();
    assert_eq!(damaged.len(), 3);
    for block in &damaged {
        assert!(block.folder.to_string_lossy().ends_with(".damaged"), "{block:?}");
        assert!(disk.exists(&block.folder).unwrap() && !block.reason.is_empty());
    }
    db.maintain().unwrap();
    assert_eq!(db.damaged_blocks().len(), 3);
}

#[test]
fn leftovers_go_and_what_is_not_known_stays() {
    let disk = SimulatedFileSystem::new();
    let ulid = write_block(&disk, "a", 0, HOUR, &[]);
    let at = |name: &str| Path::new(PATH).join(name);
    let leftovers =
        [format!("{ulid}.tmp-for-creation"), format!("{ulid}.tmp-for-deletion"), format!("{ulid}.tmp")];
    let strange = ["notes", "notes.tmp", "01ARZ3NDEKTSV4RRFFQ69G5FAV.old"];
    for name in leftovers.iter().map(String::as_str).chain(strange) {
        disk.create_dir_all(&at(name)).unwrap();
    }
    disk.create(&at("readme.tmp")).unwrap();
    let db = open(&disk);
    assert!(leftovers.iter().all(|name| !disk.exists(&at(name)).unwrap()));
    assert!(strange.iter().all(|name| disk.exists(&at(name)).unwrap()));
    assert!(disk.exists(&at("readme.tmp")).unwrap());
    assert_eq!(db.blocks().len(), 1);
}

#[test]
fn a_block_that_another_replaces_is_removed() {
    let disk = SimulatedFileSystem::new();
    let first = write_block(&disk, "a", 0, HOUR, &[]);
    let second = write_block(&disk, "a", 0, HOUR, &[first]);
    let db = open(&disk);
    let ulids: Vec<Ulid> = db.blocks().iter().map(|block| block.meta().ulid).collect();
    assert_eq!(ulids, [second]);
    assert!(!disk.exists(&folder(first)).unwrap());
    let third = write_block(&disk, "a", HOUR, 2 * HOUR, &[]);
    let before = db.querier(TimeRange::ALL).unwrap();
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 2);
    disk.remove_dir_all(&folder(third)).unwrap();
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 1);
    drop(before);
    drop(db.appender(AppendOptions::default()));
}

#[test]
fn maintenance_compacts_what_fills_a_range_and_removes_what_is_too_old() {
    let disk = SimulatedFileSystem::new();
    let hours = |n: i64| n * 2 * HOUR;
    for n in 0..8 {
        write_block(&disk, "a", hours(n), hours(n + 1), &[]);
    }
    let retention = Some(std::time::Duration::from_hours(7));
    let db = open_with(&disk, Settings { retention: None, ..Settings::default() });
    let before = samples(&db, "a");
    db.maintain().unwrap();
    let spans = |db: &tsdb::Db| -> Vec<(i64, i64)> {
        db.blocks().iter().map(|block| (block.meta().min_time / HOUR, block.meta().max_time / HOUR)).collect()
    };
    assert_eq!(spans(&db), [(0, 6), (6, 12), (12, 14), (14, 16)]);
    assert_eq!(samples(&db, "a"), before);
    db.close().unwrap();
    drop(db);
    let db = open_with(&disk, Settings { retention, ..Settings::default() });
    db.maintain().unwrap();
    assert_eq!(spans(&db), [(6, 12), (12, 14), (14, 16)]);
    let bytes: u64 = db.blocks().iter().map(|block| block.bytes()).sum();
    db.close().unwrap();
    drop(db);
    let settings = Settings { retention_bytes: Some(bytes - 1), ..Settings::default() };
    let db = open_with(&disk, settings);
    db.maintain().unwrap();
    assert_eq!(spans(&db), [(12, 14), (14, 16)]);
    let blocks = disk.list(Path::new(PATH)).unwrap().iter().filter(|entry| entry.name.len() == 26).count();
    assert_eq!(blocks, 2);
}
