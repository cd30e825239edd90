//! Subqueries: an operator's values at the steps of a grid of its own, as samples of a range.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram};
use storage::SampleColumns;
use vectors::is_absent;

use super::BoxedVector;
use super::range::RangeSource;
use crate::Result;
use crate::grid::Grid;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// An operator evaluated on a grid of its own.
pub(crate) struct Subquery {
    pub(crate) child: BoxedVector,
    pub(crate) grid: Grid,
}

/// The grid of a subquery: multiples of `step`, the first one after `after`, the last one not after `end`.
pub(crate) fn aligned_grid(after: i64, end: i64, step: i64) -> Grid {
    let step = step.max(1);
    let start = after.div_euclid(step).saturating_add(1).saturating_mul(step);
    Grid::range(start, end, step)
}

impl RangeSource for Subquery {
    fn series(&self) -> &SeriesList {
        self.child.series()
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)
    }

    fn samples(&self, position: usize, worker: &mut Worker<'_>, samples: &mut SampleColumns) -> Result<()> {
        worker.with_column(|worker, column| {
            worker.pull(self.child.as_ref(), position, column)?;
            for (step, value) in column.values().iter().enumerate() {
                if !is_absent(*value) {
                    samples.push_float(self.grid.time(step), 0, *value);
                }
            }
            for (step, histogram) in column.histograms().iter().enumerate() {
                if let Some(histogram) = histogram {
                    samples.push_histogram(self.grid.time(step), 0, without_hint(histogram));
                }
            }
            worker.spend(samples.len())
        })
    }
}

/// A result at one step says nothing about resets since the result at the step before.
fn without_hint(histogram: &Arc<FloatHistogram>) -> FloatHistogram {
    let mut histogram = FloatHistogram::clone(histogram);
    if histogram.counter_reset_hint != CounterResetHint::Gauge {
        histogram.counter_reset_hint = CounterResetHint::Unknown;
    }
    histogram
}
