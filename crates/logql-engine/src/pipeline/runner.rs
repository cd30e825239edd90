//! The rows of a block go through the steps.

use std::hash::BuildHasher;
use std::ops::ControlFlow;

use bumpalo::Bump;
use model::Labels;
use storage::logs::{EntryColumns, MISSING, MetadataValues};

use super::rows::Rows;
use super::step::State;
use super::{LabelKind, Order, Pipeline, Row, RowLabel, RowLabels, Sink};

/// Texts of rows are forgotten where they take so much.
const ARENA_BYTES_MAX: usize = 1 << 20;

/// Runs a pipeline on one thread; holds the memory that rows need.
#[derive(Debug)]
pub struct Runner<'p> {
    pipeline: &'p Pipeline,
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
            arena: Bump::new(),
            labels: Vec::new(),
            base: Vec::new(),
            rows: Rows::default(),
            found: Rows::default(),
            hasher: foldhash::fast::FixedState::with_seed(0),
        }
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
        let mut rows = std::mem::take(&mut self.rows);
        rows.fill(columns.rows);
        for test in &self.pipeline.search {
            test.search(columns, &mut rows, &mut self.found);
        }
        for implied in self.pipeline.implied.iter().filter(|implied| implied.applies(stream, columns)) {
            implied.search(columns, &mut rows, &mut self.found);
        }
        let mut base = recycled(std::mem::take(&mut self.base));
        base.extend(stream.iter().map(|(name, value)| RowLabel { name, value, kind: LabelKind::Stream }));
        let mut next = match order {
            Order::Forward => rows.at_or_after(0),
            Order::Backward => rows.before(columns.rows),
        };
        let mut flow = ControlFlow::Continue(());
        while next.is_some() && flow.is_continue() {
            (next, flow) = self.run_some(next, (&rows, order), &base, columns, sink);
            if self.arena.allocated_bytes() < ARENA_BYTES_MAX {
                self.arena.reset();
            } else {
                self.arena = Bump::new();
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
        (rows, order): (&Rows, Order),
        base: &[RowLabel<'_>],
        columns: &EntryColumns,
        sink: &mut Sink<'_>,
    ) -> (Option<usize>, ControlFlow<()>) {
        let labels = RowLabels::new(recycled(std::mem::take(&mut self.labels)), base);
        let now = self.pipeline.now;
        let mut state = State { timestamp: 0, line: &[], labels, value: 0.0, arena: &self.arena, now };
        let mut flow = ControlFlow::Continue(());
        while let Some(row) = next
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
            if self.pipeline.steps.iter().all(|step| step.run(&mut state)) {
                let (line, value) = (state.line, state.value);
                flow = sink(Row { row, timestamp: state.timestamp, line, value, labels: &state.labels });
            }
        }
        self.labels = recycled(state.labels.into_memory());
        (next, flow)
    }
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
