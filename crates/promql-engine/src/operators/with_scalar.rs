//! Operators between a vector and a scalar.

use vectors::Column;
use vectors::binary::{self, BinaryOp, Comparing};
use vectors::matching::Side;

use super::distinct::{Distinct, Equality};
use super::{BoxedScalar, BoxedVector, VectorOperator};
use crate::Result;
use crate::notes::Place;
use crate::run::{Run, Worker};
use crate::series::{Removed, SeriesList};

/// What is computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) op: BinaryOp,
    pub(crate) comparing: Comparing,
    /// The side on which the scalar stands.
    pub(crate) scalar_side: Side,
    /// The operation in the query.
    pub(crate) place: Place,
}

impl Operation {
    /// Whether the result is another metric.
    pub(crate) fn renames(op: BinaryOp, comparing: Comparing) -> bool {
        if op.is_comparison() { comparing == Comparing::Bool } else { !op.is_trim() }
    }
}

/// An operator between a vector and a scalar.
pub(crate) struct WithScalar {
    vector: BoxedVector,
    scalar: BoxedScalar,
    values: Vec<f64>,
    operation: Operation,
    list: SeriesList,
}

impl WithScalar {
    pub(crate) fn boxed(
        vector: BoxedVector,
        scalar: BoxedScalar,
        operation: Operation,
        delayed: bool,
    ) -> BoxedVector {
        let list = if Operation::renames(operation.op, operation.comparing) {
            vector.series().renamed(Removed::Metadata, delayed)
        } else {
            vector.series().clone()
        };
        let operator = Self { vector, scalar, values: Vec::new(), operation, list };
        Distinct::around(Box::new(operator), Equality::AtOneStep)
    }
}

impl VectorOperator for WithScalar {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.vector.prepare(run)?;
        self.values = self.scalar.evaluate(run)?;
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.pull(self.vector.as_ref(), position, out)?;
        let Operation { op, comparing, scalar_side, place } = self.operation;
        binary::with_scalar(op, comparing, out, &self.values, scalar_side, &mut worker.remarks);
        worker.note_remarks("", place);
        Ok(())
    }

    fn order(&self) -> Option<Vec<u32>> {
        self.vector.order()
    }
}
