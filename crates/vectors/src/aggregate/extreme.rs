//! `min` and `max`: NaN only where there is nothing else.

use super::ignore_histograms;
use crate::{ABSENT, Column, Remarks, is_absent};

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// The extreme values of one group.
#[derive(Debug, Clone)]
pub struct Extremes {
    /// Shape: `[steps]`.
    values: Vec<f64>,
    which: Which,
}

impl Extremes {
    pub(super) fn new(steps: usize, which: Which) -> Self {
        Self { values: vec![ABSENT; steps], which }
    }

    pub(super) fn add(&mut self, column: &Column, remarks: &mut Remarks) {
        let name = match self.which {
            Which::Min => "min",
            Which::Max => "max",
        };
        ignore_histograms(column, name, remarks);
        self.take(column.values());
    }

    fn take(&mut self, values: &[f64]) {
        // An absent extreme is a NaN too, so the first value always replaces it.
        match self.which {
            Which::Min => {
                for (value, extreme) in values.iter().zip(&mut self.values) {
                    let replace = !is_absent(*value) && (*extreme > *value || extreme.is_nan());
                    *extreme = if replace { *value } else { *extreme };
                }
            }
            Which::Max => {
                for (value, extreme) in values.iter().zip(&mut self.values) {
                    let replace = !is_absent(*value) && (*extreme < *value || extreme.is_nan());
                    *extreme = if replace { *value } else { *extreme };
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.take(&other.values);
    }

    pub(super) fn finish(&mut self, out: &mut Column) {
        out.reset(self.values.len());
        out.values_mut().copy_from_slice(&self.values);
        self.values.fill(ABSENT);
    }

    pub(super) fn bytes(&self) -> usize {
        8 * self.values.len()
    }
}
