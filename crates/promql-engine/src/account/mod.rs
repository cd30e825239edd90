//! The samples that a query holds and looks at, counted as the original counts them.
//!
//! The original evaluates a query part by part and holds each part's whole result until the part above is done. It
//! counts the samples that it holds so, and refuses queries that hold too many. Here results stream by, and are held
//! as little as possible; but users tune the limit to what the original counts, and statistics show it. So parts
//! count what they yield, and once the query is evaluated [`Account::settle`] goes through the original's motions.
//!
//! Counting costs time. It is done where statistics are asked for, and where [`Account::held_max`] says that the
//! limit may be reached.

mod tally;

use std::sync::Arc;

use crate::answer::SampleStats;
use crate::grid::Grid;

pub(crate) use tally::{Counted, StepCount, Tally, WindowTally, points};

/// A part of the query, with the parts that it is computed from.
#[derive(Debug)]
pub(crate) struct Account {
    kind: Kind,
    results: Results,
    steps: usize,
    /// First byte of the part in the query.
    start: usize,
    /// In the order in which they are evaluated.
    parts: Vec<Account>,
}

/// How a part is evaluated.
#[derive(Debug)]
pub(crate) enum Kind {
    /// An instant selector: series by series.
    Selector,
    /// An operation or a function of vectors and scalars: step by step.
    Stepwise,
    /// An aggregation, of an expression that its parameter precedes.
    Aggregation,
    /// A function of a range.
    Range(RangeKind, Option<Arc<WindowTally>>),
    /// The times of a selector's samples.
    Times,
    /// `info`, with the elements of the info series.
    Info(Option<Arc<Tally>>),
    /// What is the same at every step.
    Repeated,
    /// A range selector that is the query itself.
    Samples(Option<Arc<WindowTally>>),
    /// A subquery that is the query itself.
    Subquery,
}

/// What a function of a range works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RangeKind {
    /// A selector.
    Selector,
    /// A subquery, the first of the parts.
    Subquery,
}

/// What a part yields.
#[derive(Debug)]
pub(crate) enum Results {
    /// A number at every step.
    Scalar,
    /// Counted series.
    Counted(Arc<Tally>),
    /// So many series, which nobody counts.
    Uncounted(usize),
    /// What the only part yields, at every step.
    OfPart,
    /// Series whose samples are counted as windows.
    Windows,
}

impl Account {
    /// A part that starts at byte `start` of the query and is evaluated at so many steps; its own parts in the order
    /// in which they were planned.
    pub(crate) fn new(
        kind: Kind,
        results: Results,
        steps: usize,
        start: usize,
        mut parts: Vec<Self>,
    ) -> Self {
        // From left to right; but a range comes ahead of the scalars of its function.
        if !matches!(kind, Kind::Range(..)) {
            parts.sort_by_key(|part| part.start);
        }
        Self { kind, results, steps, start, parts }
    }

    /// The most elements that the query may ever hold, but for those in windows; a histogram counts as one.
    pub(crate) fn held_max(&self) -> u64 {
        let parts: u64 = self.parts.iter().map(Self::held_max).fold(0, u64::saturating_add);
        let series = self.series();
        // The result at all steps, and what the parts yield at one of them.
        let gathered: u64 = self.parts.iter().map(|part| part.series()).sum();
        parts.saturating_add(series.saturating_mul(self.steps as u64)).saturating_add(gathered)
    }

    fn series(&self) -> u64 {
        match &self.results {
            Results::Scalar => 1,
            Results::Counted(_) | Results::Windows => 0,
            Results::Uncounted(series) => *series as u64,
            Results::OfPart => self.parts.first().map_or(0, Self::series),
        }
    }

    /// Whether samples are held as they are read, all of them.
    pub(crate) fn holds_what_is_read(&self) -> bool {
        matches!(self.kind, Kind::Samples(_) | Kind::Info(_))
            || self.parts.iter().any(Self::holds_what_is_read)
    }

    /// How many parts read samples.
    pub(crate) fn readers(&self) -> u64 {
        let reads =
            !matches!(self.kind, Kind::Stepwise | Kind::Aggregation | Kind::Repeated | Kind::Subquery);
        u64::from(reads) + self.parts.iter().map(Self::readers).sum::<u64>()
    }

    /// What the original would have held and looked at; by step where `per_step` says so.
    pub(crate) fn settled(&self, grid: Grid, per_step: bool) -> SampleStats {
        let mut ledger = Ledger::new(self.steps);
        self.settle(0, &mut ledger);
        let rows = |counts: &[u64]| per_step.then(|| grid.times().zip(counts.iter().copied()).collect());
        SampleStats {
            total: ledger.total.iter().sum(),
            read: ledger.read.iter().sum(),
            peak: ledger.peak,
            total_per_step: rows(&ledger.total),
            read_per_step: rows(&ledger.read),
        }
    }

    /// Goes through the part's evaluation while `held` samples are held by others; returns how many are held then. It
    /// may be less than nothing: see [`tally::SeriesWindows::end`].
    fn settle(&self, held: i64, ledger: &mut Ledger) -> i64 {
        match &self.kind {
            Kind::Selector => self.settle_selector(held, ledger),
            Kind::Stepwise => {
                let gathered = held_by_parts(&self.parts, held, ledger);
                self.settle_steps(held, gathered, &sums(&self.parts, self.steps), ledger)
            }
            Kind::Aggregation => {
                held_by_parts(&self.parts, held, ledger);
                ledger.hold(held + self.points() as i64)
            }
            Kind::Range(kind, windows) => self.settle_range(*kind, windows.as_deref(), held, ledger),
            Kind::Times => {
                let own = self.step_counts();
                for (step, count) in own.iter().enumerate() {
                    ledger.look_at(step, count.elements);
                }
                self.settle_steps(held, held, &own, ledger)
            }
            Kind::Info(infos) => self.settle_info(infos.as_deref(), held, ledger),
            Kind::Repeated => self.settle_repeated(held, ledger),
            Kind::Samples(windows) => {
                let mut held = held;
                if let Some(windows) = windows {
                    windows.with(|series, steps| {
                        held += series.iter().map(|series| series.fullest).sum::<i64>();
                        ledger.look_through(steps);
                    });
                }
                ledger.hold(held)
            }
            Kind::Subquery => {
                let mut inner = Ledger::new(self.parts.first().map_or(0, |part| part.steps));
                let held = held_by_parts(&self.parts, held, &mut inner);
                ledger.total_at_last(inner.total.iter().sum());
                ledger.read_at_last(inner.read.iter().sum());
                ledger.peak = ledger.peak.max(inner.peak);
                held
            }
        }
    }

    fn settle_selector(&self, held: i64, ledger: &mut Ledger) -> i64 {
        for (step, count) in self.step_counts().iter().enumerate() {
            ledger.look_at(step, count.as_points);
        }
        ledger.hold(held + self.points() as i64)
    }

    /// `held` is what others hold, `with_parts` that and what the parts hold.
    fn settle_steps(&self, held: i64, with_parts: i64, gathered: &[StepCount], ledger: &mut Ledger) -> i64 {
        let mut so_far = with_parts;
        let own = self.step_counts();
        for (gathered, own) in gathered.iter().zip(&own) {
            so_far += own.as_vector as i64;
            ledger.hold(so_far + gathered.elements as i64);
        }
        ledger.hold(held + own.iter().map(|count| count.as_points as i64).sum::<i64>())
    }

    fn settle_range(
        &self,
        kind: RangeKind,
        windows: Option<&WindowTally>,
        held: i64,
        ledger: &mut Ledger,
    ) -> i64 {
        let mut held = held;
        let mut scalars = self.parts.as_slice();
        let mut of_subquery = 0;
        if kind == RangeKind::Subquery
            && let Some((subquery, others)) = self.parts.split_first()
        {
            let mut inner = Ledger::new(subquery.steps);
            let after = subquery.settle(held, &mut inner);
            ledger.peak = ledger.peak.max(inner.peak);
            ledger.read_at_last(inner.read.iter().sum());
            of_subquery = subquery.points() as i64;
            (held, scalars) = (after, others);
        }
        held = held_by_parts(scalars, held, ledger);
        let Some(windows) = windows else { return held };
        windows.with(|series, steps| {
            for series in series {
                ledger.hold(held + series.fullest);
                held += series.outcome as i64;
                ledger.hold(held + series.end);
                held += series.end - series.content as i64;
            }
            match kind {
                RangeKind::Selector => ledger.look_through(steps),
                RangeKind::Subquery => ledger.look_again(steps),
            }
        });
        held - of_subquery
    }

    fn settle_info(&self, infos: Option<&Tally>, held: i64, ledger: &mut Ledger) -> i64 {
        let mut with_parts = held_by_parts(&self.parts, held, ledger);
        let mut gathered = sums(&self.parts, self.steps);
        if let Some(infos) = infos {
            for (step, (count, gathered)) in infos.steps().into_iter().zip(&mut gathered).enumerate() {
                ledger.look_at(step, count.as_points);
                with_parts += count.as_points as i64;
                gathered.add(count);
            }
            ledger.hold(with_parts);
        }
        // The original never gives back what it has gathered for `info`.
        self.settle_steps(with_parts, with_parts, &gathered, ledger)
    }

    fn settle_repeated(&self, held: i64, ledger: &mut Ledger) -> i64 {
        let mut inner = Ledger::new(1);
        let after = held_by_parts(&self.parts, held, &mut inner);
        ledger.peak = ledger.peak.max(inner.peak);
        let (total, read): (u64, u64) = (inner.total.iter().sum(), inner.read.iter().sum());
        for step in 0..self.steps {
            ledger.total_at(step, total);
        }
        ledger.read_at(0, read);
        let again = (self.steps as u64).saturating_sub(1);
        ledger.hold(after + (again * self.parts.iter().map(Self::points).sum::<u64>()) as i64)
    }

    /// What the results count as series.
    fn points(&self) -> u64 {
        self.step_counts().iter().map(|count| count.as_points).sum()
    }

    fn step_counts(&self) -> Vec<StepCount> {
        match &self.results {
            Results::Scalar => vec![StepCount::FLOAT; self.steps],
            Results::Counted(tally) => tally.steps(),
            Results::Uncounted(_) | Results::Windows => vec![StepCount::default(); self.steps],
            Results::OfPart => {
                let once = self.parts.first().and_then(|part| part.step_counts().first().copied());
                vec![once.unwrap_or_default(); self.steps]
            }
        }
    }
}

/// What is held once all parts are evaluated.
fn held_by_parts(parts: &[Account], held: i64, ledger: &mut Ledger) -> i64 {
    parts.iter().fold(held, |held, part| part.settle(held, ledger))
}

/// What all parts yield at each step.
fn sums(parts: &[Account], steps: usize) -> Vec<StepCount> {
    let mut sums = vec![StepCount::default(); steps];
    for part in parts {
        sums.iter_mut().zip(part.step_counts()).for_each(|(sum, count)| sum.add(count));
    }
    sums
}

/// What was held and looked at.
#[derive(Debug)]
struct Ledger {
    peak: u64,
    total: Vec<u64>,
    read: Vec<u64>,
}

impl Ledger {
    fn new(steps: usize) -> Self {
        Self { peak: 0, total: vec![0; steps], read: vec![0; steps] }
    }

    /// So many samples are held now.
    fn hold(&mut self, held: i64) -> i64 {
        self.peak = self.peak.max(u64::try_from(held).unwrap_or(0));
        held
    }

    /// A step looks at so many samples of the store.
    fn look_at(&mut self, step: usize, samples: u64) {
        self.total_at(step, samples);
        self.read_at(step, samples);
    }

    /// Each step looks at the samples in its windows.
    fn look_through(&mut self, steps: &[tally::WindowCount]) {
        for (step, count) in steps.iter().enumerate() {
            self.total_at(step, count.points);
            self.read_at(step, count.new);
        }
    }

    /// Each step looks at the samples in its windows, which are not the store's.
    fn look_again(&mut self, steps: &[tally::WindowCount]) {
        for (step, count) in steps.iter().enumerate() {
            self.total_at(step, count.points);
        }
    }

    fn total_at(&mut self, step: usize, samples: u64) {
        if let Some(total) = self.total.get_mut(step) {
            *total += samples;
        }
    }

    fn read_at(&mut self, step: usize, samples: u64) {
        if let Some(read) = self.read.get_mut(step) {
            *read += samples;
        }
    }

    fn total_at_last(&mut self, samples: u64) {
        self.total_at(self.total.len().saturating_sub(1), samples);
    }

    fn read_at_last(&mut self, samples: u64) {
        self.read_at(self.read.len().saturating_sub(1), samples);
    }
}
