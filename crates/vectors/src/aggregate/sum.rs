//! `sum`: compensated sums of floats, sums of histograms.

use model::histogram::CompensatedHistogram;

use super::histograms::HistogramTotals;
use crate::{ABSENT, Column, Remark, Remarks, is_absent, kahan};

/// The sums of one group.
#[derive(Debug, Clone)]
pub struct Sums {
    /// Shape: `[steps]`; absent before the first float.
    sums: Vec<f64>,
    compensations: Vec<f64>,
    histograms: HistogramTotals<CompensatedHistogram>,
}

impl Sums {
    pub(super) fn new(steps: usize) -> Self {
        Self {
            sums: vec![ABSENT; steps],
            compensations: vec![0.0; steps],
            histograms: HistogramTotals::default(),
        }
    }

    pub(super) fn add(&mut self, column: &Column, remarks: &mut Remarks) {
        let state = self.sums.iter_mut().zip(&mut self.compensations);
        for (value, (sum, compensation)) in column.values().iter().zip(state) {
            // Without branches, so that several steps are summed at once.
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
        self.histograms.add(column, remarks);
    }

    pub(super) fn merge(&mut self, other: Self, remarks: &mut Remarks) {
        for (step, value) in other.sums.iter().enumerate() {
            let lost = other.compensations.get(step).copied().unwrap_or(0.0);
            let (Some(sum), Some(compensation)) = (self.sums.get_mut(step), self.compensations.get_mut(step))
            else {
                continue;
            };
            if is_absent(*value) {
                continue;
            }
            if is_absent(*sum) {
                (*sum, *compensation) = (*value, lost);
            } else {
                (*sum, *compensation) = kahan::add(*value, *sum, *compensation + lost);
            }
        }
        self.histograms.merge(other.histograms, remarks);
    }

    pub(super) fn finish(&mut self, out: &mut Column, remarks: &mut Remarks) {
        out.reset(self.sums.len());
        let state = self.sums.iter_mut().zip(&mut self.compensations);
        for (place, (sum, compensation)) in out.values_mut().iter_mut().zip(state) {
            *place = if is_absent(*sum) { ABSENT } else { *sum + *compensation };
            (*sum, *compensation) = (ABSENT, 0.0);
        }
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
