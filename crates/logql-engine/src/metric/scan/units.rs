//! What one thread reads at a time: a block, or blocks of a stream that may hold the same entry twice.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use storage::logs::{BlockHeader, EntryColumns, MISSING, MetadataColumn, MetadataValues};

/// A thread takes units until they have so many rows: a lot of small blocks that are stored together are one thread's.
const BATCH_ROWS: usize = if cfg!(test) { 4 } else { 16_384 };

/// Blocks in the order in which they are read; each unit is a run of them.
#[derive(Debug, Default)]
pub(super) struct Units {
    blocks: Vec<u32>,
    ends: Vec<u32>,
    /// The last unit, not counted in, of what a thread takes at once.
    batches: Vec<u32>,
    /// The number of what each unit is stored together with; nothing for those that share entries.
    together: Vec<u32>,
}

impl Units {
    /// Puts blocks together that may share entries: those of one stream that are not exact and overlap in time. The others
    /// come as they are stored (see [`storage::logs::BlockSet::neighbours`]).
    pub(super) fn plan(headers: &[BlockHeader], neighbours: &[u32]) -> Self {
        let mut units = Self::default();
        let mut shared: Vec<(u32, &BlockHeader)> = Vec::new();
        let mut alone: Vec<(u32, u32, usize)> = Vec::with_capacity(headers.len());
        for (block, header) in (0u32..).zip(headers) {
            if header.exact {
                let together = neighbours.get(block as usize).copied().unwrap_or(block);
                alone.push((together, block, header.rows));
            } else {
                shared.push((block, header));
            }
        }
        alone.sort_unstable();
        let mut rows = 0;
        for together in alone.chunk_by(|a, b| a.0 == b.0) {
            for (number, block, of_block) in together {
                units.blocks.push(*block);
                units.together.push(*number);
                units.end();
                rows += of_block;
            }
            if rows >= BATCH_ROWS {
                units.end_batch();
                rows = 0;
            }
        }
        units.end_batch();
        shared.sort_by_key(|(block, header)| (header.stream, header.start, *block));
        let mut reach: Option<(usize, i64)> = None;
        for (block, header) in shared {
            match &mut reach {
                Some((stream, end)) if *stream == header.stream && header.start <= *end => {
                    *end = header.end.max(*end);
                    units.ends.pop();
                    units.batches.pop();
                }
                _ => reach = Some((header.stream, header.end)),
            }
            units.blocks.push(block);
            units.end();
            units.end_batch();
        }
        units
    }

    fn end(&mut self) {
        self.ends.push(self.blocks.len() as u32);
    }

    fn end_batch(&mut self) {
        let end = self.ends.len() as u32;
        if self.batches.last().copied().unwrap_or(0) < end {
            self.batches.push(end);
        }
    }

    /// How often a thread takes some.
    pub(super) fn batches(&self) -> usize {
        self.batches.len()
    }

    /// The units that a thread takes at once.
    pub(super) fn batch(&self, batch: usize) -> std::ops::Range<usize> {
        let at = |batch: usize| self.batches.get(batch).map_or(0, |end| *end as usize);
        batch.checked_sub(1).map_or(0, at)..at(batch)
    }

    /// The blocks of units from one on that are stored together, at least one, of units that are a block each; none where a unit
    /// is more than that.
    pub(super) fn together(&self, units: std::ops::Range<usize>) -> &[u32] {
        // Units of one block come first: a unit has the number of its block.
        let numbers = self.together.get(units.clone()).unwrap_or_default();
        let same = numbers.iter().take_while(|number| numbers.first() == Some(number)).count();
        self.blocks.get(units.start..units.start + same).unwrap_or_default()
    }

    /// The blocks of a unit.
    pub(super) fn get(&self, unit: usize) -> &[u32] {
        let start =
            unit.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let end = self.ends.get(unit).map_or(0, |end| *end as usize);
        self.blocks.get(start..end).unwrap_or_default()
    }
}

/// What two blocks of a unit may both have: entries of a time that both have. Other rows need not be compared.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Times of the blocks so far that a block to come may have too, each once, sorted.
    pending: Vec<i64>,
    merged: Vec<i64>,
    /// The times that two blocks have, sorted once all blocks are noted.
    times: Vec<i64>,
    /// The entries of these times that were seen, by two hashes of time, line and metadata.
    entries: HashSet<(u64, u64), foldhash::fast::RandomState>,
}

impl Seen {
    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
        self.times.clear();
        self.entries.clear();
    }

    /// Takes note of the times of a block, which never fall; blocks come in the order of their first times.
    pub(super) fn note(&mut self, times: &[i64]) {
        let Some(first) = times.first() else { return };
        let over = self.pending.partition_point(|time| time < first);
        let mut before = self.pending.iter().copied().skip(over).peekable();
        self.merged.clear();
        for same in times.chunk_by(|a, b| a == b) {
            let Some(time) = same.first() else { continue };
            while let Some(earlier) = before.next_if(|earlier| earlier < time) {
                self.merged.push(earlier);
            }
            if before.next_if_eq(time).is_some() {
                self.times.push(*time);
            }
            self.merged.push(*time);
        }
        self.merged.extend(before);
        std::mem::swap(&mut self.pending, &mut self.merged);
    }

    /// All blocks are noted.
    pub(super) fn end_notes(&mut self) {
        self.times.sort_unstable();
        self.times.dedup();
    }

    /// Whether a block may have an entry that another one has.
    pub(super) fn may_share(&self, header: &BlockHeader) -> bool {
        let next = self.times.partition_point(|time| *time < header.start);
        self.times.get(next).is_some_and(|time| *time <= header.end)
    }

    /// Removes the rows that were seen before; says how many.
    pub(super) fn remove_known(&mut self, columns: &mut EntryColumns) -> u64 {
        let hashers = (FixedState::with_seed(1), FixedState::with_seed(2));
        let mut known = Vec::new();
        for (row, time) in columns.timestamps.iter().enumerate() {
            if self.times.binary_search(time).is_err() {
                continue;
            }
            let metadata = columns.metadata.iter().map(|column| (&*column.name, column.get(row)));
            // A key that a block has no column for, and one that a row has no value of, are the same.
            let metadata: Vec<_> = metadata.filter(|(_, value)| value.is_some()).collect();
            let entry = (time, columns.line(row), metadata);
            if !self.entries.insert((hashers.0.hash_one(&entry), hashers.1.hash_one(&entry))) {
                known.push(row);
            }
        }
        if !known.is_empty() {
            *columns = without(columns, &known);
        }
        known.len() as u64
    }
}

/// The rows but these, which are sorted.
fn without(columns: &EntryColumns, gone: &[usize]) -> EntryColumns {
    let rows: Vec<usize> = (0..columns.rows).filter(|row| gone.binary_search(row).is_err()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn header(stream: usize, start: i64, exact: bool) -> BlockHeader {
        let (line_bytes, metadata_bytes, stored_bytes) = (1, 0, 0);
        BlockHeader {
            stream,
            start,
            end: start + 10,
            rows: 2,
            line_bytes,
            metadata_bytes,
            stored_bytes,
            exact,
        }
    }

    #[test]
    fn times_that_two_blocks_have_are_the_ones_whose_rows_are_compared() {
        let mut seen = Seen::default();
        for times in [&[1, 4, 4, 9, 20][..], &[2, 4, 8, 20], &[8, 9], &[21, 22]] {
            seen.note(times);
        }
        seen.end_notes();
        assert_eq!(seen.times, [4, 8, 9, 20]);
        let may_share =
            |start: i64, end: i64| seen.may_share(&BlockHeader { end, ..header(0, start, false) });
        assert!(may_share(1, 4) && may_share(20, 30) && may_share(5, 8));
        assert!(!may_share(1, 3) && !may_share(10, 19) && !may_share(21, 22));
    }

    fn planned(headers: &[BlockHeader], neighbours: &[u32]) -> Vec<Vec<Vec<u32>>> {
        let units = Units::plan(headers, neighbours);
        (0..units.batches())
            .map(|batch| units.batch(batch).map(|unit| units.get(unit).to_vec()).collect())
            .collect()
    }

    #[test]
    fn blocks_that_are_stored_together_are_read_by_one_thread_in_a_row() {
        let headers = [0, 1, 2, 3, 4].map(|start| header(start as usize, start, true));
        let together = planned(&headers, &[7, 3, 7, 3, 7]);
        assert_eq!(together, [vec![vec![1], vec![3]], vec![vec![0], vec![2], vec![4]]]);
        assert_eq!(planned(&headers, &[]).concat().concat(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn blocks_that_may_hold_the_same_entries_are_one_unit() {
        let headers = [header(0, 0, false), header(1, 1, true), header(0, 5, false), header(0, 30, false)];
        let units = planned(&headers, &[0, 1, 0, 0]);
        assert_eq!(units, [vec![vec![1]], vec![vec![0, 2]], vec![vec![3]]]);
    }
}
