//! Rows that came out of a pipeline become samples.

use std::ops::ControlFlow;

use hashbrown::HashMap;

use super::super::groups::Groups;
use super::super::windows::Place;
use super::super::windows::cell::{Rank, Sample};
use super::Selection;
use crate::Error;
use crate::pipeline::{PackScratch, Row};

/// Turns rows of one block at a time into samples.
pub(super) struct Sampler<'a> {
    selection: &'a Selection<'a>,
    counts_bytes: bool,
    /// Whether the query asks for errors as a label, so that they are no failure.
    names_error: bool,
    rank: Rank,
    /// Where the row before lay.
    place: Place,
    /// The series of the block's combinations of labels.
    known: HashMap<u64, u32, foldhash::fast::RandomState>,
    /// The series of all rows, where they are one.
    one: Option<u32>,
    packed: Vec<u8>,
    scratch: PackScratch,
    taken: u64,
    error: Option<Error>,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(selection: &'a Selection<'a>) -> Self {
        let names_error = match &selection.identity {
            super::Identity::By(labels) => labels.iter().any(|label| label == "__error__"),
            _ => false,
        };
        Self {
            selection,
            counts_bytes: selection.counts_bytes(),
            names_error,
            rank: Rank::default(),
            place: Place::Nowhere { last: i64::MIN },
            known: HashMap::default(),
            one: None,
            packed: Vec::new(),
            scratch: PackScratch::default(),
            taken: 0,
            error: None,
        }
    }

    /// The rows that follow are those of a block.
    pub(super) fn begin(&mut self, stream: u32, block: u32) {
        self.rank = Rank { stream, block, row: 0 };
        self.place = Place::Nowhere { last: i64::MIN };
        self.known.clear();
        self.taken = 0;
    }

    /// How many rows of the block came out.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Why it broke off.
    pub(super) fn take_error(&mut self) -> Option<Error> {
        self.error.take()
    }

    /// Takes a row.
    pub(super) fn take(&mut self, row: Row<'_>, groups: &mut Groups) -> ControlFlow<()> {
        self.taken += 1;
        let (Place::Pane { last, .. } | Place::Nowhere { last }) = self.place;
        if row.timestamp > last || last == i64::MIN {
            self.place = self.selection.windows.place(row.timestamp);
        }
        let Place::Pane { pane, .. } = self.place else { return ControlFlow::Continue(()) };
        if row.labels.has_error() && !self.names_error {
            self.error = Some(Error::Pipeline {
                error: row.labels.error().to_owned(),
                series: row.labels.to_labels().to_string(),
            });
            return ControlFlow::Break(());
        }
        let series = self.series(&row, groups);
        let value = if self.selection.unwraps {
            row.value
        } else if self.counts_bytes {
            row.line.len() as f64
        } else {
            1.0
        };
        let rank = Rank { row: u32::try_from(row.row).unwrap_or(u32::MAX), ..self.rank };
        groups.add(series, pane, Sample { timestamp: row.timestamp, value, rank });
        ControlFlow::Continue(())
    }

    /// The series of a row.
    fn series(&mut self, row: &Row<'_>, groups: &mut Groups) -> u32 {
        if self.selection.identity.is_one() {
            return *self.one.get_or_insert_with(|| groups.number(&[]));
        }
        let signature = row.labels.signature();
        if let Some(known) = signature.and_then(|signature| self.known.get(&signature)) {
            return *known;
        }
        self.packed.clear();
        let identity = &self.selection.identity;
        row.labels.pack(|name| identity.keeps(name), &mut self.scratch, &mut self.packed);
        let series = groups.number(&self.packed);
        if let Some(signature) = signature {
            self.known.insert(signature, series);
        }
        series
    }
}
