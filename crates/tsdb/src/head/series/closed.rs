//! The closed chunks of a series, in memory and in files, and what came late: what appends seldom touch.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use storage::TimeRange;

use super::{Series, kind_of};
use crate::head::chunk::FullChunk;
use crate::head::files::FileChunk;
use crate::head::late::Late;

/// What a series has that appends do not touch.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Full chunks that are still in memory; nearly always none.
    full: Vec<FullChunk>,
    /// Full chunks in files, older than all others.
    filed: Vec<FileChunk>,
    /// What came out of order; nearly always nothing.
    late: Option<Box<Late>>,
}

impl Aside {
    fn is_empty(&self) -> bool {
        self.full.is_empty() && self.filed.is_empty() && self.late.is_none()
    }
}

/// Adds to a list that every series has one of: with little room to spare, but seldom moved.
///
/// The chunks of all series end together. Did each list move with each chunk, it would leave a gap of a length that no
/// other list has a use for any more. One that has a second chunk is likely to stay, and to have as many as a head holds.
fn push_closely<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(match list.len() {
            0 => 1,
            1 => 3,
            len => (len / 2).max(2),
        });
    }
    list.push(item);
}

impl Series {
    /// Full chunks that are still in memory; nearly always none.
    pub(crate) fn full(&self) -> &[FullChunk] {
        self.aside.as_ref().map_or(&[], |aside| &aside.full)
    }

    /// Full chunks in files, older than all others.
    pub(crate) fn filed(&self) -> &[FileChunk] {
        self.aside.as_ref().map_or(&[], |aside| &aside.filed)
    }

    /// What came out of order; nearly always nothing.
    pub(crate) fn late(&self) -> Option<&Late> {
        self.aside.as_ref()?.late.as_deref()
    }

    /// What came out of order, to be added to.
    pub(crate) fn late_or_default(&mut self) -> &mut Late {
        self.aside.get_or_insert_default().late.get_or_insert_default()
    }

    /// Calls `change` with what came out of order, where there is something.
    pub(crate) fn change_late(&mut self, change: impl FnOnce(&mut Option<Box<Late>>)) {
        if let Some(aside) = self.aside.as_mut().filter(|aside| aside.late.is_some()) {
            change(&mut aside.late);
        }
        self.tidy();
    }

    /// Gives memory back that nothing stands in any more.
    fn tidy(&mut self) {
        if self.aside.as_ref().is_some_and(|aside| aside.is_empty()) {
            self.aside = None;
        }
    }

    /// Closes the open chunk, if there is one.
    pub(super) fn seal_open(&mut self) {
        if let Some(open) = self.open.take() {
            let full = &mut self.aside.get_or_insert_default().full;
            // It is nearly always the only one, and soon in a file.
            full.reserve_exact(1);
            full.push(open.seal());
        }
    }

    /// The number of its chunks, those of late samples aside.
    pub(crate) fn chunk_count(&self) -> u64 {
        (self.filed().len() + self.full().len()) as u64 + u64::from(self.open.is_some())
    }

    /// Removes chunks that end before `min_time`; gives how many.
    pub(crate) fn truncate(&mut self, min_time: i64) -> u64 {
        let filed = self.filed().partition_point(|chunk| chunk.end() < min_time);
        let full = self.full().partition_point(|chunk| chunk.end < min_time);
        if let Some(aside) = &mut self.aside {
            aside.filed.drain(..filed);
            aside.full.drain(..full);
        }
        self.tidy();
        let open = self.open.take_if(|open| open.end() < min_time);
        (filed + full) as u64 + u64::from(open.is_some())
    }

    /// The spans of time of its full chunks, those of late samples aside.
    pub(crate) fn closed_spans(&self) -> impl Iterator<Item = TimeRange> + '_ {
        let full = self.full().iter().map(|chunk| TimeRange::new(chunk.start, chunk.end));
        let filed = self.filed().iter().map(|chunk| TimeRange::new(chunk.start(), chunk.end()));
        full.chain(filed)
    }

    /// Takes a chunk that a file holds, as a start finds it; says whether it is behind those that are known.
    pub(crate) fn attach(&mut self, chunk: FileChunk) -> bool {
        let full = self.full().last().map(|full| full.end);
        let last = full.or_else(|| self.filed().last().map(FileChunk::end));
        let is_behind = last.is_none_or(|last| last < chunk.start());
        let is_before_open = self.open.as_ref().is_none_or(|open| chunk.end() < open.start());
        if is_behind && is_before_open {
            if self.open.is_none() {
                self.kind = kind_of(chunk.encoding());
            }
            self.push_filed(chunk);
        }
        is_behind && is_before_open
    }

    /// Replaces the oldest full chunks in memory by the places in files where they were written.
    pub(crate) fn set_filed(&mut self, written: &[(FullChunk, FileChunk)]) {
        for (chunk, place) in written {
            let is_oldest = self.full().first().is_some_and(|first| Arc::ptr_eq(&first.bytes, &chunk.bytes));
            if !is_oldest {
                // It was removed meanwhile, as too old.
                continue;
            }
            if let Some(aside) = &mut self.aside {
                aside.full.remove(0);
            }
            self.push_filed(*place);
        }
        if let Some(aside) = self.aside.as_mut().filter(|aside| aside.full.is_empty()) {
            aside.full = Vec::new();
        }
    }

    fn push_filed(&mut self, place: FileChunk) {
        push_closely(&mut self.aside.get_or_insert_default().filed, place);
    }
}
