//! What one thread reads at a time: a block, or blocks of a stream that may hold the same entry twice.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use storage::logs::{BlockHeader, EntryColumns, MISSING, MetadataColumn, MetadataValues};

/// Blocks in the order in which they are read; each unit is a run of them.
#[derive(Debug, Default)]
pub(super) struct Units {
    blocks: Vec<u32>,
    ends: Vec<u32>,
}

impl Units {
    /// Puts blocks together that may share entries: those of one stream that are not exact and overlap in time.
    pub(super) fn plan(headers: &[BlockHeader]) -> Self {
        let mut units = Self::default();
        let mut shared: Vec<(u32, &BlockHeader)> = Vec::new();
        for (block, header) in (0u32..).zip(headers) {
            if header.exact {
                units.blocks.push(block);
                units.end();
            } else {
                shared.push((block, header));
            }
        }
        shared.sort_by_key(|(block, header)| (header.stream, header.start, *block));
        let mut reach: Option<(usize, i64)> = None;
        for (block, header) in shared {
            match &mut reach {
                Some((stream, end)) if *stream == header.stream && header.start <= *end => {
                    *end = header.end.max(*end);
                    units.ends.pop();
                }
                _ => reach = Some((header.stream, header.end)),
            }
            units.blocks.push(block);
            units.end();
        }
        units
    }

    fn end(&mut self) {
        self.ends.push(self.blocks.len() as u32);
    }

    /// The number of units.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The blocks of a unit.
    pub(super) fn get(&self, unit: usize) -> &[u32] {
        let start =
            unit.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let end = self.ends.get(unit).map_or(0, |end| *end as usize);
        self.blocks.get(start..end).unwrap_or_default()
    }
}

/// The entries of a unit that were seen, by two hashes of time, line and metadata.
#[derive(Debug, Default)]
pub(super) struct Seen(HashSet<(u64, u64), foldhash::fast::RandomState>);

impl Seen {
    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Removes the rows that were seen before; says how many.
    pub(super) fn remove_known(&mut self, columns: &mut EntryColumns) -> u64 {
        let hashers = (FixedState::with_seed(1), FixedState::with_seed(2));
        let fresh: Vec<bool> = (0..columns.rows)
            .map(|row| {
                let time = columns.timestamps.get(row);
                let metadata = columns.metadata.iter().map(|column| (&*column.name, column.get(row)));
                // A key that a block has no column for, and one that a row has no value of, are the same.
                let metadata: Vec<_> = metadata.filter(|(_, value)| value.is_some()).collect();
                let entry = (time, columns.line(row), metadata);
                self.0.insert((hashers.0.hash_one(&entry), hashers.1.hash_one(&entry)))
            })
            .collect();
        let known = fresh.iter().filter(|fresh| !**fresh).count();
        if known > 0 {
            *columns = retained(columns, &fresh);
        }
        known as u64
    }
}

/// The rows that are to be kept.
fn retained(columns: &EntryColumns, keep: &[bool]) -> EntryColumns {
    let rows: Vec<usize> = (0..columns.rows).filter(|row| keep.get(*row) == Some(&true)).collect();
    let mut out = EntryColumns { rows: rows.len(), ..EntryColumns::default() };
    for row in &rows {
        out.timestamps.extend(columns.timestamps.get(*row));
        out.push_line(columns.line(*row));
    }
    out.metadata = columns.metadata.iter().map(|column| retained_values(column, &rows)).collect();
    out
}

fn retained_values(column: &MetadataColumn, rows: &[usize]) -> MetadataColumn {
    let values = match &column.values {
        MetadataValues::Constant(value) => MetadataValues::Constant(value.clone()),
        MetadataValues::Dictionary { values, numbers } => MetadataValues::Dictionary {
            values: values.clone(),
            numbers: rows.iter().map(|row| numbers.get(*row).copied().unwrap_or(MISSING)).collect(),
        },
        MetadataValues::Raw { .. } => {
            let (mut text, mut ends) = (String::new(), Vec::with_capacity(rows.len()));
            for row in rows {
                text.push_str(column.get(*row).unwrap_or_default());
                ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            }
            MetadataValues::Raw { text, ends }
        }
    };
    MetadataColumn { name: column.name.clone(), values }
}
