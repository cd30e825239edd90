//! Sums of histograms, for `sum` and `avg`.

use std::sync::Arc;

use model::histogram::{CompensatedHistogram, Error, MeanHistogram, Reconciled};
use model::{CounterResetHint, FloatHistogram};

use super::sum::drop_mixed;
use crate::remark::HistogramOperation;
use crate::{Column, Remark, Remarks};

/// What is computed of histograms.
pub(super) trait Total: Sized {
    fn first(histogram: FloatHistogram) -> Self;
    fn add(&mut self, histogram: &FloatHistogram) -> Result<Reconciled, Error>;
    /// Takes in what another total has.
    fn merge(&mut self, other: Self) -> Result<Reconciled, Error>;
    fn finish(self) -> FloatHistogram;
}

/// Sum or mean of one group's histograms at one step.
#[derive(Debug, Clone)]
enum State<T> {
    Empty,
    Total(Box<T>, Hints),
    /// Histograms came behind a float: they are not looked at, as the group has no value anyway.
    Ignored,
    /// Histograms met that cannot be added: what comes later is not looked at, not even floats.
    Broken,
}

/// What the hints of histograms said that were added up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints {
    reset: bool,
    no_reset: bool,
}

impl Hints {
    /// Takes in the hint of a histogram.
    pub fn add(&mut self, histogram: &FloatHistogram) {
        self.reset |= histogram.counter_reset_hint == CounterResetHint::Reset;
        self.no_reset |= histogram.counter_reset_hint == CounterResetHint::NotReset;
    }

    /// Whether one said that there was a reset before it and another that there was none.
    pub fn contradict(self) -> bool {
        self.reset && self.no_reset
    }

    fn merge(&mut self, other: Self) {
        self.reset |= other.reset;
        self.no_reset |= other.no_reset;
    }
}

/// Sums or means of one group's histograms; costs nothing before the first one.
#[derive(Debug, Clone)]
pub(super) struct HistogramTotals<T> {
    /// Shape: `[steps]`, or empty.
    states: Vec<State<T>>,
}

impl<T> Default for HistogramTotals<T> {
    fn default() -> Self {
        Self { states: Vec::new() }
    }
}

impl<T: Total> HistogramTotals<T> {
    /// Whether no histogram has come yet.
    pub(super) fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Whether nothing more is looked at in a step.
    pub(super) fn is_broken(&self, step: usize) -> bool {
        matches!(self.states.get(step), Some(State::Broken))
    }

    /// Whether histograms cannot be added at some step, or there are floats beside them.
    pub(super) fn is_mixed(&self, has_float: impl Fn(usize) -> bool) -> bool {
        self.states.iter().enumerate().any(|(step, state)| match state {
            State::Empty => false,
            State::Total(..) => has_float(step),
            State::Ignored | State::Broken => true,
        })
    }

    /// Takes in a histogram at one of `steps` steps; `has_float` tells that the group has a float there already.
    pub(super) fn add_at(
        &mut self,
        (step, steps): (usize, usize),
        histogram: &FloatHistogram,
        has_float: bool,
        remarks: &mut Remarks,
    ) {
        self.states.resize_with(steps, || State::Empty);
        match self.states.get_mut(step) {
            Some(state @ State::Empty) if has_float => *state = State::Ignored,
            Some(state) => state.add(histogram, remarks),
            None => {}
        }
    }

    /// Takes in the histograms of a later part of the group; `has_float` tells where this part has floats.
    pub(super) fn merge(&mut self, other: Self, has_float: impl Fn(usize) -> bool, remarks: &mut Remarks) {
        if other.states.is_empty() {
            return;
        }
        self.states.resize_with(other.states.len(), || State::Empty);
        for (step, (state, other)) in self.states.iter_mut().zip(other.states).enumerate() {
            match state {
                State::Empty if has_float(step) && !matches!(other, State::Empty) => *state = State::Ignored,
                state => state.merge(other, remarks),
            }
        }
    }

    /// Adds the totals to a column that has the floats; a step with both gets neither.
    pub(super) fn finish(&mut self, out: &mut Column, remarks: &mut Remarks) {
        for (step, state) in self.states.drain(..).enumerate() {
            match state {
                State::Empty => {}
                _ if out.is_present(step) => drop_mixed(out, step, remarks),
                State::Broken | State::Ignored => {}
                State::Total(total, hints) => {
                    if hints.contradict() {
                        remarks.add(Remark::ConflictingResets(HistogramOperation::Aggregation));
                    }
                    let mut histogram = total.finish();
                    histogram.compact(0);
                    out.set_histogram(step, Arc::new(histogram));
                }
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        // What the histograms hold themselves is small beside the columns that they come from.
        self.states.capacity() * (size_of::<State<T>>() + size_of::<T>())
    }
}

impl<T: Total> State<T> {
    fn add(&mut self, histogram: &FloatHistogram, remarks: &mut Remarks) {
        match self {
            Self::Broken | Self::Ignored => {}
            Self::Empty => {
                let mut hints = Hints::default();
                hints.add(histogram);
                *self = Self::Total(Box::new(T::first(histogram.clone())), hints);
            }
            Self::Total(total, hints) => {
                hints.add(histogram);
                let added = total.add(histogram);
                self.heed(added, remarks);
            }
        }
    }

    fn merge(&mut self, other: Self, remarks: &mut Remarks) {
        match (&mut *self, other) {
            (Self::Broken | Self::Ignored, _) | (_, Self::Empty | Self::Ignored) => {}
            (_, Self::Broken) => *self = Self::Broken,
            (Self::Empty, other) => *self = other,
            (Self::Total(total, hints), Self::Total(other, other_hints)) => {
                hints.merge(other_hints);
                let added = total.merge(*other);
                self.heed(added, remarks);
            }
        }
    }

    fn heed(&mut self, added: Result<Reconciled, Error>, remarks: &mut Remarks) {
        match added {
            Ok(reconciled) => {
                if reconciled.custom_bounds {
                    remarks.add(Remark::ReconciledBounds(HistogramOperation::Aggregation));
                }
            }
            Err(_) => {
                remarks.add(Remark::MixedSchemas);
                *self = Self::Broken;
            }
        }
    }
}

/// A compensated sum.
impl Total for CompensatedHistogram {
    fn first(histogram: FloatHistogram) -> Self {
        Self::new(histogram)
    }

    fn add(&mut self, histogram: &FloatHistogram) -> Result<Reconciled, Error> {
        self.add(histogram)
    }

    fn merge(&mut self, other: Self) -> Result<Reconciled, Error> {
        self.add(&other.finish())
    }

    fn finish(self) -> FloatHistogram {
        self.finish()
    }
}

/// A mean, and the number of its histograms.
#[derive(Debug, Clone)]
pub(super) struct Mean {
    mean: MeanHistogram,
    count: f64,
}

impl Total for Mean {
    fn first(histogram: FloatHistogram) -> Self {
        Self { mean: MeanHistogram::new(histogram), count: 1.0 }
    }

    fn add(&mut self, histogram: &FloatHistogram) -> Result<Reconciled, Error> {
        let reconciled = self.mean.add(histogram)?;
        self.count += 1.0;
        Ok(reconciled)
    }

    fn merge(&mut self, other: Self) -> Result<Reconciled, Error> {
        let count = self.count + other.count;
        let weighted = |mean: Self| {
            let weight = mean.count / count;
            let mut histogram = mean.mean.finish();
            histogram.mul(weight);
            histogram
        };
        let mut sum = CompensatedHistogram::new(weighted(self.clone()));
        let reconciled = sum.add(&weighted(other))?;
        // Both parts are whole histograms of the mean; as the first of a mean they stand for all of theirs.
        *self = Self { mean: MeanHistogram::new(sum.finish()), count };
        Ok(reconciled)
    }

    fn finish(self) -> FloatHistogram {
        self.mean.finish()
    }
}
