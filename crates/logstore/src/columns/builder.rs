//! Columns of metadata from rows of pairs.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use storage::logs::{MISSING, MetadataColumn, MetadataValues};

use std::hash::BuildHasher;

/// So many different values are a dictionary however few rows there are.
const DICTIONARY_MIN: usize = 16;
/// With fewer rows than this for each different value they are raw.
const ROWS_PER_VALUE_MIN: usize = 3;

/// Texts one behind the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnText {
    pub(crate) text: String,
    pub(crate) ends: Vec<u32>,
}

impl ColumnText {
    pub(crate) fn push(&mut self, value: &str) {
        self.text.push_str(value);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    pub(crate) fn get(&self, number: usize) -> &str {
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before).map_or(0, |end| *end as usize),
            None => 0,
        };
        let end = self.ends.get(number).map_or(0, |end| *end as usize);
        self.text.get(start..end).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
}

/// One key while its rows come in.
#[derive(Debug)]
struct Building {
    name: Arc<str>,
    values: ColumnText,
    /// Numbers of the values, by their texts.
    numbers_by_text: HashTable<u32>,
    /// A number for each row so far, or [`MISSING`]; rows behind the last value are not there yet.
    numbers: Vec<u32>,
}

/// Columns while their rows come in.
#[derive(Debug, Default)]
pub(crate) struct MetadataBuilder {
    columns: Vec<Building>,
    rows: usize,
}

impl MetadataBuilder {
    /// The number of rows so far.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row with these pairs.
    pub(crate) fn push_row<'a>(&mut self, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        for (name, value) in pairs {
            self.push(name, value);
        }
        self.rows += 1;
    }

    /// Adds a row that has what the row before has.
    pub(crate) fn repeat_row(&mut self) {
        for column in &mut self.columns {
            if column.numbers.len() == self.rows
                && let Some(number) = column.numbers.last().copied()
            {
                column.numbers.push(number);
            }
        }
        self.rows += 1;
    }

    fn push(&mut self, name: &str, value: &str) {
        let rows = self.rows;
        let place = match self.columns.iter().position(|column| &*column.name == name) {
            Some(place) => place,
            None => {
                self.columns.push(Building::new(name));
                self.columns.len() - 1
            }
        };
        if let Some(column) = self.columns.get_mut(place) {
            column.numbers.resize(rows, MISSING);
            let number = column.number(value);
            column.numbers.push(number);
        }
    }

    /// The columns, sorted by name, and an empty builder.
    pub(crate) fn finish(&mut self) -> Vec<MetadataColumn> {
        let rows = std::mem::take(&mut self.rows);
        let mut columns = std::mem::take(&mut self.columns);
        columns.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        columns.into_iter().map(|column| column.finish(rows)).collect()
    }
}

impl Building {
    fn new(name: &str) -> Self {
        Self {
            name: Arc::from(name),
            values: ColumnText::default(),
            numbers_by_text: HashTable::new(),
            numbers: Vec::new(),
        }
    }

    fn number(&mut self, value: &str) -> u32 {
        // Most rows have the value of the row before.
        if let Some(last) = self.numbers.last().filter(|last| **last != MISSING)
            && self.values.get(*last as usize) == value
        {
            return *last;
        }
        let hash_of = |text: &str| FixedState::with_seed(0).hash_one(text);
        let hash = hash_of(value);
        let values = &self.values;
        let same = |number: &u32| values.get(*number as usize) == value;
        if let Some(number) = self.numbers_by_text.find(hash, same) {
            return *number;
        }
        let number = u32::try_from(values.len()).unwrap_or(MISSING);
        self.values.push(value);
        let values = &self.values;
        self.numbers_by_text.insert_unique(hash, number, |number| hash_of(values.get(*number as usize)));
        number
    }

    fn finish(mut self, rows: usize) -> MetadataColumn {
        self.numbers.resize(rows, MISSING);
        let distinct = self.values.len();
        let values = if distinct == 1 && !self.numbers.contains(&MISSING) {
            MetadataValues::Constant(Arc::from(self.values.get(0)))
        } else if distinct <= DICTIONARY_MIN
            || distinct * ROWS_PER_VALUE_MIN <= rows
            // A raw column takes an empty value for none.
            || (0..distinct).any(|number| self.values.get(number).is_empty())
        {
            let values = (0..distinct).map(|number| Arc::from(self.values.get(number))).collect();
            MetadataValues::Dictionary { values, numbers: self.numbers }
        } else {
            let mut raw = ColumnText::default();
            for number in &self.numbers {
                raw.push(if *number == MISSING { "" } else { self.values.get(*number as usize) });
            }
            MetadataValues::Raw { text: raw.text, ends: raw.ends }
        };
        MetadataColumn { name: self.name, values }
    }
}
