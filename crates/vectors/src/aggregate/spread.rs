//! `stddev` and `stdvar`: Welford's running mean and sum of squared differences.

use super::ignore_histograms;
use crate::{ABSENT, Column, Remarks, is_absent};

/// Mean and squared differences at one step.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    #[inline]
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let difference = value - self.mean;
        self.mean += difference / self.count;
        self.squares += difference * (value - self.mean);
    }

    /// Chan's rule for two parts.
    fn merge(&mut self, other: Self) {
        if self.count == 0.0 {
            *self = other;
        } else if other.count > 0.0 {
            let count = self.count + other.count;
            let difference = other.mean - self.mean;
            self.mean += difference * other.count / count;
            self.squares += other.squares + difference * difference * self.count * other.count / count;
            self.count = count;
        }
    }
}

/// The spreads of one group.
#[derive(Debug, Clone)]
pub struct Spreads {
    /// Shape: `[steps]`.
    spreads: Vec<Spread>,
    /// Answer the standard deviation, else the variance.
    root: bool,
}

impl Spreads {
    pub(super) fn new(steps: usize, root: bool) -> Self {
        Self { spreads: vec![Spread::default(); steps], root }
    }

    pub(super) fn add(&mut self, column: &Column, remarks: &mut Remarks) {
        ignore_histograms(column, if self.root { "stddev" } else { "stdvar" }, remarks);
        for (value, spread) in column.values().iter().zip(&mut self.spreads) {
            if !is_absent(*value) {
                spread.add(*value);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (spread, other) in self.spreads.iter_mut().zip(&other.spreads) {
            spread.merge(*other);
        }
    }

    pub(super) fn finish(&mut self, out: &mut Column) {
        out.reset(self.spreads.len());
        for (place, spread) in out.values_mut().iter_mut().zip(&mut self.spreads) {
            let spread = std::mem::take(spread);
            let variance = spread.squares / spread.count;
            *place = match spread.count {
                0.0 => ABSENT,
                _ if self.root => variance.sqrt(),
                _ => variance,
            };
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Spread>() * self.spreads.len()
    }
}
