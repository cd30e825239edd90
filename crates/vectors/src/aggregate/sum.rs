//! `sum`: compensated sums of floats, sums of histograms.

use model::histogram::CompensatedHistogram;

use super::histograms::HistogramTotals;
use crate::{ABSENT, Cell, Column, Remark, Remarks, is_absent, kahan};

/// The sums of one group.
#[derive(Debug, Clone)]
pub struct Sums {
    /// Shape: `[steps]`; absent before the first float.
    sums: Vec<f64>,
    compensations: Vec<f64>,
    /// Whether every step is known to have a sum.
    is_whole: bool,
    /// Whether no step has a sum.
    is_new: bool,
    histograms: HistogramTotals<CompensatedHistogram>,
}

impl Sums {
    pub(super) fn new(steps: usize) -> Self {
        Self {
            sums: vec![ABSENT; steps],
            compensations: vec![0.0; steps],
            is_whole: false,
            is_new: true,
            histograms: HistogramTotals::default(),
        }
    }

    pub(super) fn add(&mut self, column: &Column, remarks: &mut Remarks) {
        let is_new = std::mem::replace(&mut self.is_new, false);
        if !self.histograms.is_empty() || column.has_histograms() {
            self.add_either_kind(column, remarks);
            return;
        }
        let adds_everywhere = column.is_whole();
        if is_new && adds_everywhere && column.values().len() == self.sums.len() {
            self.sums.copy_from_slice(column.values());
            self.is_whole = true;
            return;
        }
        let state = self.sums.iter_mut().zip(&mut self.compensations);
        if self.is_whole && adds_everywhere {
            // Without branches, so that several steps are summed at once.
            for (value, (sum, compensation)) in column.values().iter().zip(state) {
                (*sum, *compensation) = kahan::add(*value, *sum, *compensation);
            }
            return;
        }
        self.is_whole |= adds_everywhere;
        for (value, (sum, compensation)) in column.values().iter().zip(state) {
            let (total, lost) = kahan::add(*value, *sum, *compensation);
            let first = is_absent(*sum);
            let absent = is_absent(*value);
            *sum = if absent {
                *sum
            } else if first {
                *value
            } else {
                total
            };
            *compensation = if absent || first { *compensation } else { lost };
        }
    }

    /// The same where there are histograms, so that it matters what comes first.
    fn add_either_kind(&mut self, column: &Column, remarks: &mut Remarks) {
        let steps = self.sums.len();
        let state = self.sums.iter_mut().zip(&mut self.compensations);
        for (step, (sum, compensation)) in state.enumerate() {
            match column.cell(step) {
                Cell::Float(value) if !self.histograms.is_broken(step) => {
                    (*sum, *compensation) =
                        if is_absent(*sum) { (value, 0.0) } else { kahan::add(value, *sum, *compensation) };
                }
                Cell::Histogram(histogram) => {
                    self.histograms.add_at((step, steps), histogram, !is_absent(*sum), remarks);
                }
                Cell::Absent | Cell::Float(_) => {}
            }
        }
    }

    pub(super) fn is_mixed(&self) -> bool {
        self.histograms.is_mixed(|step| self.sums.get(step).is_some_and(|sum| !is_absent(*sum)))
    }

    pub(super) fn merge(&mut self, other: Self, remarks: &mut Remarks) {
        self.is_new = false;
        if self.is_whole && other.is_whole && self.histograms.is_empty() && other.histograms.is_empty() {
            let state = self.sums.iter_mut().zip(&mut self.compensations);
            let others = other.sums.iter().zip(&other.compensations);
            for ((sum, compensation), (value, lost)) in state.zip(others) {
                (*sum, *compensation) = kahan::add(*value, *sum, *compensation + lost);
            }
            return;
        }
        let own = &self.sums;
        self.histograms.merge(
            other.histograms,
            |step| own.get(step).is_some_and(|sum| !is_absent(*sum)),
            remarks,
        );
        for (step, value) in other.sums.iter().enumerate() {
            let lost = other.compensations.get(step).copied().unwrap_or(0.0);
            let (Some(sum), Some(compensation)) = (self.sums.get_mut(step), self.compensations.get_mut(step))
            else {
                continue;
            };
            if is_absent(*value) || self.histograms.is_broken(step) {
                continue;
            }
            if is_absent(*sum) {
                (*sum, *compensation) = (*value, lost);
            } else {
                (*sum, *compensation) = kahan::add(*value, *sum, *compensation + lost);
            }
        }
    }

    pub(super) fn finish(&mut self, out: &mut Column, remarks: &mut Remarks) {
        out.reset(self.sums.len());
        let state = self.sums.iter_mut().zip(&mut self.compensations);
        for (place, (sum, compensation)) in out.values_mut().iter_mut().zip(state) {
            *place = if is_absent(*sum) { ABSENT } else { *sum + *compensation };
            (*sum, *compensation) = (ABSENT, 0.0);
        }
        self.is_whole = false;
        self.is_new = true;
        self.histograms.finish(out, remarks);
    }

    pub(super) fn bytes(&self) -> usize {
        16 * self.sums.len() + self.histograms.bytes()
    }
}

/// Drops what stands at a step where floats and histograms met in one group.
pub(super) fn drop_mixed(out: &mut Column, step: usize, remarks: &mut Remarks) {
    out.remove(step);
    remarks.add(Remark::MixedGroup);
}
