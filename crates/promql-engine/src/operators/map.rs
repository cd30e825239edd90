//! Functions that compute an element from an element and scalars.

use vectors::Column;

use super::distinct::{Distinct, Equality};
use super::{BoxedScalar, BoxedVector, VectorOperator};
use crate::Result;
use crate::run::{Run, Worker};
use crate::series::{Removed, SeriesList};

/// Changes a column in place; the slices are the scalar arguments, one number per step.
pub(crate) type ColumnFunction = fn(&mut Column, &[Vec<f64>]);

/// Applies a function to each column.
pub(crate) struct Map {
    child: BoxedVector,
    scalars: Vec<BoxedScalar>,
    values: Vec<Vec<f64>>,
    function: ColumnFunction,
    list: SeriesList,
}

impl Map {
    /// Applies `function`; `removed` tells what it removes of the labels, if it makes another metric.
    pub(crate) fn boxed(
        child: BoxedVector,
        scalars: Vec<BoxedScalar>,
        function: ColumnFunction,
        removed: Option<Removed>,
        delayed: bool,
    ) -> BoxedVector {
        let list = match removed {
            Some(removed) => child.series().renamed(removed, delayed),
            None => child.series().clone(),
        };
        let map = Self { child, scalars, values: Vec::new(), function, list };
        Distinct::around(Box::new(map), Equality::AtOneStep)
    }
}

impl VectorOperator for Map {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        self.values = self.scalars.iter_mut().map(|scalar| scalar.evaluate(run)).collect::<Result<_>>()?;
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.pull(self.child.as_ref(), position, out)?;
        (self.function)(out, &self.values);
        Ok(())
    }

    fn order(&self) -> Option<Vec<u32>> {
        self.child.order()
    }
}
