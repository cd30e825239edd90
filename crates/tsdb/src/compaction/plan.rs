//! Which blocks become one next.

use std::collections::BTreeMap;

use crate::block::{BlockMeta, Ulid, hint};

/// Blocks that shall become one, or one that shall be written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The blocks, by their first time.
    pub sources: Vec<Ulid>,
    /// Why.
    pub reason: PlanReason,
}

/// Why blocks shall be compacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanReason {
    /// They overlap in time.
    Overlap,
    /// Together they fill a larger range of time.
    Level,
    /// Much of the block is deleted.
    Deleted,
}

/// What plans are made by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSettings {
    /// The ranges that blocks grow through, ascending, in milliseconds; see [`block_ranges`].
    pub ranges: Vec<i64>,
    /// Whether blocks that overlap are merged.
    pub overlapping: bool,
}

/// A block with more deleted spans than this per series is written anew.
const TOMBSTONES_PER_SERIES_MAX: f64 = 0.05;
/// Each range is so many times the one before.
const RANGE_FACTOR: i64 = 3;
/// There are at most so many ranges.
const RANGES_MAX: usize = 10;

/// The ranges from `min` to `max` milliseconds that blocks grow through.
pub fn block_ranges(min: i64, max: i64) -> Vec<i64> {
    let min = min.max(1);
    let next = |range: &i64| range.checked_mul(RANGE_FACTOR).filter(|range| *range <= max);
    std::iter::successors(Some(min), next).take(RANGES_MAX).collect()
}

/// The next blocks to be compacted, `None` where all is as it should be.
///
/// Overlapping blocks come first, then those that fill a range, then those of which much is deleted. The newest
/// block is left alone but for overlaps: more may come to its range. Blocks of different origin are not mixed.
pub fn plan(blocks: &[BlockMeta], settings: &PlanSettings) -> Option<Plan> {
    let in_order = blocks.iter().filter(|block| !block.is_of_a_part());
    let in_order_end = in_order.map(|block| block.max_time).max().unwrap_or(i64::MIN);
    let mut by_origin: BTreeMap<Origin, Vec<&BlockMeta>> = BTreeMap::new();
    for block in blocks {
        by_origin.entry(Origin::of(block, in_order_end)).or_default().push(block);
    }
    by_origin.into_values().find_map(|mut blocks| {
        blocks.sort_by_key(|block| (block.min_time, block.max_time));
        plan_one_origin(&blocks, settings)
    })
}

/// Where the series of a block come from; late samples belong to those that were in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Head,
    /// Late samples of a time that the head has not left. A block of them and of others would say that blocks hold
    /// all of that time, and a start would leave out what the log has of it.
    Ahead,
    Stale,
    Selected,
}

impl Origin {
    fn of(block: &BlockMeta, in_order_end: i64) -> Self {
        if block.has_hint(hint::FROM_STALE_SERIES) {
            Self::Stale
        } else if block.has_hint(hint::FROM_SELECTED_SERIES) {
            Self::Selected
        } else if block.is_from_out_of_order() && block.max_time > in_order_end {
            Self::Ahead
        } else {
            Self::Head
        }
    }
}

/// Plans for blocks of one origin that are sorted by their first time.
fn plan_one_origin(blocks: &[&BlockMeta], settings: &PlanSettings) -> Option<Plan> {
    let of = |blocks: &[&BlockMeta], reason| Plan {
        sources: blocks.iter().map(|block| block.ulid).collect(),
        reason,
    };
    if settings.overlapping
        && let Some(overlapping) = first_overlap(blocks)
    {
        return Some(of(overlapping, PlanReason::Overlap));
    }
    let (_newest, older) = blocks.split_last()?;
    if let Some(range) = full_range(older, &settings.ranges) {
        return Some(of(&range, PlanReason::Level));
    }
    let deleted = older.iter().rev().find(|block| is_much_deleted(block, &settings.ranges))?;
    Some(of(&[deleted], PlanReason::Deleted))
}

/// The first blocks that overlap, each with one of the others.
fn first_overlap<'a, 'b>(blocks: &'b [&'a BlockMeta]) -> Option<&'b [&'a BlockMeta]> {
    let mut end = blocks.first()?.max_time;
    let mut first = 0;
    for (place, block) in blocks.iter().enumerate().skip(1) {
        if block.min_time >= end {
            if place - first > 1 {
                return blocks.get(first..place);
            }
            first = place;
        }
        end = end.max(block.max_time);
    }
    blocks.get(first..).filter(|blocks| blocks.len() > 1)
}

/// Blocks that fill the smallest possible range, or lie in one that is over.
fn full_range<'a>(blocks: &[&'a BlockMeta], ranges: &[i64]) -> Option<Vec<&'a BlockMeta>> {
    let newest_start = blocks.last()?.min_time;
    for range in ranges.iter().skip(1) {
        for part in parts(blocks, *range) {
            let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
            let is_full = last.max_time.saturating_sub(first.min_time) == *range;
            let has_failed = part.iter().any(|block| block.compaction.failed);
            if part.len() > 1 && !has_failed && (is_full || last.max_time <= newest_start) {
                return Some(part);
            }
        }
    }
    None
}

/// The blocks that lie in the same stretch of time, for each stretch of length `range`; those that lie in two
/// are left out.
fn parts<'a>(blocks: &[&'a BlockMeta], range: i64) -> Vec<Vec<&'a BlockMeta>> {
    let mut parts: Vec<(i64, Vec<&BlockMeta>)> = Vec::new();
    for block in blocks {
        let number = block.min_time.div_euclid(range);
        let end = number.saturating_add(1).saturating_mul(range);
        if block.max_time > end {
            continue;
        }
        match parts.last_mut() {
            Some((last, part)) if *last == number => part.push(block),
            _ => parts.push((number, vec![block])),
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

/// Whether writing the block anew is worth it: it is large, or nothing of it is left.
fn is_much_deleted(block: &BlockMeta, ranges: &[i64]) -> bool {
    let large = ranges.get(ranges.len() / 2).copied().unwrap_or(0);
    let stats = &block.stats;
    if block.max_time.saturating_sub(block.min_time) < large {
        return stats.num_tombstones > 0 && stats.num_tombstones >= stats.num_series;
    }
    stats.num_tombstones as f64 / (stats.num_series + 1) as f64 > TOMBSTONES_PER_SERIES_MAX
}
