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
    /// Histograms met that cannot be added.
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
    pub(super) fn add(&mut self, column: &Column, remarks: &mut Remarks) {
        if !column.has_histograms() {
            return;
        }
        self.states.resize_with(column.len(), || State::Empty);
        for (histogram, state) in column.histograms().iter().zip(&mut self.states) {
            if let Some(histogram) = histogram {
                state.add(histogram, remarks);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, remarks: &mut Remarks) {
        if self.states.is_empty() {
            *self = other;
            return;
        }
        for (state, other) in self.states.iter_mut().zip(other.states) {
            state.merge(other, remarks);
        }
    }

    /// Adds the totals to a column that has the floats; a step with both gets neither.
    pub(super) fn finish(&mut self, out: &mut Column, remarks: &mut Remarks) {
        for (step, state) in self.states.drain(..).enumerate() {
            match state {
                State::Empty => {}
                _ if out.is_present(step) => drop_mixed(out, step, remarks),
                State::Broken => {}
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
            Self::Broken => {}
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
            (Self::Broken, _) | (_, Self::Empty) => {}
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
