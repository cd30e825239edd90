//! Plans by the rules of the original.

use serde_json::json;

use super::execute::merged_meta;
use super::plan::{Plan, PlanReason, PlanSettings, block_ranges, plan};
use crate::block::{BlockMeta, Ulid, hint};

/// A block of these hours; its name tells its place in the list.
fn block(number: u64, start: i64, end: i64) -> BlockMeta {
    BlockMeta::new(Ulid::new(number), start, end)
}

fn blocks(hours: &[(i64, i64)]) -> Vec<BlockMeta> {
    (0..).zip(hours).map(|(number, (start, end))| block(number, *start, *end)).collect()
}

fn settings() -> PlanSettings {
    PlanSettings { ranges: vec![2, 6, 18, 54], overlapping: true }
}

/// The places of the blocks that are planned, and why.
fn planned(blocks: &[BlockMeta]) -> Option<(Vec<u64>, PlanReason)> {
    let Plan { sources, reason } = plan(blocks, &settings())?;
    Some((sources.into_iter().map(Ulid::time_ms).collect(), reason))
}

#[test]
fn ranges_grow_threefold_up_to_the_largest() {
    assert_eq!(block_ranges(2, 100), [2, 6, 18, 54]);
    assert_eq!(block_ranges(2, 54), [2, 6, 18, 54]);
    assert_eq!(block_ranges(2, 1), [2]);
    assert_eq!(block_ranges(1, i64::MAX).len(), 10);
}

#[test]
fn blocks_that_fill_a_range_are_merged_once_another_follows() {
    assert_eq!(planned(&[]), None);
    assert_eq!(planned(&blocks(&[(0, 2)])), None);
    assert_eq!(planned(&blocks(&[(0, 2), (2, 4), (4, 6)])), None);
    assert_eq!(planned(&blocks(&[(0, 2), (2, 4), (4, 6), (6, 8)])), Some((vec![0, 1, 2], PlanReason::Level)));
    // In whatever order they are told.
    assert_eq!(planned(&blocks(&[(6, 8), (4, 6), (0, 2), (2, 4)])), Some((vec![2, 3, 1], PlanReason::Level)));
}

#[test]
fn ranges_that_are_over_are_merged_with_gaps() {
    let some = |places: &[u64]| Some((places.to_vec(), PlanReason::Level));
    assert_eq!(planned(&blocks(&[(0, 2), (4, 6), (6, 8)])), some(&[0, 1]));
    assert_eq!(planned(&blocks(&[(0, 2), (2, 4), (6, 8), (8, 10)])), some(&[0, 1]));
    assert_eq!(planned(&blocks(&[(0, 2), (2, 4), (8, 10)])), None);
    assert_eq!(planned(&blocks(&[(-6, -4), (-2, 0), (0, 2), (2, 4)])), some(&[0, 1]));
}

#[test]
fn higher_levels_follow() {
    let hours = [(0, 6), (6, 12), (12, 18), (18, 20), (20, 22)];
    assert_eq!(planned(&blocks(&hours)), Some((vec![0, 1, 2], PlanReason::Level)));
    // The lower level goes first.
    let hours = [(0, 6), (6, 12), (12, 18), (18, 20), (20, 22), (22, 24), (24, 26)];
    assert_eq!(planned(&blocks(&hours)), Some((vec![3, 4, 5], PlanReason::Level)));
    // A block that reaches over the border of a range belongs to none.
    let hours = [(0, 2), (2, 4), (4, 8), (8, 10), (10, 12), (12, 14)];
    assert_eq!(planned(&blocks(&hours)), Some((vec![0, 1], PlanReason::Level)));
}

#[test]
fn a_range_with_a_block_that_failed_is_left_alone() {
    let mut blocks = blocks(&[(0, 2), (2, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14)]);
    blocks[1].compaction.failed = true;
    assert_eq!(planned(&blocks), Some((vec![3, 4, 5], PlanReason::Level)));
}

#[test]
fn overlapping_blocks_come_first_even_the_newest() {
    let some = |places: &[u64]| Some((places.to_vec(), PlanReason::Overlap));
    assert_eq!(planned(&blocks(&[(0, 2), (1, 3)])), some(&[0, 1]));
    assert_eq!(planned(&blocks(&[(0, 2), (2, 4), (4, 6), (5, 7)])), some(&[2, 3]));
    assert_eq!(planned(&blocks(&[(0, 10), (1, 2), (3, 4), (10, 12), (11, 13)])), some(&[0, 1, 2]));
    let off = PlanSettings { overlapping: false, ..settings() };
    assert_eq!(plan(&blocks(&[(0, 2), (1, 3)]), &off), None);
}

#[test]
fn blocks_of_which_much_is_deleted_are_written_anew() {
    let mut blocks = blocks(&[(0, 18), (18, 36), (36, 38)]);
    blocks[0].stats.num_series = 100;
    blocks[0].stats.num_tombstones = 5;
    assert_eq!(planned(&blocks), None);
    blocks[0].stats.num_tombstones = 6;
    assert_eq!(planned(&blocks), Some((vec![0], PlanReason::Deleted)));
    // A small block only when nothing can be left of it; the newest never.
    let mut blocks = self::blocks(&[(0, 2), (36, 38)]);
    for block in &mut blocks {
        block.stats.num_series = 10;
        block.stats.num_tombstones = 9;
    }
    assert_eq!(planned(&blocks), None);
    blocks[1].stats.num_tombstones = 10;
    assert_eq!(planned(&blocks), None);
    blocks[0].stats.num_tombstones = 10;
    assert_eq!(planned(&blocks), Some((vec![0], PlanReason::Deleted)));
}

#[test]
fn blocks_of_different_origin_are_not_mixed() {
    let mut blocks = blocks(&[(0, 2), (1, 2), (2, 4), (3, 4)]);
    for place in [1, 3] {
        blocks[place].compaction.hints = vec![hint::FROM_STALE_SERIES.to_owned()];
    }
    assert_eq!(planned(&blocks), None);
    // Late samples belong to those that were in time.
    blocks[1].compaction.hints = vec![hint::FROM_OUT_OF_ORDER.to_owned()];
    assert_eq!(planned(&blocks), Some((vec![0, 1], PlanReason::Overlap)));
}

#[test]
fn a_merged_block_says_what_it_was_made_of() {
    let mut sources = blocks(&[(0, 2), (2, 6)]);
    sources[1].compaction.level = 2;
    sources[1].compaction.sources = vec![Ulid::new(9), sources[0].ulid];
    for (meta, extra) in sources.iter_mut().zip([1, 2]) {
        meta.compaction.hints = vec![hint::FROM_STALE_SERIES.to_owned()];
        meta.extensions.insert("thanos".to_owned(), json!({"labels": {}}));
        meta.extensions.insert("other".to_owned(), json!(extra));
    }
    let meta = merged_meta(&sources, Ulid::new(100)).unwrap();
    assert_eq!((meta.min_time, meta.max_time, meta.compaction.level), (0, 6, 3));
    assert_eq!(meta.compaction.sources.len(), 2);
    let parents: Vec<Ulid> = meta.compaction.parents.iter().map(|parent| parent.ulid).collect();
    assert_eq!(parents, [sources[0].ulid, sources[1].ulid]);
    assert!(meta.has_hint(hint::FROM_STALE_SERIES));
    assert_eq!(meta.extensions.keys().collect::<Vec<_>>(), ["thanos"]);
}

#[test]
fn late_samples_of_a_time_that_the_head_has_are_not_mixed_with_others() {
    let late = |mut block: BlockMeta| {
        block.compaction.hints = vec![hint::FROM_OUT_OF_ORDER.to_owned()];
        block
    };
    let [first, second, third, fourth] =
        [(0, 0, 2), (1, 2, 4), (2, 4, 6), (3, 6, 8)].map(|(n, a, b)| block(n, a, b));
    let level = Some((vec![0, 1, 2], PlanReason::Level));
    let of =
        |blocks: &[&BlockMeta]| planned(&blocks.iter().map(|block| (*block).clone()).collect::<Vec<_>>());
    assert_eq!(of(&[&first, &second, &third, &fourth]), level);
    // In order are the samples up to 4 alone: a block up to 6 would hide what the log has from there on.
    assert_eq!(of(&[&first, &second, &late(third.clone()), &late(fourth.clone())]), None);
    assert_eq!(of(&[&block(4, 0, 3), &late(second.clone())]), None);
    // Late ones among themselves, and once blocks have come as far.
    let twice = [&first, &late(second.clone()), &late(block(4, 2, 4)), &late(third.clone())];
    assert_eq!(of(&twice), Some((vec![1, 4], PlanReason::Overlap)));
    assert_eq!(of(&[&first, &late(second), &late(third), &fourth]), level);
}
