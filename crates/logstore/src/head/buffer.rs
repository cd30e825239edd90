//! The entries of one stream in memory, in the order in which they came.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::columns::text_bytes;

/// Entries of equal time are compared one by one up to so many, then looked up.
const COMPARED_MAX: usize = 16;
/// So many sets of metadata are looked at for an equal one.
const RECENT_SETS: usize = 8;

/// Room is made for so large a part more than the buffer before had, and for no more than so many rows and bytes.
const EXPECTED_MORE: usize = 8;
const EXPECTED_ROWS_MAX: usize = 16 << 10;
const EXPECTED_BYTES_MAX: usize = 4 << 20;

/// Entries by column.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) timestamps: Vec<i64>,
    /// The lines, a line feed behind each.
    pub(crate) text: Vec<u8>,
    /// The place of the line feed behind each line.
    pub(crate) ends: Vec<u32>,
    /// Where the metadata of each row stands in `sets`.
    pub(crate) metadata: Vec<u32>,
    /// Packed sets, each behind its length; equal ones may share a place.
    pub(crate) sets: Vec<u8>,
}

impl Rows {
    pub(crate) fn line_start(&self, row: usize) -> usize {
        match row.checked_sub(1) {
            Some(before) => self.ends.get(before).map_or(0, |end| *end as usize + 1),
            None => 0,
        }
    }

    pub(crate) fn line(&self, row: usize) -> &[u8] {
        let end = self.ends.get(row).map_or(0, |end| *end as usize);
        self.text.get(self.line_start(row)..end).unwrap_or_default()
    }

    pub(crate) fn timestamp(&self, row: usize) -> i64 {
        self.timestamps.get(row).copied().unwrap_or_default()
    }

    /// Where the set of a row stands.
    pub(crate) fn set_place(&self, row: usize) -> u32 {
        self.metadata.get(row).copied().unwrap_or_default()
    }

    /// The packed set at a place.
    pub(crate) fn set_at(&self, place: u32) -> &[u8] {
        let rest = self.sets.get(place as usize..).unwrap_or_default();
        let Some((len, rest)) = rest.split_first_chunk::<4>() else { return &[] };
        rest.get(..u32::from_le_bytes(*len) as usize).unwrap_or_default()
    }

    pub(crate) fn set(&self, row: usize) -> &[u8] {
        self.set_at(self.set_place(row))
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
    /// Whether no row is older than the one before it.
    in_order: bool,
    first: i64,
    newest: i64,
    /// All rows by what they hold, once comparing one by one would take long.
    seen: Option<HashTable<u32>>,
    /// Places of sets that were used not long ago.
    recent: [u32; RECENT_SETS],
    recent_next: usize,
    /// Rows and bytes of text for which room is made with the first row: what the buffer before had.
    expected: (usize, usize),
}

impl Default for Buffer {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            visible: 0,
            in_order: true,
            first: i64::MAX,
            newest: i64::MIN,
            seen: None,
            recent: [0; RECENT_SETS],
            recent_next: 0,
            expected: (0, 0),
        }
    }
}

/// A state of a buffer to which it can go back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    rows: usize,
    text: usize,
    sets: usize,
    in_order: bool,
    first: i64,
    newest: i64,
}

impl Buffer {
    /// An empty one for the entries that follow, which are about as many.
    pub(crate) fn next(&self) -> Self {
        let a_little_more = |held: usize| held + held / EXPECTED_MORE;
        let rows = a_little_more(self.rows()).min(EXPECTED_ROWS_MAX);
        let text = a_little_more(self.rows.text.len()).min(EXPECTED_BYTES_MAX);
        Self { expected: (rows, text), ..Self::default() }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows.timestamps.len()
    }

    /// How many rows readers see.
    pub(crate) fn visible(&self) -> usize {
        self.visible
    }

    pub(crate) fn content(&self) -> &Rows {
        &self.rows
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

    /// Bytes of memory.
    pub(crate) fn heap_bytes(&self) -> usize {
        let rows = &self.rows;
        rows.timestamps.capacity() * 8
            + rows.text.capacity()
            + (rows.ends.capacity() + rows.metadata.capacity()) * 4
            + rows.sets.capacity()
            + self.seen.as_ref().map_or(0, HashTable::allocation_size)
    }

    /// Whether an entry fits into the 32-bit places.
    pub(crate) fn has_room(&self, line: usize, metadata: usize) -> bool {
        let fits = |held: usize, more: usize| held.saturating_add(more) < u32::MAX as usize;
        fits(self.rows.text.len(), line + 1) && fits(self.rows.sets.len(), metadata + 1024)
    }

    /// Adds an entry, its metadata packed, that readers do not see yet; `false` where it is there already.
    pub(crate) fn push_packed(&mut self, timestamp: i64, line: &[u8], set: &[u8]) -> bool {
        if timestamp <= self.newest && self.has(timestamp, line, set) {
            return false;
        }
        let place = self.place_of(set);
        let rows = &mut self.rows;
        if rows.timestamps.is_empty() {
            let (count, text) = self.expected;
            rows.timestamps.reserve_exact(count);
            rows.ends.reserve_exact(count);
            rows.metadata.reserve_exact(count);
            rows.text.reserve_exact(text);
        }
        rows.timestamps.push(timestamp);
        rows.text.extend_from_slice(line);
        rows.ends.push(rows.text.len() as u32);
        rows.text.push(b'\n');
        rows.metadata.push(place);
        self.in_order &= timestamp >= self.newest;
        self.first = self.first.min(timestamp);
        self.newest = self.newest.max(timestamp);
        if let Some(seen) = &mut self.seen {
            let row = (self.rows.timestamps.len() - 1) as u32;
            let rows = &self.rows;
            seen.insert_unique(hash(timestamp, line, set), row, |row| rows.hash(*row as usize));
        }
        true
    }

    fn has(&mut self, timestamp: i64, line: &[u8], set: &[u8]) -> bool {
        if self.in_order && self.seen.is_none() {
            let times = &self.rows.timestamps;
            let run = times.partition_point(|time| *time < timestamp)
                ..times.partition_point(|time| *time <= timestamp);
            if run.len() <= COMPARED_MAX {
                return run.into_iter().any(|row| self.rows.is(row, timestamp, line, set));
            }
        }
        let rows = &self.rows;
        let seen = self.seen.get_or_insert_with(|| {
            let mut seen = HashTable::with_capacity(rows.timestamps.len());
            for row in 0..rows.timestamps.len() {
                seen.insert_unique(rows.hash(row), row as u32, |row| rows.hash(*row as usize));
            }
            seen
        });
        seen.find(hash(timestamp, line, set), |row| rows.is(*row as usize, timestamp, line, set)).is_some()
    }

    /// The place of a set, which is added where it was not used lately.
    fn place_of(&mut self, set: &[u8]) -> u32 {
        if self.rows.sets.is_empty() {
            // The empty set stands at place 0, so that forgotten places mean no harm.
            self.rows.sets.extend_from_slice(&0_u32.to_le_bytes());
        }
        if let Some(place) = self.recent.iter().find(|place| self.rows.set_at(**place) == set) {
            return *place;
        }
        let place = self.rows.sets.len() as u32;
        self.rows.sets.extend_from_slice(&(set.len() as u32).to_le_bytes());
        self.rows.sets.extend_from_slice(set);
        if let Some(recent) = self.recent.get_mut(self.recent_next % RECENT_SETS) {
            *recent = place;
        }
        self.recent_next = (self.recent_next + 1) % RECENT_SETS;
        place
    }

    /// The present state.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            rows: self.rows(),
            text: self.rows.text.len(),
            sets: self.rows.sets.len(),
            in_order: self.in_order,
            first: self.first,
            newest: self.newest,
        }
    }

    /// Takes back what was added since.
    pub(crate) fn roll_back(&mut self, mark: Mark) {
        self.rows.timestamps.truncate(mark.rows);
        self.rows.ends.truncate(mark.rows);
        self.rows.metadata.truncate(mark.rows);
        self.rows.text.truncate(mark.text);
        self.rows.sets.truncate(mark.sets);
        (self.in_order, self.first, self.newest) = (mark.in_order, mark.first, mark.newest);
        self.seen = None;
        self.recent = [0; RECENT_SETS];
    }

    /// Shows readers all rows.
    pub(crate) fn show(&mut self) {
        self.visible = self.rows();
    }

    /// Bytes of the lines and of the metadata of rows.
    pub(crate) fn text_bytes(&self, rows: impl Iterator<Item = usize>) -> (u64, u64) {
        let (mut lines, mut metadata) = (0, 0);
        let mut last = (u32::MAX, 0);
        for row in rows {
            lines += self.rows.line(row).len() as u64;
            let place = self.rows.set_place(row);
            if last.0 != place {
                last = (place, text_bytes(self.rows.set_at(place)));
            }
            metadata += last.1;
        }
        (lines, metadata)
    }
}
