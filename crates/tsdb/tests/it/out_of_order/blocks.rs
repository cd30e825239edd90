//! Late samples become blocks, and leave memory, files and log.

use std::path::Path;
use std::time::Duration;

use model::Matcher;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use storage::{Queryable, SampleColumns, SelectHints, TimeRange};
use tsdb::{BlockMeta, Db, Settings};

use super::{MINUTE, commit, content, fill, minutes, names, settings};
use crate::fixture::{PATH, append, open_with, parts, samples};

/// First and last minute of the blocks, and whether their samples came out of order.
fn spans(db: &Db) -> Vec<(i64, i64, bool)> {
    let blocks = db.blocks();
    let span =
        |meta: BlockMeta| (meta.min_time / MINUTE, meta.max_time / MINUTE, meta.is_from_out_of_order());
    let mut spans: Vec<(i64, i64, bool)> = blocks.iter().map(|block| span(block.meta())).collect();
    spans.sort_unstable();
    spans
}

/// Blocks are left as they are, so that one can be looked at.
fn uncompacted() -> Settings {
    Settings { overlapping_compaction: false, block_duration_max: Duration::from_mins(10), ..settings() }
}

#[test]
fn late_samples_follow_the_heads_next_block() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, uncompacted());
    fill(&db, "a", 100..112);
    fill(&db, "a", (20..70).rev());
    fill(&db, "late", [33, 95]);
    commit(&db, &[("a", 105 * MINUTE, 1000.0)]);
    db.sync().unwrap();
    fill(&db, "a", [71]);
    db.maintain().unwrap();
    assert_eq!(spans(&db), [], "the head has written no block");
    fill(&db, "a", 112..117);
    let before = content(&db);
    let chunks = db.head_stats(1).chunks;
    db.maintain().unwrap();
    let late = |from: i64| (from, from + 10, true);
    assert_eq!(
        spans(&db),
        [late(20), late(30), late(40), late(50), late(60), late(70), late(90), (100, 110, false), late(100)]
    );
    assert_eq!(content(&db), before);
    assert_eq!(
        samples(&db, "a").iter().find(|(time, _)| *time == 105 * MINUTE),
        Some(&(105 * MINUTE, 105.0))
    );
    assert!(db.head_stats(1).chunks < chunks);
    assert_eq!(names(&disk, "wbl").len(), 1);
    for block in db.blocks().iter() {
        assert_eq!(block.meta().compaction.level, 1);
        assert!(block.meta().stats.num_samples > 0);
    }
    // A series that has nothing in order leaves with its late samples.
    db.maintain().unwrap();
    fill(&db, "a", 117..127);
    db.maintain().unwrap();
    assert_eq!(db.head_stats(1).series, 1);

    let again = open_with(&disk.process_image(), uncompacted());
    let expected = content(&db);
    assert_eq!(content(&again), expected);
    assert_eq!(minutes(&again, "a"), (20..70).chain([71]).chain(100..127).collect::<Vec<_>>());
}

#[test]
fn blocks_of_late_samples_are_merged_with_the_others() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", (0..116).filter(|minute| minute % 3 != 0));
    fill(&db, "a", (0..116).filter(|minute| minute % 3 == 0).rev());
    let expected = content(&db);
    assert_eq!(minutes(&db, "a"), (0..116).collect::<Vec<_>>());
    db.maintain().unwrap();
    let blocks = spans(&db);
    let in_order_end = blocks.iter().filter(|(_, _, late)| !late).map(|(_, end, _)| *end).max();
    assert_eq!(in_order_end, Some(100));
    assert!(blocks.iter().all(|(_, end, late)| *late == (*end > 100)), "{blocks:?}");
    assert_eq!(content(&db), expected);
    let image = disk.process_image();
    let again = open_with(&image, settings());
    assert_eq!(content(&again), expected);
    fill(&again, "a", 116..140);
    again.maintain().unwrap();
    again.maintain().unwrap();
    assert_eq!(minutes(&again, "a"), (0..140).collect::<Vec<_>>());
    assert_eq!(minutes(&open_with(&image.process_image(), settings()), "a"), (0..140).collect::<Vec<_>>());
}

#[test]
fn a_reader_keeps_late_samples_that_become_blocks() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", 100..117);
    fill(&db, "a", (20..80).rev());
    db.sync().unwrap();
    let querier = db.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[Matcher::equal("__name__", "a")], &SelectHints::default()).unwrap();
    db.maintain().unwrap();
    db.maintain().unwrap();
    let segments = names(&disk, "wbl");
    let mut columns = SampleColumns::new();
    set.read(0, TimeRange::ALL, &mut columns).unwrap();
    assert_eq!(columns.timestamps.len(), 77);
    assert_eq!(minutes(&db, "a").len(), 77);
    // More may come meanwhile.
    fill(&db, "a", [90, 19, 50]);
    drop((set, querier));
    db.maintain().unwrap();
    assert!(names(&disk, "wbl").len() < segments.len());
    let expected: Vec<i64> = (19..80).chain([90]).chain(100..117).collect();
    assert_eq!(minutes(&db, "a"), expected);
    assert_eq!(minutes(&open_with(&disk.process_image(), settings()), "a"), expected);
}

#[test]
fn what_a_reader_does_not_see_yet_stays_behind() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", 100..110);
    fill(&db, "a", [60]);
    let reader = db.querier(TimeRange::ALL).unwrap();
    fill(&db, "a", [50]);
    fill(&db, "a", 110..117);
    db.maintain().unwrap();
    drop(reader);
    db.maintain().unwrap();
    db.maintain().unwrap();
    let expected: Vec<i64> = [50, 60].into_iter().chain(100..117).collect();
    assert_eq!(minutes(&db, "a"), expected);
    assert_eq!(minutes(&open_with(&disk.process_image(), settings()), "a"), expected);
    assert_eq!(names(&disk, "wbl"), ["00000001"]);
}

#[test]
fn a_block_that_cannot_be_written_is_tried_again() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", 100..117);
    fill(&db, "a", (20..80).rev());
    let expected = content(&db);
    // The head's own block comes first.
    for nth in 0..40 {
        disk.inject(Fault::nth(Operation::Rename, nth % 5, FaultKind::Io).on("tmp-for-creation"));
        disk.inject(Fault::nth(Operation::Append, 3 + nth, FaultKind::NoSpace).on("tmp-for-creation"));
        let _ = db.maintain();
        assert_eq!(content(&db), expected);
        disk.clear_faults();
    }
    db.maintain().unwrap();
    db.maintain().unwrap();
    assert_eq!(content(&db), expected);
    assert_eq!(names(&disk, "wbl").len(), 1);
    assert_eq!(content(&open_with(&disk.process_image(), settings())), expected);
}

#[test]
fn late_samples_beyond_the_retention_go_with_their_block() {
    let disk = SimulatedFileSystem::new();
    let settings = Settings { retention: Some(Duration::from_mins(50)), ..settings() };
    let db = open_with(&disk, settings.clone());
    fill(&db, "a", 100..117);
    fill(&db, "a", [20, 75]);
    db.maintain().unwrap();
    db.maintain().unwrap();
    assert_eq!(minutes(&db, "a"), [75].into_iter().chain(100..117).collect::<Vec<_>>());
    assert_eq!(names(&disk, "wbl").len(), 1);
}

#[test]
fn files_with_late_samples_stay_as_long_as_they_are_needed() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", [100]);
    // Nothing but late samples in the first file.
    fill(&db, "a", (20..60).rev());
    db.sync().unwrap();
    drop(db);
    let db = open_with(&disk, settings());
    assert_eq!(names(&disk, "chunks_head"), ["000001"]);
    fill(&db, "a", 101..117);
    db.sync().unwrap();
    // The head leaves its files before late samples go to blocks.
    db.maintain().unwrap();
    assert_eq!(minutes(&db, "a").len(), 57);
    for round in 0..3 {
        fill(&db, "a", 117 + round * 10..127 + round * 10);
        db.sync().unwrap();
        db.maintain().unwrap();
    }
    assert!(names(&disk, "chunks_head")[0] != "000001", "{:?}", names(&disk, "chunks_head"));
    assert_eq!(append(&db, "a", &[(146 * MINUTE, 146.0)]), [None]);
    assert_eq!(minutes(&db, "a").len(), 87);
}

#[test]
fn encoded_chunks_of_all_parts_are_merged() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, uncompacted());
    fill(&db, "a", (50..117).filter(|minute| minute % 2 == 0));
    fill(&db, "a", (50..117).filter(|minute| minute % 4 == 1).rev());
    db.maintain().unwrap();
    fill(&db, "a", (50..117).filter(|minute| minute % 4 == 3).rev());
    db.sync().unwrap();
    let querier = db.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[Matcher::equal("__name__", "a")], &SelectHints::default()).unwrap();
    let encoded = set.chunks(0, TimeRange::ALL).unwrap();
    let (mut times, mut values) = (Vec::new(), Vec::new());
    for chunk in &encoded {
        let before = times.len();
        chunks::xor::decode(&chunk.data, &mut times, &mut values).unwrap();
        assert_eq!((chunk.start, chunk.end), (times[before], *times.last().unwrap()));
    }
    assert_eq!(times, (50..117).map(|minute| minute * MINUTE).collect::<Vec<_>>());
    assert_eq!(values, (50..117).map(|minute| minute as f64).collect::<Vec<_>>());
}

#[test]
fn a_copy_holds_what_came_late() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", 100..110);
    fill(&db, "a", (20..60).rev());
    fill(&db, "b", (70..75).rev());
    db.snapshot("one", true).unwrap();
    let copy = Db::open(parts(&disk.process_image()), &Path::new(PATH).join("snapshots/one"), settings());
    assert_eq!(content(&copy.unwrap()), content(&db));
}
