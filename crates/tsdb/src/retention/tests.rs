//! The oldest blocks go first, and never those that are needed.

use super::{RetentionSettings, Sized, plan};
use crate::block::{BlockMeta, Parent, Ulid};

/// Blocks of two hours each, oldest first, of 100 bytes each.
fn blocks(count: u64) -> Vec<Sized> {
    let block = |number: u64| {
        let start = number as i64 * 2;
        Sized { meta: BlockMeta::new(Ulid::new(number), start, start + 2), bytes: 100 }
    };
    (0..count).map(block).collect()
}

/// The positions of the blocks that are removed, by time and by size.
fn removed(blocks: &[Sized], other_bytes: u64, settings: RetentionSettings) -> (Vec<usize>, Vec<usize>) {
    let removals = plan(blocks, other_bytes, settings);
    let places = |ulids: &std::collections::BTreeSet<Ulid>| {
        (0..blocks.len()).filter(|place| ulids.contains(&blocks[*place].meta.ulid)).collect()
    };
    (places(&removals.beyond_time), places(&removals.beyond_size))
}

#[test]
fn blocks_that_end_a_retention_before_the_newest_are_removed() {
    let blocks = blocks(5);
    let by_time =
        |duration| removed(&blocks, 0, RetentionSettings { duration_ms: Some(duration), bytes: None }).0;
    assert_eq!(by_time(100), [0; 0]);
    assert_eq!(by_time(8), [0]);
    assert_eq!(by_time(7), [0]);
    assert_eq!(by_time(6), [0, 1]);
    assert_eq!(by_time(1), [0, 1, 2, 3]);
    assert_eq!(removed(&blocks, 0, RetentionSettings::default()), (vec![], vec![]));
    assert_eq!(removed(&[], 0, RetentionSettings { duration_ms: Some(1), bytes: Some(1) }), (vec![], vec![]));
}

#[test]
fn beyond_a_size_the_oldest_blocks_are_removed_and_the_log_counts() {
    let blocks = blocks(5);
    let by_size =
        |other, bytes| removed(&blocks, other, RetentionSettings { duration_ms: None, bytes: Some(bytes) }).1;
    assert_eq!(by_size(0, 500), [0; 0]);
    assert_eq!(by_size(0, 499), [0]);
    assert_eq!(by_size(150, 500), [0, 1]);
    assert_eq!(by_size(600, 500), [0, 1, 2, 3, 4]);
}

#[test]
fn both_limits_hold_and_a_block_is_removed_once() {
    let blocks = blocks(5);
    let settings = RetentionSettings { duration_ms: Some(8), bytes: Some(250) };
    assert_eq!(removed(&blocks, 0, settings), (vec![0], vec![1, 2]));
}

#[test]
fn parents_and_empty_blocks_are_removed_and_do_not_count() {
    let mut blocks = blocks(4);
    let parent = |block: &Sized| Parent { ulid: block.meta.ulid, min_time: 0, max_time: 0 };
    let parents = vec![parent(&blocks[0]), parent(&blocks[1])];
    blocks[2].meta.compaction.parents = parents;
    blocks[3].meta.compaction.deletable = true;
    let removals = plan(&blocks, 0, RetentionSettings { duration_ms: None, bytes: Some(100) });
    let superseded: Vec<bool> =
        blocks.iter().map(|block| removals.superseded.contains(&block.meta.ulid)).collect();
    assert_eq!(superseded, [true, true, false, true]);
    assert!(removals.beyond_size.is_empty());
    assert!(removals.contains(blocks[0].meta.ulid) && !removals.contains(blocks[2].meta.ulid));
}
