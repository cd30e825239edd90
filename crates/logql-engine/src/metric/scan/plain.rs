//! Rows that are counted as they are stored, all or those that were found: their series follow from the stream and from
//! columns of metadata, a run of rows in one pane is one step.

use std::ops::Range;

use hashbrown::HashMap;
use model::Labels;
use storage::logs::{EntryColumns, MISSING, MetadataColumn, MetadataValues};

use super::super::groups::Groups;
use super::super::identity::Identity;
use super::super::windows::{Place, Windows};
use crate::pipeline::Rows;

/// Where a pane has fewer rows than this they are counted one by one: to look for the end of a pane's rows takes as long as that.
const ROWS_APART_MAX: usize = 8;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// Rows.
    Rows,
    /// Bytes of their lines.
    Bytes,
}

/// Rows of a block, to be counted.
#[derive(Debug, Clone)]
pub(super) struct Block<'a> {
    pub(super) stream: &'a Labels,
    /// The columns, which may have the rows of other blocks too.
    pub(super) columns: &'a EntryColumns,
    pub(super) rows: Range<usize>,
    /// The rows that count, where not all do.
    pub(super) found: Option<&'a Rows>,
    /// The pane of all rows, whose times need not be there then.
    pub(super) pane: Option<u32>,
}

/// Memory for counting.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Which combination of metadata each row has.
    combinations: Vec<u32>,
    /// A row of each combination.
    examples: Vec<u32>,
    known: HashMap<(u32, u32), u32, foldhash::fast::RandomState>,
    /// Rows and bytes of each series in the pane.
    counts: Vec<(u64, u64)>,
    touched: Vec<u32>,
    /// The series of each combination that has been counted.
    series: Vec<Option<u32>>,
    packed: Vec<u8>,
}

impl Scratch {
    /// Counts the rows of a block.
    pub(super) fn count(
        &mut self,
        block: &Block<'_>,
        (identity, windows): (&Identity, &Windows),
        counted: Counted,
        groups: &mut Groups,
    ) {
        let columns = block.columns;
        let metadata: Vec<&MetadataColumn> =
            columns.metadata.iter().filter(|column| identity.keeps(&column.name)).collect();
        self.combine(&metadata, &block.rows);
        self.series.clear();
        self.series.resize(self.examples.len(), None);
        self.counts.clear();
        self.counts.resize(self.examples.len(), (0, 0));
        let how = (identity, metadata.as_slice(), counted);
        if let Some(pane) = block.pane {
            self.count_run(block, block.rows.clone(), how, pane, groups);
            return;
        }
        let times = columns.timestamps.get(..block.rows.end).unwrap_or(&columns.timestamps);
        if self.count_apart(block, times.get(block.rows.start..).unwrap_or_default(), how, windows, groups) {
            return;
        }
        let mut row = block.rows.start;
        while let Some(timestamp) = times.get(row) {
            let rest = times.get(row..).unwrap_or_default();
            let (pane, last) = match windows.place(*timestamp) {
                Place::Pane { pane, last } => (Some(pane), last),
                Place::Nowhere { last } => (None, last),
            };
            let end = row + run_length(rest, last);
            if let Some(pane) = pane {
                self.count_run(block, row..end, how, pane, groups);
            }
            row = end;
        }
    }

    /// Counts all rows of one series, one by one, where few of them lie in a pane; says whether it did.
    fn count_apart(
        &mut self,
        block: &Block<'_>,
        times: &[i64],
        (identity, metadata, counted): (&Identity, &[&MetadataColumn], Counted),
        windows: &Windows,
        groups: &mut Groups,
    ) -> bool {
        let are_one = self.examples.len() == 1 && counted == Counted::Rows && block.found.is_none();
        let (Some(first), Some(last), true) = (times.first(), times.last(), are_one) else { return false };
        let Some(panes) = windows.even(*first, *last) else { return false };
        let is_apart = times.len() <= ROWS_APART_MAX * (panes.last - panes.first + 1) as usize;
        if is_apart {
            let number = self.series_of(block, block.rows.start, (identity, metadata), groups);
            groups.count_times(number, panes, times);
        }
        is_apart
    }

    /// The series of a row.
    fn series_of(
        &mut self,
        block: &Block<'_>,
        row: usize,
        (identity, metadata): (&Identity, &[&MetadataColumn]),
        groups: &mut Groups,
    ) -> u32 {
        self.packed.clear();
        if !identity.is_one() {
            pack(block.stream, metadata, row, identity, &mut self.packed);
        }
        groups.number(&self.packed)
    }

    /// Counts rows of one pane.
    fn count_run(
        &mut self,
        block: &Block<'_>,
        run: Range<usize>,
        (identity, metadata, counted): (&Identity, &[&MetadataColumn], Counted),
        pane: u32,
        groups: &mut Groups,
    ) {
        let is_one = self.examples.len() == 1 && counted == Counted::Rows;
        if is_one {
            let rows = block.found.map_or(run.len(), |found| found.count_in(&run)) as u64;
            self.touched.extend((rows > 0).then_some(0));
            if let Some(counts) = self.counts.first_mut() {
                *counts = (rows, rows);
            }
        } else {
            match block.found {
                None => run.for_each(|row| self.count_row(block, row, counted)),
                Some(found) => {
                    let mut next = found.at_or_after(run.start);
                    while let Some(row) = next.filter(|row| *row < run.end) {
                        self.count_row(block, row, counted);
                        next = found.at_or_after(row + 1);
                    }
                }
            }
        }
        while let Some(combination) = self.touched.pop() {
            let place = combination as usize;
            let Some((rows, total)) = self.counts.get_mut(place).map(std::mem::take) else { continue };
            let known = self.series.get(place).copied().flatten();
            let number = known.unwrap_or_else(|| {
                let example = self.examples.get(place).copied().unwrap_or_default() as usize;
                self.series_of(block, example, (identity, metadata), groups)
            });
            if let Some(series) = self.series.get_mut(place) {
                *series = Some(number);
            }
            groups.count(number, pane, rows, total);
        }
    }

    fn count_row(&mut self, block: &Block<'_>, row: usize, counted: Counted) {
        let combination = self.combinations.get(row - block.rows.start).copied().unwrap_or(0);
        let bytes = match counted {
            Counted::Rows => 1,
            Counted::Bytes => block.columns.line(row).len() as u64,
        };
        if let Some((rows, total)) = self.counts.get_mut(combination as usize) {
            if *rows == 0 {
                self.touched.push(combination);
            }
            *rows += 1;
            *total += bytes;
        }
    }

    /// Numbers the combinations of metadata; where all rows have the same one no row gets a number.
    fn combine(&mut self, metadata: &[&MetadataColumn], rows: &Range<usize>) {
        self.combinations.clear();
        self.examples.clear();
        self.examples.extend((!rows.is_empty()).then_some(rows.start as u32));
        for column in metadata {
            let mut texts: HashMap<&str, u32, foldhash::fast::RandomState> = HashMap::default();
            let mut number: Box<dyn FnMut(usize) -> u32> = match &column.values {
                MetadataValues::Constant(_) => continue,
                MetadataValues::Dictionary { numbers, .. } => {
                    Box::new(|row| numbers.get(row).copied().unwrap_or(MISSING))
                }
                MetadataValues::Raw { .. } => Box::new(|row| {
                    column.get(row).map_or(MISSING, |text| {
                        let next = texts.len() as u32;
                        *texts.entry(text).or_insert(next)
                    })
                }),
            };
            self.combinations.resize(rows.len(), 0);
            self.examples.clear();
            self.known.clear();
            // Neighbours often are alike.
            let mut before: Option<((u32, u32), u32)> = None;
            for (row, combination) in (rows.start as u32..).zip(&mut self.combinations) {
                let pair = (*combination, number(row as usize));
                *combination = match before {
                    Some((known, combination)) if known == pair => combination,
                    _ => {
                        let next = self.examples.len() as u32;
                        let combination = *self.known.entry(pair).or_insert(next);
                        if combination == next {
                            self.examples.push(row);
                        }
                        combination
                    }
                };
                before = Some((pair, *combination));
            }
        }
    }
}

/// The packed labels of a row that count: those of the stream, and metadata in place of them.
fn pack(
    stream: &Labels,
    metadata: &[&MetadataColumn],
    row: usize,
    identity: &Identity,
    packed: &mut Vec<u8>,
) {
    let mut own = metadata.iter().filter_map(|column| Some((&*column.name, column.get(row)?))).peekable();
    for (name, value) in stream.iter() {
        while let Some((name, value)) = own.next_if(|(other, _)| *other < name) {
            Labels::pack(name, value, packed);
        }
        match own.next_if(|(other, _)| *other == name) {
            Some((name, value)) => Labels::pack(name, value, packed),
            None if identity.keeps(name) => Labels::pack(name, value, packed),
            None => {}
        }
    }
    for (name, value) in own {
        Labels::pack(name, value, packed);
    }
}

/// How many of the times, which never fall, are at most `last`: looked for in growing steps, then between two of them.
fn run_length(times: &[i64], last: i64) -> usize {
    // Few rows in a pane, or many.
    let near = times.iter().take(8).take_while(|time| **time <= last).count();
    if near < 8 {
        return near.max(1);
    }
    let mut reach = 8;
    while times.get(reach).is_some_and(|time| *time <= last) {
        reach *= 2;
    }
    let within = times.get(..reach).unwrap_or(times);
    within.partition_point(|time| *time <= last)
}
