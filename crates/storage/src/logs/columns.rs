//! The entries of a block, one column beside the other.

use std::sync::Arc;

/// The number of a [`MetadataValues::Dictionary`] for a row that has no value.
pub const MISSING: u32 = u32::MAX;

/// The bytes that stand in the place of times where [`Columns::without_times`](super::Columns::without_times) is wanted.
///
/// What is left out is a date and a time of day, as `2024-05-31T10:20:30.123`: it begins and ends with a digit, and no two of
/// its bytes in a row are none. So what has no digit, no such byte, and two characters or more, stands in a line without its time
/// exactly where it stands in the line as it is.
pub const TIME_MARKS: [u8; 2] = [1, 2];

/// Rows of one stream in order of time, by column; a column that was not asked for is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryColumns {
    /// The number of rows.
    pub rows: usize,
    /// Nanoseconds since the Unix epoch, never falling; rows of equal time in order of arrival.
    pub timestamps: Vec<i64>,
    /// The lines, each followed by one line feed that is not part of it, so that a search over the whole text finds
    /// nothing across two lines unless it looks for a line feed.
    pub text: Vec<u8>,
    /// The place of the line feed after each line in `text`.
    pub ends: Vec<u32>,
    /// Structured metadata, sorted by name.
    pub metadata: Vec<MetadataColumn>,
}

impl EntryColumns {
    /// Empties all columns and keeps their memory.
    pub fn clear(&mut self) {
        self.rows = 0;
        self.timestamps.clear();
        self.text.clear();
        self.ends.clear();
        self.metadata.clear();
    }

    /// The place where a row's line begins in the text.
    pub fn line_start(&self, row: usize) -> usize {
        match row.checked_sub(1) {
            Some(before) => self.ends.get(before).map_or(0, |end| *end as usize + 1),
            None => 0,
        }
    }

    /// The line of a row, without its line feed; empty where lines were not read.
    pub fn line(&self, row: usize) -> &[u8] {
        let end = self.ends.get(row).map_or(0, |end| *end as usize);
        self.text.get(self.line_start(row)..end).unwrap_or_default()
    }

    /// The row whose line (its line feed counted in) holds a place of the text.
    pub fn row_at(&self, place: usize) -> usize {
        self.ends.partition_point(|end| (*end as usize) < place)
    }

    /// Adds a line to the text.
    pub fn push_line(&mut self, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.text.push(b'\n');
    }

    /// Bytes that the columns hold.
    pub fn bytes(&self) -> usize {
        self.timestamps.len() * 8
            + self.text.len()
            + self.ends.len() * 4
            + self.metadata.iter().map(|column| column.values.bytes()).sum::<usize>()
    }
}

/// One key of structured metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataColumn {
    /// The key.
    pub name: Arc<str>,
    /// Its values by row.
    pub values: MetadataValues,
}

impl MetadataColumn {
    /// The value of a row, if it has one.
    pub fn get(&self, row: usize) -> Option<&str> {
        match &self.values {
            MetadataValues::Constant(value) => Some(value),
            MetadataValues::Dictionary { values, numbers } => {
                numbers.get(row).and_then(|number| values.get(*number as usize)).map(AsRef::as_ref)
            }
            MetadataValues::Raw { text, ends } => {
                let start =
                    row.checked_sub(1).map_or(Some(0), |before| ends.get(before).map(|end| *end as usize))?;
                let value = text.get(start..*ends.get(row)? as usize)?;
                (!value.is_empty()).then_some(value)
            }
        }
    }
}

/// The values of one key of structured metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataValues {
    /// Every row has this value.
    Constant(Arc<str>),
    /// Each row has the number of its value, or [`MISSING`].
    Dictionary {
        /// The values, each once.
        values: Vec<Arc<str>>,
        /// A number for each row.
        numbers: Vec<u32>,
    },
    /// The values, none of them empty, one after the other; a row without a value has an empty one.
    Raw {
        /// The values' text.
        text: String,
        /// Where each row's value ends in the text.
        ends: Vec<u32>,
    },
}

impl MetadataValues {
    /// Bytes that the values hold.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Constant(value) => value.len(),
            Self::Dictionary { values, numbers } => {
                values.iter().map(|value| value.len() + 16).sum::<usize>() + numbers.len() * 4
            }
            Self::Raw { text, ends } => text.len() + ends.len() * 4,
        }
    }
}
