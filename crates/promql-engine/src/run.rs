//! What an evaluation works with: its settings and limits, and the scratch memory of each thread.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use model::Annotations;
use parking_lot::Mutex;
use storage::SampleColumns;
use vectors::{Column, Remarks};

use crate::Result;
use crate::grid::Grid;
use crate::limits::Limits;
use crate::notes::{Note, Notes, Place};
use crate::operators::VectorOperator;

/// What holds for all of one query.
#[derive(Debug)]
pub(crate) struct Context {
    /// The steps of the query itself.
    pub(crate) grid: Grid,
    /// Whether it is a range query, even one of a single step.
    pub(crate) is_range: bool,
    /// Lookback in milliseconds.
    pub(crate) lookback: i64,
    /// Step of subqueries that name none, in milliseconds.
    pub(crate) subquery_step: i64,
    /// See [`crate::Settings::delayed_name_removal`].
    pub(crate) delayed_names: bool,
    /// See [`crate::Settings::use_start_timestamps`].
    pub(crate) start_timestamps: bool,
    /// See [`crate::Settings::type_and_unit_labels`].
    pub(crate) typed: bool,
    /// Whether what operators yield is counted.
    pub(crate) counting: bool,
    /// Whether counts are told for each step.
    pub(crate) per_step: bool,
    /// On how many threads to run.
    pub(crate) threads: usize,
    /// What may be used.
    pub(crate) limits: Limits,
}

/// One evaluation.
pub(crate) struct Run<'q> {
    /// What holds for all of it.
    pub(crate) context: &'q Context,
    notes: Mutex<Notes>,
    annotations: Mutex<Annotations>,
}

impl<'q> Run<'q> {
    /// An evaluation that has just begun.
    pub(crate) fn new(context: &'q Context) -> Self {
        Self { context, notes: Mutex::default(), annotations: Mutex::default() }
    }

    /// Adds a remark about a part of the query.
    pub(crate) fn note(&self, note: Note, place: Place) {
        self.notes.lock().add(note, place);
    }

    /// Adds remarks of a store.
    pub(crate) fn annotate(&self, annotations: Annotations) {
        self.annotations.lock().merge(annotations);
    }

    /// All remarks, with places in `query`.
    pub(crate) fn take_annotations(&self, query: &str) -> Annotations {
        let mut annotations = std::mem::take(&mut *self.annotations.lock());
        std::mem::take(&mut *self.notes.lock()).into_annotations(query, &mut annotations);
        annotations
    }

    /// Calls `work` with a worker and takes over the worker's remarks.
    pub(crate) fn work<T>(&self, work: impl FnOnce(&mut Worker<'_>) -> Result<T>) -> Result<T> {
        let mut worker = Worker::new(self.context);
        let result = work(&mut worker);
        self.notes.lock().merge(worker.notes);
        result
    }
}

/// Chunks of work per thread: more than one, so that a thread that drew cheap series helps with the rest, and that
/// little is done before others help at all.
const CHUNKS_PER_THREAD: usize = 16;

/// Less work than this is done before another thread has begun, more so where the processors are busy.
const WORTH_A_THREAD: Duration = Duration::from_micros(500);

/// Fewer items than this are not worth a second thread.
const ITEMS_PER_CHUNK_MIN: usize = 8;

impl Run<'_> {
    /// Splits `0..count` into contiguous chunks, lets the threads work on them, and returns the results in order.
    /// The first error in the order of chunks ends the others soon, and is returned.
    pub(crate) fn chunks<T: Send>(
        &self,
        count: usize,
        work: impl Fn(&mut Worker<'_>, Range<usize>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let threads = self.context.threads.min(count / ITEMS_PER_CHUNK_MIN).max(1);
        if threads == 1 {
            return Ok(vec![self.work(|worker| work(worker, 0..count))?]);
        }
        let size = count.div_ceil(threads * CHUNKS_PER_THREAD).max(ITEMS_PER_CHUNK_MIN / 2);
        let chunks = count.div_ceil(size);
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let done: Mutex<Vec<(usize, Result<T>, Notes)>> = Mutex::new(Vec::with_capacity(chunks));
        // Works on the next chunk; `false` where there is none.
        let serve_one = |worker: &mut Worker<'_>| {
            let chunk = next.fetch_add(1, Ordering::Relaxed);
            if chunk >= chunks || failed.load(Ordering::Relaxed) {
                return false;
            }
            let result = work(worker, chunk * size..count.min((chunk + 1) * size));
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.lock().push((chunk, result, std::mem::take(&mut worker.notes)));
            true
        };
        let serve = || {
            let mut worker = Worker::new(self.context);
            while serve_one(&mut worker) {}
        };
        std::thread::scope(|scope| {
            let mut worker = Worker::new(self.context);
            let began = self.context.limits.now();
            let mut helped = false;
            while serve_one(&mut worker) {
                let left = chunks.saturating_sub(next.load(Ordering::Relaxed)) as u32;
                let spent = self.context.limits.now().saturating_sub(began);
                // What is left takes about as long as what was done; a clock that stands still does not tell how long.
                let to_come = spent * left / (chunks as u32 - left).max(1);
                if !helped && (to_come > WORTH_A_THREAD || spent.is_zero()) {
                    helped = true;
                    (1..threads).for_each(|_| drop(scope.spawn(serve)));
                }
            }
        });
        let mut done = done.into_inner();
        done.sort_unstable_by_key(|(chunk, _, _)| *chunk);
        let mut results = Vec::with_capacity(done.len());
        for (_, result, notes) in done {
            self.notes.lock().merge(notes);
            results.push(result?);
        }
        Ok(results)
    }

    /// Calls `work` for each item on the threads, and returns the results in order.
    pub(crate) fn for_each<I: Sync, T: Send>(
        &self,
        items: &[I],
        work: impl Fn(&mut Worker<'_>, &I) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let chunks = self.chunks(items.len(), |worker, range| {
            let items = items.get(range).unwrap_or(&[]);
            items.iter().map(|item| work(worker, item)).collect::<Result<Vec<T>>>()
        })?;
        Ok(chunks.into_iter().flatten().collect())
    }
}

/// The scratch memory of one thread, and what it has to tell.
pub(crate) struct Worker<'q> {
    /// What holds for all of the query.
    pub(crate) context: &'q Context,
    columns: Vec<Column>,
    samples: Vec<SampleColumns>,
    notes: Notes,
    /// Reused by operators; empty between calls.
    pub(crate) remarks: Remarks,
    unchecked: usize,
}

/// How much work may pass between two looks at deadline and cancel flag; about a millisecond's.
const WORK_BETWEEN_CHECKS: usize = 1 << 18;

impl<'q> Worker<'q> {
    fn new(context: &'q Context) -> Self {
        Self {
            context,
            columns: Vec::new(),
            samples: Vec::new(),
            notes: Notes::default(),
            remarks: Remarks::new(),
            unchecked: WORK_BETWEEN_CHECKS,
        }
    }

    /// Adds a remark about a part of the query.
    pub(crate) fn note(&mut self, note: Note, place: Place) {
        self.notes.add(note, place);
    }

    /// Drops the remarks made so far.
    pub(crate) fn forget_notes(&mut self) {
        self.notes = Notes::default();
    }

    /// Turns the remarks of operators into remarks about the metric and place.
    pub(crate) fn note_remarks(&mut self, metric: &str, place: Place) {
        for remark in self.remarks.drain() {
            self.notes.add(Note::Operator(remark, metric.to_owned()), place);
        }
    }

    /// Counts work of about so many samples; now and then looks whether the query is to end.
    pub(crate) fn spend(&mut self, samples: usize) -> Result<()> {
        self.unchecked = self.unchecked.saturating_add(samples);
        if self.unchecked >= WORK_BETWEEN_CHECKS {
            self.unchecked = 0;
            self.context.limits.check()?;
        }
        Ok(())
    }

    /// Evaluates a series of an operator into `out`.
    pub(crate) fn pull(
        &mut self,
        operator: &dyn VectorOperator,
        position: usize,
        out: &mut Column,
    ) -> Result<()> {
        // A series costs something even where it has no samples.
        self.spend(64)?;
        operator.column(position, self, out)
    }

    /// Lends a column to `work`.
    pub(crate) fn with_column<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &mut Column) -> Result<T>,
    ) -> Result<T> {
        let mut column = self.columns.pop().unwrap_or_default();
        let result = work(self, &mut column);
        self.columns.push(column);
        result
    }

    /// A column to be given back.
    pub(crate) fn take_column(&mut self) -> Column {
        self.columns.pop().unwrap_or_default()
    }

    /// Takes a column back.
    pub(crate) fn give_column(&mut self, column: Column) {
        self.columns.push(column);
    }

    /// Lends empty sample columns to `work`.
    pub(crate) fn with_samples<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &mut SampleColumns) -> Result<T>,
    ) -> Result<T> {
        let mut samples = self.samples.pop().unwrap_or_default();
        samples.clear();
        let result = work(self, &mut samples);
        self.samples.push(samples);
        result
    }
}
