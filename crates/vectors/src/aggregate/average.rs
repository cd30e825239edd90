//! `avg`: compensated sums over counts; where a sum would overflow, a running mean.

use super::histograms::{HistogramTotals, Mean};
use crate::{ABSENT, Cell, Column, Remarks, is_absent, kahan};

/// The average of one group at one step.
#[derive(Debug, Clone, Copy, Default)]
struct Average {
    count: f64,
    /// Sum, or mean once the sum has overflowed.
    value: f64,
    compensation: f64,
    is_mean: bool,
}

impl Average {
    #[inline]
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        if self.count == 1.0 {
            self.value = value;
            return;
        }
        if !self.is_mean {
            let (sum, compensation) = kahan::add(value, self.value, self.compensation);
            if !sum.is_infinite() {
                (self.value, self.compensation) = (sum, compensation);
                return;
            }
            self.make_mean(self.count - 1.0);
        }
        let weight = (self.count - 1.0) / self.count;
        (self.value, self.compensation) =
            kahan::add(value / self.count, weight * self.value, weight * self.compensation);
    }

    fn make_mean(&mut self, count: f64) {
        if !self.is_mean {
            self.is_mean = true;
            self.value /= count;
            self.compensation /= count;
        }
    }

    fn merge(&mut self, mut other: Self) {
        if other.count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            *self = other;
            return;
        }
        let count = self.count + other.count;
        if !self.is_mean && !other.is_mean {
            let (sum, compensation) =
                kahan::add(other.value, self.value, self.compensation + other.compensation);
            if !sum.is_infinite() {
                *self = Self { count, value: sum, compensation, is_mean: false };
                return;
            }
        }
        self.make_mean(self.count);
        other.make_mean(other.count);
        let (own, others) = (self.count / count, other.count / count);
        let compensation = own * self.compensation + others * other.compensation;
        let (value, compensation) = kahan::add(others * other.value, own * self.value, compensation);
        *self = Self { count, value, compensation, is_mean: true };
    }

    fn finish(self) -> f64 {
        if self.count == 0.0 {
            ABSENT
        } else if self.is_mean {
            self.value + self.compensation
        } else {
            self.value / self.count + self.compensation / self.count
        }
    }
}

/// The averages of one group.
#[derive(Debug, Clone)]
pub struct Averages {
    /// Shape: `[steps]`.
    averages: Vec<Average>,
    histograms: HistogramTotals<Mean>,
}

impl Averages {
    pub(super) fn new(steps: usize) -> Self {
        Self { averages: vec![Average::default(); steps], histograms: HistogramTotals::default() }
    }

    pub(super) fn add(&mut self, column: &Column, remarks: &mut Remarks) {
        if !self.histograms.is_empty() || column.has_histograms() {
            self.add_either_kind(column, remarks);
            return;
        }
        for (value, average) in column.values().iter().zip(&mut self.averages) {
            if !is_absent(*value) {
                average.add(*value);
            }
        }
    }

    /// The same where there are histograms, so that it matters what comes first.
    fn add_either_kind(&mut self, column: &Column, remarks: &mut Remarks) {
        let steps = self.averages.len();
        for (step, average) in self.averages.iter_mut().enumerate() {
            match column.cell(step) {
                Cell::Float(value) if !self.histograms.is_broken(step) => average.add(value),
                Cell::Histogram(histogram) => {
                    self.histograms.add_at((step, steps), histogram, average.count > 0.0, remarks);
                }
                Cell::Absent | Cell::Float(_) => {}
            }
        }
    }

    pub(super) fn is_mixed(&self) -> bool {
        self.histograms.is_mixed(|step| self.averages.get(step).is_some_and(|average| average.count > 0.0))
    }

    pub(super) fn merge(&mut self, other: Self, remarks: &mut Remarks) {
        let own = &self.averages;
        self.histograms.merge(
            other.histograms,
            |step| own.get(step).is_some_and(|average| average.count > 0.0),
            remarks,
        );
        for (step, (average, other)) in self.averages.iter_mut().zip(other.averages).enumerate() {
            if !self.histograms.is_broken(step) {
                average.merge(other);
            }
        }
    }

    pub(super) fn finish(&mut self, out: &mut Column, remarks: &mut Remarks) {
        out.reset(self.averages.len());
        for (place, average) in out.values_mut().iter_mut().zip(&mut self.averages) {
            *place = std::mem::take(average).finish();
        }
        self.histograms.finish(out, remarks);
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Average>() * self.averages.len() + self.histograms.bytes()
    }
}
