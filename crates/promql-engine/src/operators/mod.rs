//! Operators: each knows its series before it reads a sample, and yields any series' whole step column when asked.
//!
//! Any number of threads may ask one operator for columns at once, each for others. What an operator must know of
//! all its input before its first column (a group's sum, say) it computes in [`VectorOperator::prepare`].

pub(crate) mod absent;
pub(crate) mod aggregate;
pub(crate) mod broadcast;
pub(crate) mod choose;
pub(crate) mod count_values;
pub(crate) mod counted;
pub(crate) mod distinct;
pub(crate) mod estimate;
pub(crate) mod info;
pub(crate) mod instant;
pub(crate) mod join;
pub(crate) mod map;
pub(crate) mod materialized;
pub(crate) mod range;
pub(crate) mod relabel;
pub(crate) mod scalar;
pub(crate) mod selection;
pub(crate) mod set;
pub(crate) mod smoothed;
pub(crate) mod sort;
pub(crate) mod subquery;
pub(crate) mod timestamp;
pub(crate) mod with_scalar;

use vectors::Column;

use crate::Result;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// Yields instant vectors, as one column per series.
pub(crate) trait VectorOperator: Send + Sync {
    /// The series; the same ones from the beginning.
    fn series(&self) -> &SeriesList;

    /// Computes what must be known before the first column. Called once.
    fn prepare(&mut self, run: &Run<'_>) -> Result<()>;

    /// Writes the column of a series; its length becomes the number of steps.
    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()>;

    /// The order of the series in the answer of an instant query, where it is not their own.
    fn order(&self) -> Option<Vec<u32>> {
        None
    }
}

/// Yields a number per step.
pub(crate) trait ScalarOperator: Send + Sync {
    /// The numbers. Called once.
    fn evaluate(&mut self, run: &Run<'_>) -> Result<Vec<f64>>;
}

/// A vector operator, whichever it is.
pub(crate) type BoxedVector = Box<dyn VectorOperator>;
/// A scalar operator, whichever it is.
pub(crate) type BoxedScalar = Box<dyn ScalarOperator>;
