//! Which entry a row is: blocks of one stream that share some time may hold the same one.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use storage::logs::{BlockHeader, EntryColumns};

/// A number for an entry as it is stored, equal for equal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoredEntry {
    stream: usize,
    timestamp: i64,
    number: u64,
}

impl StoredEntry {
    /// The entry of a row, of which lines and all metadata were read; `None` where no other block can hold it.
    pub fn of(header: &BlockHeader, columns: &EntryColumns, row: usize) -> Option<Self> {
        if header.exact {
            return None;
        }
        let mut hasher = FixedState::with_seed(0).build_hasher();
        hasher.write(columns.line(row));
        for column in &columns.metadata {
            if let Some(value) = column.get(row) {
                hasher.write(column.name.as_bytes());
                hasher.write_u8(0xFF);
                hasher.write(value.as_bytes());
                hasher.write_u8(0xFF);
            }
        }
        let timestamp = columns.timestamps.get(row).copied().unwrap_or_default();
        Some(Self { stream: header.stream, timestamp, number: hasher.finish() })
    }
}
