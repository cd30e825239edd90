//! The series of each label pair while an index is written: ascending numbers as their differences, a byte or
//! two each.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::bytes::{Cursor, put_uvarint};
use crate::Error;

/// Lists by label pair, as symbols.
#[derive(Debug, Default)]
pub(super) struct PendingPostings {
    lists: HashMap<(u32, u32), PendingList, RandomState>,
    all: PendingList,
}

/// Ascending numbers.
#[derive(Debug, Default)]
pub(super) struct PendingList {
    differences: Vec<u8>,
    count: u32,
    last: u32,
}

impl PendingPostings {
    /// Enters a series behind all others.
    pub(super) fn add(&mut self, series: u32, symbols: &[(u32, u32)]) {
        for pair in symbols {
            self.lists.entry(*pair).or_default().push(series);
        }
        self.all.push(series);
    }

    /// The list of all series.
    pub(super) fn all(&self) -> &PendingList {
        &self.all
    }

    /// The lists by name and value, in order.
    pub(super) fn sorted(&self) -> Vec<(&(u32, u32), &PendingList)> {
        let mut lists: Vec<_> = self.lists.iter().collect();
        lists.sort_unstable_by_key(|(pair, _)| **pair);
        lists
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let lists = self.lists.values().map(|list| list.differences.capacity()).sum::<usize>();
        self.lists.allocation_size() + lists + self.all.differences.capacity()
    }
}

impl PendingList {
    fn push(&mut self, series: u32) {
        put_uvarint(&mut self.differences, u64::from(series - self.last));
        self.last = series;
        self.count += 1;
    }

    pub(super) fn len(&self) -> u32 {
        self.count
    }

    /// Appends the numbers as they stand in the file.
    pub(super) fn put(&self, bytes: &mut Vec<u8>) -> Result<(), Error> {
        bytes.reserve(self.count as usize * 4);
        let mut cursor = Cursor::new(&self.differences, 0);
        let mut series = 0_u32;
        while !cursor.is_empty() {
            series = series.wrapping_add(cursor.uvarint32()?);
            bytes.extend_from_slice(&series.to_be_bytes());
        }
        Ok(())
    }
}
