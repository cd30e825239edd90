//! One thread of a scan.

use std::ops::{ControlFlow, Range};

use storage::logs::{BlockHeader, BlockSet, Columns, EntryColumns, MetadataWanted};

use super::super::groups::Groups;
use super::super::identity::Identity;
use super::super::windows::Place;
use super::Selection;
use super::plain::{Block, Counted, Scratch};
use super::sampler::Sampler;
use super::units::Seen;
use crate::pipeline::Runner;
use crate::{Control, Result, Statistics};

/// New series of a block that take so many bytes are held against the limits before more of them come.
const NEW_BYTES_MAX: u64 = 4 << 20;

/// Reads units, one at a time.
pub(super) struct Worker<'a> {
    selection: &'a Selection<'a>,
    blocks: &'a dyn BlockSet,
    ranks: &'a [u32],
    control: &'a Control,
    groups: Groups,
    pub(super) figures: Statistics,
    runner: Runner<'a>,
    sampler: Sampler<'a>,
    scratch: Scratch,
    columns: EntryColumns,
    /// Bytes of the columns that are counted as held.
    columns_held: u64,
    seen: Seen,
    /// Blocks that are read at once, and their rows.
    together: Vec<(Range<usize>, u32)>,
    /// What is read of a block.
    wanted: Columns,
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        selection: &'a Selection<'a>,
        blocks: &'a dyn BlockSet,
        ranks: &'a [u32],
        control: &'a Control,
    ) -> Self {
        let wanted = if selection.is_counted() {
            Columns {
                timestamps: true,
                lines: selection.counts_bytes() || !selection.is_plain(),
                without_times: !selection.counts_bytes() && selection.pipeline.searches_without_times(),
                metadata: metadata(&selection.identity),
            }
        } else {
            selection.pipeline.columns().clone()
        };
        Self {
            selection,
            blocks,
            ranks,
            control,
            groups: Groups::new(selection.operation, selection.unwraps),
            figures: Statistics::default(),
            runner: Runner::new(&selection.pipeline).checked_by(control),
            sampler: Sampler::new(selection),
            scratch: Scratch::default(),
            columns: EntryColumns::default(),
            columns_held: 0,
            seen: Seen::default(),
            together: Vec::new(),
            wanted,
        }
    }

    /// What was kept so far.
    pub(super) fn take_groups(&mut self) -> Groups {
        let nothing = Groups::new(self.selection.operation, self.selection.unwraps);
        std::mem::replace(&mut self.groups, nothing)
    }

    /// Takes the samples of a unit.
    pub(super) fn unit(&mut self, unit: &[u32]) -> Result<()> {
        self.control.check()?;
        self.seen.clear();
        if unit.len() > 1 {
            self.note_times(unit)?;
        }
        for block in unit {
            let Some(header) = self.blocks.blocks().get(*block as usize).copied() else { continue };
            if self.count_header(&header) {
                continue;
            }
            let needles = self.selection.pipeline.needles();
            if !needles.is_empty() && self.blocks.excludes(*block as usize, needles) {
                self.figures.blocks_skipped += 1;
                continue;
            }
            let shares = self.seen.may_share(&header);
            self.read(*block, &header, shares)?;
            self.rows(*block, &header)?;
        }
        self.control.take_bytes(self.groups.take_new_bytes())?;
        self.selection.check_series(&self.groups)
    }

    /// Looks which times two blocks of a unit have: their rows alone are compared, and all columns are read for it.
    fn note_times(&mut self, unit: &[u32]) -> Result<()> {
        for block in unit {
            self.control.check()?;
            self.blocks.read(*block as usize, &Columns::TIMES, &mut self.columns)?;
            self.seen.note(&self.columns.timestamps);
        }
        self.seen.end_notes();
        Ok(())
    }

    /// Takes the samples of blocks that are stored together, read at once but for those that are to be read alone.
    pub(super) fn neighbours(&mut self, blocks: &[u32]) -> Result<()> {
        self.control.check()?;
        let set = self.blocks;
        let needles = self.selection.pipeline.needles();
        let first = blocks.first().map_or(0, |block| *block as usize);
        if !needles.is_empty() && set.excludes(first, needles) {
            self.figures.blocks_skipped += blocks.len() as u64;
            return Ok(());
        }
        let mut together = std::mem::take(&mut self.together);
        together.clear();
        for block in blocks {
            let Some(rows) = set.rows_among_neighbours(*block as usize) else {
                self.unit(std::slice::from_ref(block))?;
                continue;
            };
            if set.blocks().get(*block as usize).is_some_and(|header| !self.count_header(header)) {
                together.push((rows, *block));
            }
        }
        let read = if together.is_empty() { Ok(()) } else { self.read_together(&together) };
        self.together = together;
        read?;
        self.control.take_bytes(self.groups.take_new_bytes())?;
        self.selection.check_series(&self.groups)
    }

    fn read_together(&mut self, together: &[(Range<usize>, u32)]) -> Result<()> {
        let set = self.blocks;
        let Some((_, first)) = together.first() else { return Ok(()) };
        for header in together.iter().filter_map(|(_, block)| set.blocks().get(*block as usize)) {
            if self.wanted.lines {
                self.control.read_bytes(header.line_bytes)?;
                self.figures.line_bytes += header.line_bytes;
            }
            self.figures.lines += header.rows as u64;
            self.count_read(header);
        }
        let header = |block: u32| set.blocks().get(block as usize);
        self.want_times(together.iter().filter_map(|(_, block)| header(*block)));
        set.read_neighbours(*first as usize, &self.wanted, &mut self.columns)?;
        self.hold_columns()?;
        let stream = |block: u32| set.streams().get(header(block)?.stream);
        if self.selection.is_plain() {
            for (rows, block) in together {
                if let Some(header) = header(*block) {
                    self.count_rows(header, rows.clone());
                }
            }
            return Ok(());
        }
        let streams = || together.iter().filter_map(|(_, block)| stream(*block)).collect();
        let searched = self.runner.search_all(&self.columns, streams);
        self.control.check()?;
        let mut next = if searched.is_break() { None } else { self.runner.next_found(0) };
        for (rows, block) in together {
            let Some(row) = next else { break };
            if row >= rows.end {
                continue;
            }
            if let Some(header) = header(*block) {
                self.found_rows(*block, header, rows.clone())?;
            }
            next = self.runner.next_found(rows.end);
        }
        Ok(())
    }

    /// Counts a block by its header, where that tells all.
    fn count_header(&mut self, header: &BlockHeader) -> bool {
        if !header.exact || !self.selection.is_plain() || !self.selection.identity.is_one() {
            return false;
        }
        let Some(pane) = self.pane(header) else { return false };
        let rows = header.rows as u64;
        let total = if self.selection.counts_bytes() { header.line_bytes } else { rows };
        let series = self.groups.number(&[]);
        self.groups.count(series, pane, rows, total);
        self.figures.blocks_skipped += 1;
        self.figures.lines_kept += rows;
        true
    }

    fn read(&mut self, block: u32, header: &BlockHeader, shares: bool) -> Result<()> {
        if !shares {
            self.want_times(std::iter::once(header));
        }
        let wanted = if shares { &Columns::ALL } else { &self.wanted };
        if wanted.lines {
            self.control.read_bytes(header.line_bytes)?;
            self.figures.line_bytes += header.line_bytes;
        }
        self.blocks.read(block as usize, wanted, &mut self.columns)?;
        if shares {
            self.figures.duplicates += self.seen.remove_known(&mut self.columns);
        }
        self.hold_columns()?;
        self.figures.lines += self.columns.rows as u64;
        self.count_read(header);
        Ok(())
    }

    /// Times are read of what is counted unless each block lies in one pane.
    fn want_times<'h>(&mut self, mut headers: impl Iterator<Item = &'h BlockHeader>) {
        if self.selection.is_counted() {
            self.wanted.timestamps = headers.any(|header| self.pane(header).is_none());
        }
    }

    /// The pane that a block lies in as a whole.
    fn pane(&self, header: &BlockHeader) -> Option<u32> {
        match self.selection.windows.place(header.start) {
            Place::Pane { pane, last } if header.end <= last => Some(pane),
            _ => None,
        }
    }

    /// Holds the columns against the limits.
    fn hold_columns(&mut self) -> Result<()> {
        let held = self.columns.bytes() as u64;
        if held > self.columns_held {
            self.control.take_bytes(held - self.columns_held)?;
            self.columns_held = held;
        }
        Ok(())
    }

    fn count_read(&mut self, header: &BlockHeader) {
        self.figures.metadata_bytes += header.metadata_bytes;
        self.figures.stored_bytes += header.stored_bytes;
        self.figures.blocks_in_memory += u64::from(header.stored_bytes == 0);
    }

    /// Takes the samples of the rows that were read.
    fn rows(&mut self, block: u32, header: &BlockHeader) -> Result<()> {
        let Some(stream) = self.blocks.streams().get(header.stream) else { return Ok(()) };
        if self.selection.is_plain() {
            self.count_rows(header, 0..self.columns.rows);
            return Ok(());
        }
        let searched = self.runner.search_all(&self.columns, || vec![stream]);
        self.control.check()?;
        if searched.is_break() { Ok(()) } else { self.found_rows(block, header, 0..self.columns.rows) }
    }

    /// Counts rows as they are stored: all of a block, or those that were found.
    fn count_rows(&mut self, header: &BlockHeader, rows: Range<usize>) {
        let Some(stream) = self.blocks.streams().get(header.stream) else { return };
        let counted = if self.selection.counts_bytes() { Counted::Bytes } else { Counted::Rows };
        let how = (&self.selection.identity, &self.selection.windows);
        let found = Some(self.runner.rows()).filter(|_| !self.selection.is_plain());
        self.figures.lines_kept += found.map_or(rows.len(), |found| found.count_in(&rows)) as u64;
        let block = Block { stream, columns: &self.columns, rows, found, pane: self.pane(header) };
        self.scratch.count(&block, how, counted, &mut self.groups);
    }

    /// Takes the samples of the rows of a block that were found.
    fn found_rows(&mut self, block: u32, header: &BlockHeader, rows: Range<usize>) -> Result<()> {
        let Some(stream) = self.blocks.streams().get(header.stream) else { return Ok(()) };
        if self.selection.is_counted() {
            self.count_rows(header, rows);
            return Ok(());
        }
        let rank = self.ranks.get(header.stream).copied().unwrap_or(header.stream as u32);
        self.sampler.begin(rank, block);
        let (sampler, groups) = (&mut self.sampler, &mut self.groups);
        let (control, mut told) = (self.control, Ok(()));
        let flow = self.runner.run_found(stream, (&self.columns, rows), &mut |row| {
            let flow = sampler.take(row, groups);
            if groups.new_bytes() > NEW_BYTES_MAX {
                told = control.take_bytes(groups.take_new_bytes());
            }
            if told.is_err() { ControlFlow::Break(()) } else { flow }
        });
        told?;
        control.check()?;
        self.figures.lines_kept += self.sampler.taken();
        match self.sampler.take_error() {
            Some(error) if flow.is_break() => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        self.control.return_bytes(self.columns_held);
    }
}

/// The metadata that may be part of a series' labels.
fn metadata(identity: &Identity) -> MetadataWanted {
    match identity {
        Identity::All | Identity::Without(_) => MetadataWanted::All,
        Identity::By(labels) if labels.is_empty() => MetadataWanted::None,
        Identity::By(labels) => MetadataWanted::Named(labels.clone()),
    }
}
