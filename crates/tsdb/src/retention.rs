//! Which blocks are too old, or too much.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::block::{BlockMeta, Ulid};

/// How long, and how much of it, samples are kept. `None` for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetentionSettings {
    /// Blocks that end so many milliseconds before the newest one are removed.
    pub duration_ms: Option<i64>,
    /// Beyond so many bytes in all the oldest blocks are removed.
    pub bytes: Option<u64>,
}

/// A block as far as its removal is concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct Sized {
    /// What it is.
    pub meta: BlockMeta,
    /// Length of its files.
    pub bytes: u64,
}

/// Blocks that shall be removed, by reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removals {
    /// Others hold their samples, or nothing is left of them.
    pub superseded: BTreeSet<Ulid>,
    /// They are too old.
    pub beyond_time: BTreeSet<Ulid>,
    /// There is too much.
    pub beyond_size: BTreeSet<Ulid>,
}

impl Removals {
    /// Whether a block shall be removed.
    pub fn contains(&self, ulid: Ulid) -> bool {
        self.superseded.contains(&ulid)
            || self.beyond_time.contains(&ulid)
            || self.beyond_size.contains(&ulid)
    }
}

/// The blocks to be removed. `other_bytes` is what log and head take; they count, but are never removed.
pub fn plan(blocks: &[Sized], other_bytes: u64, settings: RetentionSettings) -> Removals {
    let superseded = superseded(blocks);
    let mut newest_first: Vec<&Sized> =
        blocks.iter().filter(|block| !superseded.contains(&block.meta.ulid)).collect();
    newest_first.sort_by_key(|block| std::cmp::Reverse((block.meta.max_time, block.meta.min_time)));
    let ulids = |blocks: &[&Sized]| blocks.iter().map(|block| block.meta.ulid).collect();
    let kept = settings.duration_ms.map_or(newest_first.len(), |duration| {
        let newest = newest_first.first().map_or(0, |block| block.meta.max_time);
        // The newest block stays, however short samples are to be kept.
        let is_kept = |block: &&Sized| newest.saturating_sub(block.meta.max_time) < duration;
        newest_first.iter().skip(1).take_while(|block| is_kept(block)).count()
            + usize::from(!newest_first.is_empty())
    });
    let (in_time, beyond_time) = newest_first.split_at_checked(kept).unwrap_or((&newest_first, &[]));
    let fitting = settings.bytes.map_or(in_time.len(), |limit| {
        let mut total = other_bytes;
        let fits = |block: &&&Sized| {
            total = total.saturating_add(block.bytes);
            total <= limit
        };
        in_time.iter().take_while(fits).count()
    });
    let beyond_size = in_time.get(fitting..).unwrap_or_default();
    Removals { superseded, beyond_time: ulids(beyond_time), beyond_size: ulids(beyond_size) }
}

/// The blocks that another one replaces, and those that nothing is left of.
pub fn superseded(blocks: &[Sized]) -> BTreeSet<Ulid> {
    let present: BTreeSet<Ulid> = blocks.iter().map(|block| block.meta.ulid).collect();
    let parents =
        blocks.iter().flat_map(|block| block.meta.compaction.parents.iter().map(|parent| parent.ulid));
    let empty = blocks.iter().filter(|block| block.meta.compaction.deletable).map(|block| block.meta.ulid);
    parents.chain(empty).filter(|ulid| present.contains(ulid)).collect()
}
