//! Scalars: literals, the time, `scalar(vector)`, and operators between scalars.

use vectors::binary::{self, BinaryOp};
use vectors::{Column, is_absent};

use super::{BoxedScalar, BoxedVector, ScalarOperator, VectorOperator};
use crate::Result;
use crate::grid::{Grid, seconds};
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// The same number at every step.
pub(crate) struct Constant {
    pub(crate) value: f64,
    pub(crate) steps: usize,
}

impl ScalarOperator for Constant {
    fn evaluate(&mut self, _run: &Run<'_>) -> Result<Vec<f64>> {
        Ok(vec![self.value; self.steps])
    }
}

/// `time()`: the time of each step in seconds.
pub(crate) struct Time {
    pub(crate) grid: Grid,
}

impl ScalarOperator for Time {
    fn evaluate(&mut self, _run: &Run<'_>) -> Result<Vec<f64>> {
        Ok(self.grid.times().map(seconds).collect())
    }
}

/// The sign before a scalar.
pub(crate) struct Negated {
    pub(crate) child: BoxedScalar,
}

impl ScalarOperator for Negated {
    fn evaluate(&mut self, run: &Run<'_>) -> Result<Vec<f64>> {
        let mut values = self.child.evaluate(run)?;
        values.iter_mut().for_each(|value| *value = -*value);
        Ok(values)
    }
}

/// An operator or function of two scalars.
pub(crate) struct BinaryScalar {
    pub(crate) left: BoxedScalar,
    pub(crate) right: BoxedScalar,
    pub(crate) function: ScalarFunction,
}

/// What is computed from two scalars.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ScalarFunction {
    /// An operator; a comparison answers 0 or 1.
    Operator(BinaryOp),
    /// `min_of`, `max_of`.
    Function(fn(f64, f64) -> f64),
}

impl ScalarOperator for BinaryScalar {
    fn evaluate(&mut self, run: &Run<'_>) -> Result<Vec<f64>> {
        let left = self.left.evaluate(run)?;
        let right = self.right.evaluate(run)?;
        Ok(match self.function {
            ScalarFunction::Operator(op) => binary::scalars(op, &left, &right),
            ScalarFunction::Function(function) => {
                left.iter().zip(&right).map(|(left, right)| function(*left, *right)).collect()
            }
        })
    }
}

/// `scalar(vector)`: the value of a vector that has one element, else NaN.
pub(crate) struct FromVector {
    pub(crate) child: BoxedVector,
    pub(crate) steps: usize,
}

impl ScalarOperator for FromVector {
    fn evaluate(&mut self, run: &Run<'_>) -> Result<Vec<f64>> {
        self.child.prepare(run)?;
        // Only elements with a float count.
        let mut counts = vec![0_u32; self.steps];
        let mut values = vec![f64::NAN; self.steps];
        run.work(|worker| {
            for position in 0..self.child.series().len() {
                worker.with_column(|worker, column| {
                    worker.pull(self.child.as_ref(), position, column)?;
                    let state = counts.iter_mut().zip(&mut values);
                    for (found, (count, value)) in column.values().iter().zip(state) {
                        if !is_absent(*found) {
                            *count += 1;
                            *value = *found;
                        }
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        let single = |(count, value): (&u32, &f64)| if *count == 1 { *value } else { f64::NAN };
        Ok(counts.iter().zip(&values).map(single).collect())
    }
}

/// `vector(scalar)`: one element without labels.
pub(crate) struct ToVector {
    child: BoxedScalar,
    values: Vec<f64>,
    list: SeriesList,
}

impl ToVector {
    pub(crate) fn new(child: BoxedScalar) -> Self {
        Self { child, values: Vec::new(), list: SeriesList::new(vec![model::Labels::empty()]) }
    }
}

impl VectorOperator for ToVector {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.values = self.child.evaluate(run)?;
        Ok(())
    }

    fn column(&self, _position: usize, _worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        out.reset(self.values.len());
        out.values_mut().copy_from_slice(&self.values);
        Ok(())
    }
}
