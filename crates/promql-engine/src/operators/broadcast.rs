//! What does not depend on the step: evaluated once, repeated at all steps.

use std::sync::Arc;

use vectors::{Column, is_absent};

use super::{BoxedScalar, BoxedVector, ScalarOperator, VectorOperator};
use crate::Result;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// A vector evaluated at one step.
pub(crate) struct Broadcast {
    pub(crate) child: BoxedVector,
    pub(crate) steps: usize,
}

impl VectorOperator for Broadcast {
    fn series(&self) -> &SeriesList {
        self.child.series()
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.with_column(|worker, once| {
            worker.pull(self.child.as_ref(), position, once)?;
            out.reset(self.steps);
            if let Some(value) = once.values().first().filter(|value| !is_absent(**value)) {
                out.values_mut().fill(*value);
            }
            if let Some(histogram) = once.histogram(0) {
                out.histograms_mut().fill(Some(Arc::clone(histogram)));
            }
            Ok(())
        })
    }

    fn order(&self) -> Option<Vec<u32>> {
        self.child.order()
    }
}

/// A scalar evaluated at one step.
pub(crate) struct BroadcastScalar {
    pub(crate) child: BoxedScalar,
    pub(crate) steps: usize,
}

impl ScalarOperator for BroadcastScalar {
    fn evaluate(&mut self, run: &Run<'_>) -> Result<Vec<f64>> {
        let once = self.child.evaluate(run)?;
        Ok(vec![once.first().copied().unwrap_or(f64::NAN); self.steps])
    }
}
