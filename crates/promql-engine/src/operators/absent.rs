//! `absent` and `absent_over_time`: 1 at every step at which there is nothing.

use vectors::{Column, is_absent};

use super::{BoxedVector, VectorOperator};
use crate::Result;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// 1 where no series of the child has an element.
pub(crate) struct Absent {
    child: BoxedVector,
    list: SeriesList,
    steps: usize,
    answer: Column,
}

impl Absent {
    /// `labels` are those of the one series of the answer.
    pub(crate) fn new(child: BoxedVector, labels: model::Labels, steps: usize) -> Self {
        Self { child, list: SeriesList::new(vec![labels]), steps, answer: Column::default() }
    }
}

impl VectorOperator for Absent {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        let steps = self.steps;
        let parts = run.chunks(self.child.series().len(), |worker, range| {
            let mut present = vec![false; steps];
            for position in range {
                worker.with_column(|worker, column| {
                    worker.pull(self.child.as_ref(), position, column)?;
                    mark_present(column, &mut present);
                    Ok(())
                })?;
            }
            Ok(present)
        })?;
        self.answer.reset(steps);
        for (step, place) in self.answer.values_mut().iter_mut().enumerate() {
            if !parts.iter().any(|present| present.get(step).copied().unwrap_or(false)) {
                *place = 1.0;
            }
        }
        Ok(())
    }

    fn column(&self, _position: usize, _worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        out.copy_from(&self.answer);
        Ok(())
    }
}

/// Marks the steps at which a column has an element.
pub(crate) fn mark_present(column: &Column, present: &mut [bool]) {
    for (value, mark) in column.values().iter().zip(present.iter_mut()) {
        *mark |= !is_absent(*value);
    }
    for (histogram, mark) in column.histograms().iter().zip(present) {
        *mark |= histogram.is_some();
    }
}
