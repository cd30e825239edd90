//! The rows of a block go through the steps.

use std::hash::BuildHasher;
use std::ops::{ControlFlow, Range};

use bumpalo::Bump;
use model::Labels;
use storage::logs::{EntryColumns, MISSING, MetadataValues};

use super::rows::Rows;
use super::step::{State, Step};
use super::{LabelKind, Order, Pipeline, Row, RowLabel, RowLabels, Sink};
use crate::Control;

/// Texts of rows are forgotten where they take so much.
const ARENA_BYTES_MAX: usize = 1 << 20;
/// The most that the stages may make of one row.
const ROW_BYTES_MAX: usize = 64 << 20;
/// After so much work somebody looks whether the query is to end: a stage counts one, and one for so many bytes of its line.
const UNCHECKED_MAX: usize = 1024;
const BYTES_COUNTED: usize = 256;
/// The most work that is done for one row.
const ROW_WORK_MAX: usize = 1_000_000;
/// What the error label of a row says whose stages made too much.
pub(super) const ROW_ERROR: &str = "LineTooLargeErr";

/// Runs a pipeline on one thread; holds the memory that rows need.
#[derive(Debug)]
pub struct Runner<'p> {
    pipeline: &'p Pipeline,
    control: Option<&'p Control>,
    arena: Bump,
    labels: Vec<RowLabel<'static>>,
    base: Vec<RowLabel<'static>>,
    rows: Rows,
    found: Rows,
    hasher: foldhash::fast::FixedState,
}

impl<'p> Runner<'p> {
    /// Makes one for a thread.
    pub fn new(pipeline: &'p Pipeline) -> Self {
        Self {
            pipeline,
            control: None,
            arena: Bump::new(),
            labels: Vec::new(),
            base: Vec::new(),
            rows: Rows::default(),
            found: Rows::default(),
            hasher: foldhash::fast::FixedState::with_seed(0),
        }
    }

    /// Breaks off where the query is to end, which [`Control::check`] then says.
    #[must_use]
    pub fn checked_by(self, control: &'p Control) -> Self {
        Self { control: Some(control), ..self }
    }

    fn is_over(&self) -> bool {
        self.control.is_some_and(|control| control.check().is_err())
    }

    /// Gives the rows of a block that come out to `sink`, in order of time, until it breaks; says whether it did.
    pub fn run(&mut self, stream: &Labels, columns: &EntryColumns, sink: &mut Sink<'_>) -> ControlFlow<()> {
        self.run_in(Order::Forward, stream, columns, sink)
    }

    /// As [`Runner::run`], in another order.
    pub fn run_in(
        &mut self,
        order: Order,
        stream: &Labels,
        columns: &EntryColumns,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        self.search(columns)?;
        let rows = self.rows.count();
        if rows == 0 {
            return ControlFlow::Continue(());
        }
        for implied in self.pipeline.implied.iter().filter(|implied| implied.applies(stream, columns)) {
            implied.search(columns, &mut self.rows, &mut self.found);
        }
        self.run_rows(order, stream, (columns, 0..columns.rows), sink)
    }

    /// Finds the rows of some blocks, one behind the other, that the first filters let through; breaks where the query is to
    /// end. The next calls of [`Runner::run_found`] are for these rows.
    pub(crate) fn search(&mut self, columns: &EntryColumns) -> ControlFlow<()> {
        self.rows.fill(columns.rows);
        for test in &self.pipeline.search {
            test.search(columns, &mut self.rows, &mut self.found);
            if self.is_over() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// As [`Runner::search`], with what follows from the stages behind the filters for streams that have none of the labels
    /// that are asked about.
    pub(crate) fn search_all<'l>(
        &mut self,
        columns: &EntryColumns,
        streams: impl Fn() -> Vec<&'l Labels>,
    ) -> ControlFlow<()> {
        self.search(columns)?;
        if self.pipeline.implied.is_empty() {
            return ControlFlow::Continue(());
        }
        let streams = streams();
        for implied in &self.pipeline.implied {
            if streams.iter().all(|stream| implied.applies(stream, columns)) {
                implied.search(columns, &mut self.rows, &mut self.found);
            }
        }
        ControlFlow::Continue(())
    }

    /// The rows that were found.
    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The first row at or behind another one that was found.
    pub(crate) fn next_found(&self, row: usize) -> Option<usize> {
        self.rows.at_or_after(row)
    }

    /// Gives the rows that were found among those of one block to `sink`, in order of time.
    pub(crate) fn run_found(
        &mut self,
        stream: &Labels,
        block: (&EntryColumns, Range<usize>),
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        self.run_rows(Order::Forward, stream, block, sink)
    }

    fn run_rows(
        &mut self,
        order: Order,
        stream: &Labels,
        (columns, range): (&EntryColumns, Range<usize>),
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let rows = std::mem::take(&mut self.rows);
        let mut base = recycled(std::mem::take(&mut self.base));
        base.extend(stream.iter().map(|(name, value)| RowLabel { name, value, kind: LabelKind::Stream }));
        let mut next = match order {
            Order::Forward => rows.at_or_after(range.start),
            Order::Backward => rows.before(range.end),
        };
        let mut flow = ControlFlow::Continue(());
        while next.is_some_and(|row| range.contains(&row)) && flow.is_continue() {
            (next, flow) = self.run_some(next, (&rows, order, &range), &base, columns, sink);
            if self.arena.allocated_bytes() < ARENA_BYTES_MAX {
                self.arena.reset();
            } else {
                self.arena = Bump::new();
                if self.is_over() {
                    flow = ControlFlow::Break(());
                }
            }
        }
        self.base = recycled(base);
        self.rows = rows;
        flow
    }

    /// Runs rows from `next` on until their texts take too much; says which is the next one.
    fn run_some(
        &mut self,
        mut next: Option<usize>,
        (rows, order, range): (&Rows, Order, &Range<usize>),
        base: &[RowLabel<'_>],
        columns: &EntryColumns,
        sink: &mut Sink<'_>,
    ) -> (Option<usize>, ControlFlow<()>) {
        let labels = RowLabels::new(recycled(std::mem::take(&mut self.labels)), base);
        let now = self.pipeline.now;
        let mut state = State { timestamp: 0, line: &[], labels, value: 0.0, arena: &self.arena, now };
        let mut flow = ControlFlow::Continue(());
        let mut work = Work::default();
        while let Some(row) = next.filter(|row| range.contains(row))
            && flow.is_continue()
            && self.arena.allocated_bytes() < ARENA_BYTES_MAX
        {
            next = match order {
                Order::Forward => rows.at_or_after(row + 1),
                Order::Backward => rows.before(row),
            };
            state.timestamp = columns.timestamps.get(row).copied().unwrap_or(0);
            state.line = columns.line(row);
            state.value = 0.0;
            state.labels.reset();
            add_metadata(&mut state.labels, columns, row, &self.hasher);
            match through(&self.pipeline.steps, &mut state, &mut work, || self.is_over()) {
                ControlFlow::Break(()) => (next, flow) = (None, ControlFlow::Break(())),
                ControlFlow::Continue(false) => {}
                ControlFlow::Continue(true) => {
                    let (line, value) = (state.line, state.value);
                    flow = sink(Row { row, timestamp: state.timestamp, line, value, labels: &state.labels });
                }
            }
        }
        self.labels = recycled(state.labels.into_memory());
        (next, flow)
    }
}

/// What was done since somebody looked whether the query is to end.
#[derive(Default)]
struct Work {
    unchecked: usize,
}

/// Whether a row comes out of its steps; one that has become too much comes out at once, with an error. It breaks where the query
/// is over, which is looked for between any two steps: one line may keep them busy for long.
#[inline]
fn through<'r>(
    steps: &'r [Step],
    state: &mut State<'r>,
    work: &mut Work,
    is_over: impl Fn() -> bool,
) -> ControlFlow<(), bool> {
    let mut of_row = 0;
    for step in steps {
        let of_step = step.passes() * (1 + state.line.len() / BYTES_COUNTED);
        of_row += of_step;
        work.unchecked += of_step;
        if work.unchecked > UNCHECKED_MAX {
            work.unchecked = 0;
            if is_over() {
                return ControlFlow::Break(());
            }
        }
        if state.arena.allocated_bytes() > ROW_BYTES_MAX || of_row > ROW_WORK_MAX {
            state.labels.set_error(ROW_ERROR, "the stages make too much of one line");
            break;
        }
        if !step.run(state) {
            return ControlFlow::Continue(false);
        }
    }
    ControlFlow::Continue(true)
}

/// Adds a row's structured metadata, and a number for their combination.
fn add_metadata<'r>(
    labels: &mut RowLabels<'r>,
    columns: &'r EntryColumns,
    row: usize,
    hasher: &foldhash::fast::FixedState,
) {
    let mut signature = Some(0);
    for column in &columns.metadata {
        let number = match &column.values {
            MetadataValues::Constant(_) => Some(0),
            MetadataValues::Dictionary { numbers, .. } => numbers.get(row).copied().or(Some(MISSING)),
            MetadataValues::Raw { .. } => None,
        };
        signature = signature.zip(number).map(|pair| if pair == (0, 0) { 0 } else { hasher.hash_one(pair) });
        if let Some(value) = column.get(row) {
            labels.add_metadata(&column.name, value);
        }
    }
    labels.set_signature(signature);
}

/// An empty list in the memory of another one, whose texts live shorter or longer.
fn recycled<'a>(mut memory: Vec<RowLabel<'_>>) -> Vec<RowLabel<'a>> {
    memory.clear();
    memory.into_iter().map(|label| RowLabel { name: "", value: "", kind: label.kind }).collect()
}

#[cfg(test)]
mod tests;
