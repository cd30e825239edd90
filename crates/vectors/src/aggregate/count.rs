//! `count` and `group`: presence alone.

use crate::{ABSENT, Column, is_absent};

/// The number of elements of one group.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Shape: `[steps]`.
    counts: Vec<f64>,
    /// Answer 1 wherever there is an element (`group`).
    only_presence: bool,
}

impl Counts {
    pub(super) fn new(steps: usize, only_presence: bool) -> Self {
        Self { counts: vec![0.0; steps], only_presence }
    }

    pub(super) fn add(&mut self, column: &Column) {
        for (value, count) in column.values().iter().zip(&mut self.counts) {
            *count += if is_absent(*value) { 0.0 } else { 1.0 };
        }
        for (histogram, count) in column.histograms().iter().zip(&mut self.counts) {
            *count += if histogram.is_some() { 1.0 } else { 0.0 };
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count += other;
        }
    }

    pub(super) fn finish(&mut self, out: &mut Column) {
        out.reset(self.counts.len());
        for (place, count) in out.values_mut().iter_mut().zip(&mut self.counts) {
            *place = match std::mem::take(count) {
                0.0 => ABSENT,
                _ if self.only_presence => 1.0,
                count => count,
            };
        }
    }

    pub(super) fn bytes(&self) -> usize {
        8 * self.counts.len()
    }
}
