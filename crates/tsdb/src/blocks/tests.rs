//! Blocks come, are merged, and go.

use std::path::Path;
use std::sync::Arc;

use index::SymbolSet;
use model::{Labels, Matcher};
use platform::FileSystem;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use storage::{Queryable, SampleColumns, SelectHints, TimeRange};
use telemetry::Registry;

use super::{Blocks, BlocksSettings};
use crate::block::recode::{Sample, Value, encode};
use crate::block::{BlockMeta, BlockWriter, BlockWriterSettings, Ulid};
use crate::compaction::PlanSettings;
use crate::retention::RetentionSettings;

const PATH: &str = "/data";

fn settings() -> BlocksSettings {
    BlocksSettings {
        compaction: PlanSettings { ranges: vec![100, 300, 900], overlapping: true },
        retention: RetentionSettings::default(),
        writer: BlockWriterSettings::default(),
    }
}

fn open_with(disk: &SimulatedFileSystem, settings: BlocksSettings) -> Blocks {
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let clock = Arc::new(SimulatedClock::new(1_000_000));
    let registry = Registry::with_time(|| std::time::Duration::ZERO);
    Blocks::open(fs, clock, &registry, Path::new(PATH), settings, &Arc::default()).unwrap()
}

fn open(disk: &SimulatedFileSystem) -> Blocks {
    open_with(disk, settings())
}

fn disk() -> SimulatedFileSystem {
    let disk = SimulatedFileSystem::new();
    disk.create_dir_all_synced(Path::new(PATH)).unwrap();
    disk
}

/// Writes a block with a sample every 10 ms of each of three series.
fn write(disk: &SimulatedFileSystem, number: u64, start: i64, end: i64) -> Ulid {
    let texts = ["__name__", "a", "b", "c"];
    let meta = BlockMeta::new(Ulid::new(number), start, end);
    let ulid = meta.ulid;
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let symbols = SymbolSet::from_texts(texts);
    let mut writer =
        BlockWriter::create(fs, Path::new(PATH), meta, symbols, BlockWriterSettings::default()).unwrap();
    let sample = |timestamp| Sample { timestamp, start: 0, value: Value::Float(timestamp as f64) };
    let samples: Vec<Sample> = (start..end).step_by(10).map(sample).collect();
    for name in &texts[1..] {
        let labels = Labels::from_pairs([("__name__", *name)]);
        writer.add_series(&labels, &encode(&samples).unwrap()).unwrap();
    }
    writer.finish().unwrap();
    ulid
}

fn timestamps(blocks: &Blocks, name: &str) -> Vec<i64> {
    let querier = blocks.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[Matcher::equal("__name__", name)], &SelectHints::default()).unwrap();
    let mut columns = SampleColumns::new();
    for position in 0..set.len() {
        set.read(position, TimeRange::ALL, &mut columns).unwrap();
    }
    columns.timestamps
}

fn compact_all(blocks: &Blocks) -> usize {
    let mut count = 0;
    while blocks.compact_next(0, &|_| false, &mut |_: u64| true).unwrap() {
        count += 1;
        assert!(count < 100, "compaction does not end");
    }
    count
}

fn names(disk: &SimulatedFileSystem) -> Vec<String> {
    disk.list(Path::new(PATH)).unwrap().into_iter().map(|entry| entry.name).collect()
}

#[test]
fn blocks_are_merged_until_nothing_is_left_to_do() {
    let disk = disk();
    for number in 0..10 {
        write(&disk, number, number as i64 * 100, number as i64 * 100 + 100);
    }
    let blocks = open(&disk);
    assert_eq!(compact_all(&blocks), 4);
    let ranges: Vec<(i64, i64)> = blocks.metas().iter().map(|meta| (meta.min_time, meta.max_time)).collect();
    assert_eq!(ranges, [(0, 900), (900, 1000)]);
    assert_eq!(blocks.metas()[0].compaction.level, 3);
    assert_eq!(blocks.metas()[0].compaction.sources.len(), 9);
    assert_eq!(names(&disk).len(), 2);
    assert_eq!(timestamps(&blocks, "b"), (0..1000).step_by(10).collect::<Vec<i64>>());
    assert_eq!((blocks.min_time(), blocks.max_time()), (Some(0), Some(1000)));
    // And after a restart.
    assert_eq!(timestamps(&open(&disk), "c"), (0..1000).step_by(10).collect::<Vec<i64>>());
}

#[test]
fn overlapping_blocks_are_read_as_one_and_merged() {
    let disk = disk();
    write(&disk, 1, 0, 100);
    write(&disk, 2, 50, 150);
    let blocks = open(&disk);
    let expected: Vec<i64> = (0..150).step_by(10).collect();
    assert_eq!(timestamps(&blocks, "a"), expected);
    assert_eq!(compact_all(&blocks), 1);
    assert_eq!(timestamps(&blocks, "a"), expected);
    assert_eq!(blocks.metas().len(), 1);
}

#[test]
fn blocks_held_back_stay() {
    let disk = disk();
    let first = write(&disk, 1, 0, 100);
    write(&disk, 2, 50, 150);
    let blocks = open(&disk);
    assert!(!blocks.compact_next(0, &|ulid| ulid == first, &mut |_: u64| true).unwrap());
    assert_eq!(blocks.metas().len(), 2);
}

#[test]
fn what_is_deleted_is_gone_from_queries_and_then_from_the_disk() {
    let disk = disk();
    write(&disk, 1, 0, 100);
    write(&disk, 2, 100, 200);
    let blocks = open(&disk);
    blocks.delete(TimeRange::new(50, 149), &[Matcher::equal("__name__", "a")]).unwrap();
    blocks.delete(TimeRange::ALL, &[Matcher::equal("__name__", "b")]).unwrap();
    let left: Vec<i64> = (0..50).chain(150..200).step_by(10).collect();
    let check = |blocks: &Blocks| {
        assert_eq!(timestamps(blocks, "a"), left);
        assert_eq!(timestamps(blocks, "b"), [0; 0]);
        assert_eq!(timestamps(blocks, "c").len(), 20);
    };
    check(&blocks);
    check(&open(&disk));
    let before: Vec<Ulid> = blocks.metas().iter().map(|meta| meta.ulid).collect();
    blocks.clean_tombstones(0, &mut |_: u64| true).unwrap();
    check(&blocks);
    for meta in blocks.metas() {
        assert!(!before.contains(&meta.ulid));
        assert_eq!((meta.stats.num_tombstones, meta.stats.num_series), (0, 2));
    }
    assert_eq!(names(&disk).len(), 2);
    blocks.delete(TimeRange::ALL, &[]).unwrap();
    blocks.clean_tombstones(0, &mut |_: u64| true).unwrap();
    assert_eq!(names(&disk), [""; 0]);
}

#[test]
fn old_blocks_are_removed_and_open_queries_go_on() {
    let disk = disk();
    for number in 0..5 {
        write(&disk, number, number as i64 * 100, number as i64 * 100 + 100);
    }
    let blocks = open(&disk);
    let querier = blocks.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[Matcher::equal("__name__", "a")], &SelectHints::default()).unwrap();
    blocks.apply(BlocksSettings {
        retention: RetentionSettings { duration_ms: Some(250), bytes: None },
        ..settings()
    });
    blocks.reload(0).unwrap();
    assert_eq!(blocks.min_time(), Some(200));
    assert_eq!(names(&disk).len(), 3);
    let mut columns = SampleColumns::new();
    set.read(0, TimeRange::ALL, &mut columns).unwrap();
    assert_eq!(columns.timestamps.len(), 50);
}

#[test]
fn a_damaged_block_is_set_aside_and_the_rest_serves() {
    let disk = disk();
    let damaged = write(&disk, 1, 0, 100);
    write(&disk, 2, 100, 200);
    let index = Path::new(PATH).join(damaged.to_string()).join("index");
    disk.damage(&index, |bytes| bytes.truncate(100)).unwrap();
    for _ in 0..2 {
        let blocks = open(&disk);
        assert_eq!(timestamps(&blocks, "a").len(), 10);
        assert!(names(&disk).contains(&format!("{damaged}.damaged")), "{:?}", names(&disk));
    }
    let disk = self::disk();
    let damaged = write(&disk, 1, 0, 100);
    disk.remove_file(&Path::new(PATH).join(damaged.to_string()).join("meta.json")).unwrap();
    let blocks = open(&disk);
    let told = blocks.damaged();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].ulid, damaged);
    assert!(told[0].is_set_aside && told[0].reason.contains("meta.json"), "{told:?}");
}

#[test]
fn a_damaged_block_that_another_replaces_is_removed() {
    let disk = disk();
    let parent = write(&disk, 1, 0, 100);
    let blocks = open(&disk);
    blocks.delete(TimeRange::new(0, 10), &[]).unwrap();
    // A crash between the new block and the removal of the old one.
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let sources = blocks.all();
    let go_on = &mut |_: u64| true;
    let settings = BlockWriterSettings::default();
    let made = Ulid::new(77);
    crate::compaction::compact(&fs, Path::new(PATH), &sources, made, settings, go_on).unwrap();
    let index = Path::new(PATH).join(parent.to_string()).join("index");
    disk.damage(&index, |bytes| bytes.clear()).unwrap();
    let blocks = open(&disk);
    assert_eq!(names(&disk), [made.to_string()]);
    assert_eq!(timestamps(&blocks, "a").len(), 8);
    assert_eq!(blocks.damaged(), []);
}

#[test]
fn unfinished_folders_are_removed_and_unknown_ones_left() {
    let disk = disk();
    let ulid = Ulid::new(1);
    let unfinished =
        [format!("{ulid}.tmp-for-creation"), format!("{ulid}.tmp-for-deletion"), format!("{ulid}.tmp")];
    let unknown = ["chunks_head", "lock.tmp", "snapshots", "wal"];
    for name in unfinished.iter().map(String::as_str).chain(unknown) {
        disk.create_dir_all(&Path::new(PATH).join(name)).unwrap();
    }
    open(&disk);
    assert_eq!(names(&disk), unknown);
}

#[test]
fn a_snapshot_is_a_folder_of_whole_blocks() {
    let disk = disk();
    write(&disk, 1, 0, 100);
    write(&disk, 2, 100, 200);
    let blocks = open(&disk);
    blocks.snapshot(Path::new("/data/snapshots/one")).unwrap();
    blocks.delete(TimeRange::ALL, &[]).unwrap();
    blocks.clean_tombstones(0, &mut |_: u64| true).unwrap();
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let clock = Arc::new(SimulatedClock::new(0));
    let registry = Registry::with_time(|| std::time::Duration::ZERO);
    let copy =
        Blocks::open(fs, clock, &registry, Path::new("/data/snapshots/one"), settings(), &Arc::default())
            .unwrap();
    assert_eq!(timestamps(&copy, "a").len(), 20);
}

#[test]
fn a_crash_at_any_operation_of_a_compaction_loses_nothing() {
    let prepared = || {
        let disk = disk();
        for number in 0..4 {
            write(&disk, number, number as i64 * 100, number as i64 * 100 + 100);
        }
        disk
    };
    let whole = prepared();
    let before = whole.operation_count();
    compact_all(&open(&whole));
    let operations = whole.operation_count();
    let expected: Vec<i64> = (0..400).step_by(10).collect();
    assert!(operations - before > 20);
    for number in before..=operations {
        for seed in 0..2 {
            let disk = prepared();
            let blocks = open(&disk);
            disk.stop_at(number);
            let _ = blocks.compact_next(0, &|_| false, &mut |_: u64| true);
            let image = disk.crash_image(seed);
            let blocks = open(&image);
            assert_eq!(timestamps(&blocks, "a"), expected, "operation {number} seed {seed}");
            assert_eq!(blocks.damaged(), []);
            compact_all(&blocks);
            assert_eq!(timestamps(&blocks, "a"), expected, "operation {number} seed {seed}");
        }
    }
}
