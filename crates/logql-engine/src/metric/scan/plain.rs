//! Rows that are counted as they are stored: their series follow from the stream and from columns of metadata, a run of
//! rows in one pane is one step.

use std::ops::Range;

use hashbrown::HashMap;
use model::Labels;
use storage::logs::{EntryColumns, MISSING, MetadataColumn, MetadataValues};

use super::super::groups::Groups;
use super::super::identity::Identity;
use super::super::windows::{Place, Windows};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// Rows.
    Rows,
    /// Bytes of their lines.
    Bytes,
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
    series: Vec<u32>,
    packed: Vec<u8>,
}

impl Scratch {
    /// Counts the rows of a block, which may be some of the rows of the columns.
    pub(super) fn count(
        &mut self,
        stream: &Labels,
        (columns, rows): (&EntryColumns, Range<usize>),
        (identity, windows): (&Identity, &Windows),
        counted: Counted,
        groups: &mut Groups,
    ) {
        if identity.is_one() && counted == Counted::Rows {
            count_all(columns.timestamps.get(rows).unwrap_or_default(), windows, groups);
            return;
        }
        let metadata: Vec<&MetadataColumn> =
            columns.metadata.iter().filter(|column| identity.keeps(&column.name)).collect();
        self.combine(&metadata, &rows);
        self.series.clear();
        for example in &self.examples {
            self.packed.clear();
            pack(stream, &metadata, *example as usize, identity, &mut self.packed);
            self.series.push(groups.number(&self.packed));
        }
        self.counts.clear();
        self.counts.resize(self.examples.len(), (0, 0));
        let mut row = rows.start;
        let times = columns.timestamps.get(..rows.end).unwrap_or(&columns.timestamps);
        while let Some(timestamp) = times.get(row) {
            let rest = times.get(row..).unwrap_or_default();
            let (pane, last) = match windows.place(*timestamp) {
                Place::Pane { pane, last } => (Some(pane), last),
                Place::Nowhere { last } => (None, last),
            };
            let end = row + run_length(rest, last);
            if let Some(pane) = pane {
                self.count_run(columns, (row, end, rows.start), counted, pane, groups);
            }
            row = end;
        }
    }

    /// Counts rows of one pane.
    fn count_run(
        &mut self,
        columns: &EntryColumns,
        (start, end, first): (usize, usize, usize),
        counted: Counted,
        pane: u32,
        groups: &mut Groups,
    ) {
        if let ([series], Counted::Rows) = (self.series.as_slice(), counted) {
            let rows = (end - start) as u64;
            groups.count(*series, pane, rows, rows);
            return;
        }
        for row in start..end {
            let combination = self.combinations.get(row - first).copied().unwrap_or(0);
            let bytes = match counted {
                Counted::Rows => 1,
                Counted::Bytes => columns.line(row).len() as u64,
            };
            if let Some((rows, total)) = self.counts.get_mut(combination as usize) {
                if *rows == 0 {
                    self.touched.push(combination);
                }
                *rows += 1;
                *total += bytes;
            }
        }
        for combination in self.touched.drain(..) {
            let place = combination as usize;
            if let (Some(counts), Some(series)) = (self.counts.get_mut(place), self.series.get(place)) {
                let (rows, total) = std::mem::take(counts);
                groups.count(*series, pane, rows, total);
            }
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

/// Counts rows of one series for all.
fn count_all(times: &[i64], windows: &Windows, groups: &mut Groups) {
    let series = groups.number(&[]);
    let mut rest = times;
    while let Some(first) = rest.first() {
        let (pane, last) = match windows.place(*first) {
            Place::Pane { pane, last } => (Some(pane), last),
            Place::Nowhere { last } => (None, last),
        };
        let (run, behind) = rest.split_at_checked(run_length(rest, last)).unwrap_or((rest, &[]));
        if let Some(pane) = pane {
            let rows = run.len() as u64;
            groups.count(series, pane, rows, rows);
        }
        rest = behind;
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
