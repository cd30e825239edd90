//! The entries of one stream in memory, in the order in which they came.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::chunk::{Chunk, Place};
use crate::columns::text_bytes;

/// Entries of equal time are compared one by one up to so many, then looked up.
const COMPARED_MAX: usize = 16;

/// Room is made for so large a part more rows than the buffer before had, and for no more than so many.
const EXPECTED_MORE: usize = 4;
const EXPECTED_ROWS_MAX: usize = 16 << 10;

/// An entry: its time, and where the rest of it stands.
#[derive(Debug)]
struct Row {
    timestamp: i64,
    /// What holds its line and its metadata: a stream that gets a line now and then has no list of chunks beside its rows.
    chunk: Arc<Chunk>,
    place: Place,
}

/// Where the metadata of a row stand: rows with equal places have equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SetPlace {
    /// The address of the chunk.
    chunk: usize,
    set: u32,
}

/// Entries one by one.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    rows: Vec<Row>,
}

impl Rows {
    /// The line of a row.
    #[inline]
    pub(crate) fn line(&self, row: usize) -> &[u8] {
        self.rows.get(row).map_or(&[], |row| row.chunk.line(row.place))
    }

    /// Bytes of the line of a row.
    pub(crate) fn line_len(&self, row: usize) -> usize {
        self.rows.get(row).map_or(0, |row| row.place.len as usize)
    }

    /// The time of a row.
    #[inline]
    pub(crate) fn timestamp(&self, row: usize) -> i64 {
        self.rows.get(row).map_or(0, |row| row.timestamp)
    }

    /// Where the set of a row stands.
    #[inline]
    pub(crate) fn set_place(&self, row: usize) -> SetPlace {
        self.rows.get(row).map_or(SetPlace { chunk: 0, set: 0 }, |row| SetPlace {
            chunk: Arc::as_ptr(&row.chunk).addr(),
            set: row.place.set,
        })
    }

    /// The packed set of a row.
    #[inline]
    pub(crate) fn set(&self, row: usize) -> &[u8] {
        self.rows.get(row).map_or(&[], |row| row.chunk.set(row.place.set))
    }

    fn hash(&self, row: usize) -> u64 {
        hash(self.timestamp(row), self.line(row), self.set(row))
    }

    fn is(&self, row: usize, timestamp: i64, line: &[u8], set: &[u8]) -> bool {
        self.timestamp(row) == timestamp && self.line(row) == line && self.set(row) == set
    }
}

fn hash(timestamp: i64, line: &[u8], set: &[u8]) -> u64 {
    FixedState::with_seed(0).hash_one((timestamp, line, set))
}

/// The entries of one stream in memory.
#[derive(Debug)]
pub(crate) struct Buffer {
    rows: Rows,
    /// How many rows readers see.
    visible: usize,
    /// Bytes of the lines, a line feed behind each.
    text_bytes: usize,
    /// Whether no row is older than the one before it.
    in_order: bool,
    first: i64,
    newest: i64,
    /// All rows by what they hold, once comparing one by one would take long.
    seen: Option<Box<HashTable<u32>>>,
    /// Rows for which room is made with the first one: what the buffer before had.
    expected: u32,
}

impl Default for Buffer {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            visible: 0,
            text_bytes: 0,
            in_order: true,
            first: i64::MAX,
            newest: i64::MIN,
            seen: None,
            expected: 0,
        }
    }
}

/// A state of a buffer to which it can go back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    rows: usize,
    text_bytes: usize,
    in_order: bool,
    first: i64,
    newest: i64,
}

impl Buffer {
    /// An empty one for the entries that follow, which are about as many.
    pub(crate) fn next(&self) -> Self {
        let held = self.rows.rows.len();
        let expected = (held + held / EXPECTED_MORE).min(EXPECTED_ROWS_MAX) as u32;
        Self { expected, ..Self::default() }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows.rows.len()
    }

    /// How many rows readers see.
    pub(crate) fn visible(&self) -> usize {
        self.visible
    }

    pub(crate) fn content(&self) -> &Rows {
        &self.rows
    }

    /// Bytes of all lines, a line feed behind each.
    pub(crate) fn all_text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// The rows `0..count` by time, equal times as they came; `None` where they are so already.
    pub(crate) fn order(&self, count: usize) -> Option<Vec<u32>> {
        if self.in_order {
            return None;
        }
        let mut order: Vec<u32> = (0..u32::try_from(count).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|row| self.rows.timestamp(*row as usize));
        Some(order)
    }

    /// The time of the oldest row.
    pub(crate) fn first(&self) -> i64 {
        self.first
    }

    /// The time of the newest row.
    pub(crate) fn newest(&self) -> i64 {
        self.newest
    }

    /// Bytes of memory without the chunks, which streams share.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.rows.rows.capacity() * size_of::<Row>()
            + self.seen.as_ref().map_or(0, |seen| seen.allocation_size())
    }

    /// Adds an entry of a chunk that readers do not see yet; `false` where it is there already.
    pub(crate) fn push(&mut self, timestamp: i64, chunk: &Arc<Chunk>, place: Place) -> bool {
        if timestamp <= self.newest && self.has(timestamp, chunk.line(place), chunk.set(place.set)) {
            return false;
        }
        let rows = &mut self.rows;
        if rows.rows.is_empty() {
            rows.rows.reserve_exact(self.expected as usize);
        }
        rows.rows.push(Row { timestamp, chunk: Arc::clone(chunk), place });
        self.text_bytes += place.len as usize + 1;
        self.in_order &= timestamp >= self.newest;
        self.first = self.first.min(timestamp);
        self.newest = self.newest.max(timestamp);
        if let Some(seen) = &mut self.seen {
            let row = (self.rows.rows.len() - 1) as u32;
            let rows = &self.rows;
            seen.insert_unique(rows.hash(row as usize), row, |row| rows.hash(*row as usize));
        }
        true
    }

    fn has(&mut self, timestamp: i64, line: &[u8], set: &[u8]) -> bool {
        if self.in_order && self.seen.is_none() {
            let rows = &self.rows.rows;
            let run = rows.partition_point(|row| row.timestamp < timestamp)
                ..rows.partition_point(|row| row.timestamp <= timestamp);
            if run.len() <= COMPARED_MAX {
                return run.into_iter().any(|row| self.rows.is(row, timestamp, line, set));
            }
        }
        let rows = &self.rows;
        let seen = self.seen.get_or_insert_with(|| {
            let mut seen = HashTable::with_capacity(rows.rows.len());
            for row in 0..rows.rows.len() {
                seen.insert_unique(rows.hash(row), row as u32, |row| rows.hash(*row as usize));
            }
            Box::new(seen)
        });
        seen.find(hash(timestamp, line, set), |row| rows.is(*row as usize, timestamp, line, set)).is_some()
    }

    /// The present state.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            rows: self.rows(),
            text_bytes: self.text_bytes,
            in_order: self.in_order,
            first: self.first,
            newest: self.newest,
        }
    }

    /// Takes back what was added since.
    pub(crate) fn roll_back(&mut self, mark: Mark) {
        self.rows.rows.truncate(mark.rows);
        self.text_bytes = mark.text_bytes;
        (self.in_order, self.first, self.newest) = (mark.in_order, mark.first, mark.newest);
        self.seen = None;
    }

    /// Shows readers all rows.
    pub(crate) fn show(&mut self) {
        self.visible = self.rows();
    }

    /// Bytes of the lines and of the metadata of rows.
    pub(crate) fn bytes_of(&self, rows: impl Iterator<Item = usize>) -> (u64, u64) {
        let (mut lines, mut metadata) = (0, 0);
        let mut last = None;
        for row in rows {
            lines += self.rows.line_len(row) as u64;
            let place = self.rows.set_place(row);
            let bytes = match last {
                Some((known, bytes)) if known == place => bytes,
                _ => text_bytes(self.rows.set(row)),
            };
            last = Some((place, bytes));
            metadata += bytes;
        }
        (lines, metadata)
    }
}
