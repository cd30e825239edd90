//! Columns that are computed and kept.

use vectors::Column;

use super::VectorOperator;
use crate::Result;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// Kept columns, one per series.
pub(crate) struct Materialized {
    list: SeriesList,
    columns: Vec<Column>,
}

impl Materialized {
    pub(crate) fn new(list: SeriesList, columns: Vec<Column>) -> Self {
        Self { list, columns }
    }
}

impl VectorOperator for Materialized {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, _run: &Run<'_>) -> Result<()> {
        Ok(())
    }

    fn column(&self, position: usize, _worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        if let Some(column) = self.columns.get(position) {
            out.copy_from(column);
        }
        Ok(())
    }
}

/// Evaluates all series of an operator and keeps their columns.
pub(crate) fn collect(operator: &dyn VectorOperator, run: &Run<'_>) -> Result<Vec<Column>> {
    let all: Vec<usize> = (0..operator.series().len()).collect();
    collect_some(operator, run, &all)
}

/// Evaluates some series of an operator and keeps their columns.
pub(crate) fn collect_some(
    operator: &dyn VectorOperator,
    run: &Run<'_>,
    positions: &[usize],
) -> Result<Vec<Column>> {
    run.for_each(positions, |worker, position| {
        let mut column = Column::default();
        worker.pull(operator, *position, &mut column)?;
        run.context.limits.take_bytes(column.bytes())?;
        Ok(column)
    })
}
