//! The blocks of one stream, brought together.

use std::sync::Arc;

use model::Labels;
use storage::logs::{Columns, EntryColumns, EntryRange, MetadataValues};

use super::Rewrite;
use crate::Error;
use crate::deletion::{Deletion, drop_rows};
use crate::part::{Block, Part, PartWriter};
use crate::query::KeptFrames;

/// Writes the rows of one stream in all parts that stay.
pub(super) struct StreamMerge<'a> {
    pub(super) inputs: &'a [Arc<Part>],
    pub(super) rewrite: &'a Rewrite<'a>,
    pub(super) kept: &'a KeptFrames,
    pub(super) writer: &'a mut PartWriter,
}

impl StreamMerge<'_> {
    /// Writes the stream with this number.
    pub(super) fn write(&mut self, id: u32, labels: &Labels) -> Result<(), Error> {
        let cutoff = (self.rewrite.cutoff)(labels).unwrap_or(i64::MIN);
        let deletions: Vec<Arc<Deletion>> =
            self.rewrite.deletions.iter().filter(|deletion| deletion.names(labels)).cloned().collect();
        let mut blocks: Vec<(&Arc<Part>, Block)> = Vec::new();
        for part in self.inputs {
            let numbers = part.position_of(id).map_or(0..0, |position| part.blocks_of(position));
            let found = numbers.filter_map(|number| part.block(number)).filter(|block| block.end >= cutoff);
            blocks.extend(found.map(|block| (part, *block)));
        }
        if blocks.is_empty() {
            return Ok(());
        }
        // Of equal times, what came to an older part came first.
        blocks.sort_by_key(|(_, block)| block.start);
        let text = blocks.iter().map(|(_, block)| block.line_bytes + u64::from(block.rows)).sum();
        self.writer.begin_stream(labels, text)?;
        let mut rest = blocks.as_slice();
        while let Some(((_, first), after)) = rest.split_first() {
            let mut end = first.end;
            let apart = after.iter().take_while(|(_, block)| {
                let overlaps = block.start <= end;
                end = end.max(block.end);
                overlaps
            });
            let (together, left) = rest.split_at_checked(1 + apart.count()).unwrap_or((rest, &[]));
            rest = left;
            if let [(part, block)] = together
                && Self::stays(block, &deletions, cutoff)
                && self.writer.copies(part, block)
                && self.writer.copy(part, block)?
            {
                continue;
            }
            // A damaged filter is made anew from the rows.
            let columns = together
                .iter()
                .map(|(part, block)| self.read(part, block, labels, &deletions, cutoff))
                .collect::<Result<Vec<_>, _>>()?;
            match columns.as_slice() {
                [only] => self.write_all(only)?,
                many => self.write_merged(many)?,
            }
        }
        self.writer.end_stream()
    }

    /// Whether all rows of a block stay.
    fn stays(block: &Block, deletions: &[Arc<Deletion>], cutoff: i64) -> bool {
        block.start >= cutoff
            && !deletions.iter().any(|deletion| deletion.range.overlaps(block.start, block.end))
    }

    fn read(
        &self,
        part: &Arc<Part>,
        block: &Block,
        labels: &Labels,
        deletions: &[Arc<Deletion>],
        cutoff: i64,
    ) -> Result<EntryColumns, Error> {
        let mut columns = EntryColumns::default();
        let range = EntryRange::new(cutoff, i64::MAX);
        self.kept.read(part, block, range, &Columns::ALL, &mut columns)?;
        if deletions.iter().any(|deletion| deletion.range.overlaps(block.start, block.end)) {
            drop_rows(labels, deletions, &mut columns);
        }
        Ok(columns)
    }

    fn write_all(&mut self, columns: &EntryColumns) -> Result<(), Error> {
        let mut bytes = 0;
        for row in 0..columns.rows {
            let is_same = row > 0 && has_same_metadata(columns, row);
            if !is_same {
                bytes = metadata_bytes(columns, row);
            }
            self.write_row(columns, row, bytes, is_same)?;
        }
        Ok(())
    }

    /// Writes rows of blocks that share some time, those that are the same once.
    fn write_merged(&mut self, all: &[EntryColumns]) -> Result<(), Error> {
        let mut rows: Vec<(i64, usize, usize)> = Vec::new();
        for (number, columns) in all.iter().enumerate() {
            rows.extend(columns.timestamps.iter().enumerate().map(|(row, time)| (*time, number, row)));
        }
        rows.sort_by_key(|(time, _, _)| *time);
        for same_time in rows.chunk_by(|a, b| a.0 == b.0) {
            for (position, (_, number, row)) in same_time.iter().enumerate() {
                let Some(columns) = all.get(*number) else { continue };
                let before = same_time.get(..position).unwrap_or_default().iter();
                // Rows of one block are no duplicates.
                let is_there = before.filter(|(_, other, _)| other != number).any(|(_, other, other_row)| {
                    all.get(*other).is_some_and(|other| is_same_entry(columns, *row, other, *other_row))
                });
                if !is_there {
                    self.write_row(columns, *row, metadata_bytes(columns, *row), false)?;
                }
            }
        }
        Ok(())
    }

    fn write_row(
        &mut self,
        columns: &EntryColumns,
        row: usize,
        bytes: u64,
        is_same: bool,
    ) -> Result<(), Error> {
        let timestamp = columns.timestamps.get(row).copied().unwrap_or_default();
        self.writer.push(timestamp, columns.line(row), metadata(columns, row), bytes, is_same)
    }
}

fn metadata(columns: &EntryColumns, row: usize) -> impl Iterator<Item = (&str, &str)> {
    columns.metadata.iter().filter_map(move |column| Some((&*column.name, column.get(row)?)))
}

fn metadata_bytes(columns: &EntryColumns, row: usize) -> u64 {
    metadata(columns, row).map(|(name, value)| (name.len() + value.len()) as u64).sum()
}

fn has_same_metadata(columns: &EntryColumns, row: usize) -> bool {
    columns.metadata.iter().all(|column| match &column.values {
        MetadataValues::Constant(_) => true,
        MetadataValues::Dictionary { numbers, .. } => numbers.get(row) == numbers.get(row - 1),
        MetadataValues::Raw { .. } => column.get(row) == column.get(row - 1),
    })
}

fn is_same_entry(a: &EntryColumns, a_row: usize, b: &EntryColumns, b_row: usize) -> bool {
    a.line(a_row) == b.line(b_row) && metadata(a, a_row).eq(metadata(b, b_row))
}
