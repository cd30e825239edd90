//! What a query gives back.

use std::sync::Arc;
use std::time::Duration;

use model::{Annotations, FloatHistogram, Labels};
use storage::SampleColumns;
use vectors::{Column, is_absent};

use crate::grid::Grid;

/// The answer to a query.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// Warnings and infos.
    pub annotations: Annotations,
    /// What it took.
    pub stats: QueryStats,
}

/// The value of an expression. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone)]
pub enum Value {
    /// A number; of instant queries only.
    Scalar {
        /// The time of the query.
        time: i64,
        /// The number.
        value: f64,
    },
    /// A text; of instant queries only.
    String {
        /// The time of the query.
        time: i64,
        /// The text.
        text: String,
    },
    /// One sample of each series; of instant queries only.
    Vector(Vec<InstantSample>),
    /// Samples of each series: at the steps of a range query, sorted by labels; or as they are stored, for a range
    /// selector in an instant query.
    Matrix(Vec<SeriesColumns>),
}

/// One sample of a series.
#[derive(Debug, Clone)]
pub struct InstantSample {
    /// The series.
    pub labels: Labels,
    /// The time of the query.
    pub time: i64,
    /// The value.
    pub value: SampleValue,
}

/// A float or a histogram.
#[derive(Debug, Clone)]
pub enum SampleValue {
    /// A float.
    Float(f64),
    /// A histogram.
    Histogram(Arc<FloatHistogram>),
}

/// The samples of one series.
#[derive(Debug, Clone)]
pub struct SeriesColumns {
    /// The series.
    pub labels: Labels,
    samples: Samples,
}

#[derive(Debug, Clone)]
enum Samples {
    Steps(Grid, Column),
    Stored(SampleColumns),
}

impl SeriesColumns {
    pub(crate) fn at_steps(labels: Labels, grid: Grid, column: Column) -> Self {
        Self { labels, samples: Samples::Steps(grid, column) }
    }

    pub(crate) fn stored(labels: Labels, samples: SampleColumns) -> Self {
        Self { labels, samples: Samples::Stored(samples) }
    }

    /// The floats with their times, in order.
    pub fn floats(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        let (steps, stored) = match &self.samples {
            Samples::Steps(grid, column) => {
                let grid = *grid;
                let present = column.values().iter().enumerate().filter(|(_, value)| !is_absent(**value));
                (Some(present.map(move |(step, value)| (grid.time(step), *value))), None)
            }
            Samples::Stored(samples) => {
                (None, Some(samples.timestamps.iter().copied().zip(samples.values.iter().copied())))
            }
        };
        steps.into_iter().flatten().chain(stored.into_iter().flatten())
    }

    /// Calls `visit` with the floats and their times, in order; faster than [`SeriesColumns::floats`].
    ///
    /// # Errors
    /// The first error of `visit`, which ends it.
    pub fn each_float<E>(
        &self,
        mut visit: impl FnMut(i64, f64) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        match &self.samples {
            Samples::Steps(grid, column) => {
                for (time, value) in grid.times().zip(column.values()) {
                    if !is_absent(*value) {
                        visit(time, *value)?;
                    }
                }
            }
            Samples::Stored(samples) => {
                for (time, value) in samples.timestamps.iter().zip(&samples.values) {
                    visit(*time, *value)?;
                }
            }
        }
        Ok(())
    }

    /// The histograms with their times, in order.
    pub fn histograms(&self) -> impl Iterator<Item = (i64, &FloatHistogram)> + '_ {
        let (steps, stored) = match &self.samples {
            Samples::Steps(grid, column) => {
                let grid = *grid;
                let present = column.histograms().iter().enumerate();
                let present = present
                    .filter_map(move |(step, histogram)| Some((grid.time(step), histogram.as_deref()?)));
                (Some(present), None)
            }
            Samples::Stored(samples) => {
                let column = &samples.histograms;
                (None, Some(column.timestamps.iter().copied().zip(&column.values)))
            }
        };
        steps.into_iter().flatten().chain(stored.into_iter().flatten())
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.floats().count() + self.histograms().count()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.floats().next().is_none() && self.histograms().next().is_none()
    }
}

/// What a query took.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueryStats {
    /// How long it took.
    pub timings: Timings,
    /// How many samples it looked at.
    pub samples: SampleStats,
    /// The most bytes that it held at once.
    pub peak_bytes: usize,
}

/// How long the parts of a query took; time in the queue is not known here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// All of it.
    pub total: Duration,
    /// Planning, which includes looking series up.
    pub preparation: Duration,
    /// Evaluation.
    pub evaluation: Duration,
    /// Sorting the result.
    pub sorting: Duration,
}

/// How many samples a query looked at, counted as Prometheus counts them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SampleStats {
    /// Samples that steps looked at; one sample counts for each step.
    pub total: u64,
    /// Samples read from the store.
    pub read: u64,
    /// The most samples that are held at once where each expression's whole result is held.
    pub peak: u64,
    /// [`SampleStats::total`] by step, where asked for: time and number.
    pub total_per_step: Option<Vec<(i64, u64)>>,
    /// [`SampleStats::read`] by step, where asked for: time and number.
    pub read_per_step: Option<Vec<(i64, u64)>>,
}
