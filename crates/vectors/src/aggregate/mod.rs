//! Aggregations: which series form a group ([`Groups`]), what is kept of a group ([`Accumulator`]), and which
//! elements of a group are chosen ([`select`]).
//!
//! An accumulator takes in one series' column at a time and holds a number or two per step, never the series.

mod average;
mod count;
mod extreme;
mod groups;
mod histograms;
mod quantile;
pub mod select;
mod spread;
mod sum;
#[cfg(test)]
mod tests;

use crate::{Column, Remarks};

pub use groups::{Grouping, Groups};
pub use histograms::Hints;
pub use quantile::{quantile, quantile_of_sorted, quantile_order};

/// An aggregation that computes one value from all elements of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregation {
    /// `sum`
    Sum,
    /// `avg`
    Avg,
    /// `count`
    Count,
    /// `group`
    Group,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `stddev`
    Stddev,
    /// `stdvar`
    Stdvar,
    /// `quantile`
    Quantile,
}

/// What is kept of one group at every step.
#[derive(Debug, Clone)]
pub enum Accumulator {
    /// `sum`
    Sum(sum::Sums),
    /// `avg`
    Avg(average::Averages),
    /// `count`, `group`
    Count(count::Counts),
    /// `min`, `max`
    Extreme(extreme::Extremes),
    /// `stddev`, `stdvar`
    Spread(spread::Spreads),
    /// `quantile`
    Quantile(quantile::Samples),
}

impl Accumulator {
    /// An empty group over `steps` steps; `quantile` takes its parameter, one number per step.
    pub fn new(aggregation: Aggregation, steps: usize, params: &[f64]) -> Self {
        match aggregation {
            Aggregation::Sum => Self::Sum(sum::Sums::new(steps)),
            Aggregation::Avg => Self::Avg(average::Averages::new(steps)),
            Aggregation::Count => Self::Count(count::Counts::new(steps, false)),
            Aggregation::Group => Self::Count(count::Counts::new(steps, true)),
            Aggregation::Min => Self::Extreme(extreme::Extremes::new(steps, extreme::Which::Min)),
            Aggregation::Max => Self::Extreme(extreme::Extremes::new(steps, extreme::Which::Max)),
            Aggregation::Stddev => Self::Spread(spread::Spreads::new(steps, true)),
            Aggregation::Stdvar => Self::Spread(spread::Spreads::new(steps, false)),
            Aggregation::Quantile => Self::Quantile(quantile::Samples::new(steps, params)),
        }
    }

    /// Takes in the elements of a series.
    pub fn add(&mut self, column: &Column, remarks: &mut Remarks) {
        match self {
            Self::Sum(sums) => sums.add(column, remarks),
            Self::Avg(averages) => averages.add(column, remarks),
            Self::Count(counts) => counts.add(column),
            Self::Extreme(extremes) => extremes.add(column, remarks),
            Self::Spread(spreads) => spreads.add(column, remarks),
            Self::Quantile(samples) => samples.add(column, remarks),
        }
    }

    /// Takes in what another accumulator of the same aggregation has; the other came later.
    pub fn merge(&mut self, other: Self, remarks: &mut Remarks) {
        match (self, other) {
            (Self::Sum(own), Self::Sum(other)) => own.merge(other, remarks),
            (Self::Avg(own), Self::Avg(other)) => own.merge(other, remarks),
            (Self::Count(own), Self::Count(other)) => own.merge(&other),
            (Self::Extreme(own), Self::Extreme(other)) => own.merge(&other),
            (Self::Spread(own), Self::Spread(other)) => own.merge(&other),
            (Self::Quantile(own), Self::Quantile(other)) => own.merge(&other),
            // Merging two aggregations has no meaning; the first stands.
            _ => debug_assert!(false, "accumulators of different aggregations"),
        }
    }

    /// Whether floats and histograms, or histograms that cannot be added, met at some step. What is then told of the
    /// group depends on the order of its series, which merged parts do not know.
    pub fn is_mixed(&self) -> bool {
        match self {
            Self::Sum(sums) => sums.is_mixed(),
            Self::Avg(averages) => averages.is_mixed(),
            _ => false,
        }
    }

    /// Writes the group's value at every step, and empties the accumulator for the next group.
    pub fn finish(&mut self, out: &mut Column, remarks: &mut Remarks) {
        match self {
            Self::Sum(sums) => sums.finish(out, remarks),
            Self::Avg(averages) => averages.finish(out, remarks),
            Self::Count(counts) => counts.finish(out),
            Self::Extreme(extremes) => extremes.finish(out),
            Self::Spread(spreads) => spreads.finish(out),
            Self::Quantile(samples) => samples.finish(out),
        }
    }

    /// Bytes of memory that it holds.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Sum(sums) => sums.bytes(),
            Self::Avg(averages) => averages.bytes(),
            Self::Count(counts) => counts.bytes(),
            Self::Extreme(extremes) => extremes.bytes(),
            Self::Spread(spreads) => spreads.bytes(),
            Self::Quantile(samples) => samples.bytes(),
        }
    }
}

/// Adds a remark if the column holds a histogram, for aggregations that know floats only.
fn ignore_histograms(column: &Column, aggregation: &'static str, remarks: &mut Remarks) {
    if column.histograms().iter().any(Option::is_some) {
        remarks.add(crate::Remark::IgnoredHistogram { aggregation });
    }
}
