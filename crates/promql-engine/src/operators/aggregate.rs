//! Aggregations: an accumulator per group, never the series.

use std::ops::Range;

use vectors::aggregate::{Accumulator, Aggregation, Groups};
use vectors::{Column, Remarks};

use super::{BoxedScalar, BoxedVector, VectorOperator};
use crate::Result;
use crate::notes::Note;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// Where remarks point to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    /// First byte of the aggregated expression.
    pub(crate) expr: usize,
    /// First byte of the parameter.
    pub(crate) param: usize,
}

/// An aggregation that computes one value per group.
pub(crate) struct Aggregate {
    child: BoxedVector,
    aggregation: Aggregation,
    param: Option<BoxedScalar>,
    groups: Groups,
    list: SeriesList,
    places: Places,
    steps: usize,
    columns: Vec<Column>,
}

impl Aggregate {
    pub(crate) fn new(
        child: BoxedVector,
        aggregation: Aggregation,
        param: Option<BoxedScalar>,
        groups: Groups,
        places: Places,
        steps: usize,
    ) -> Self {
        let list = SeriesList::new(groups.labels.clone());
        Self { child, aggregation, param, groups, list, places, steps, columns: Vec::new() }
    }

    /// The parameter at every step.
    fn params(&mut self, run: &Run<'_>) -> Result<Vec<f64>> {
        let Some(param) = &mut self.param else { return Ok(Vec::new()) };
        let params = param.evaluate(run)?;
        for value in &params {
            if !(0.0..=1.0).contains(value) {
                run.note(Note::Quantile(*value), self.places.param);
            }
        }
        Ok(params)
    }

    fn add(&self, series: u32, accumulator: &mut Accumulator, worker: &mut Worker<'_>) -> Result<()> {
        worker.with_column(|worker, column| {
            worker.pull(self.child.as_ref(), series as usize, column)?;
            accumulator.add(column, &mut worker.remarks);
            if !worker.remarks.is_empty() {
                worker.note_remarks(self.child.series().metric_name(series as usize), self.places.expr);
            }
            Ok(())
        })
    }

    /// Whole groups, one after the other, with one accumulator.
    fn groups_in_turn(
        &self,
        members: &[Vec<u32>],
        params: &[f64],
        range: Range<usize>,
        worker: &mut Worker<'_>,
    ) -> Result<Vec<Column>> {
        let mut accumulator = Accumulator::new(self.aggregation, self.steps, params);
        let mut columns = Vec::with_capacity(range.len());
        for members in members.get(range).unwrap_or(&[]) {
            for series in members {
                self.add(*series, &mut accumulator, worker)?;
            }
            let mut column = Column::default();
            accumulator.finish(&mut column, &mut worker.remarks);
            worker.note_remarks("", self.places.expr);
            worker.context.limits.take_bytes(column.bytes())?;
            columns.push(column);
        }
        Ok(columns)
    }

    /// One group, its series split over the threads.
    fn one_group(&self, members: &[u32], params: &[f64], run: &Run<'_>) -> Result<Column> {
        let parts = run.chunks(members.len(), |worker, range| {
            let mut accumulator = Accumulator::new(self.aggregation, self.steps, params);
            for series in members.get(range).unwrap_or(&[]) {
                self.add(*series, &mut accumulator, worker)?;
            }
            worker.context.limits.take_bytes(accumulator.bytes())?;
            Ok(accumulator)
        })?;
        let bytes: usize = parts.iter().map(Accumulator::bytes).sum();
        run.work(|worker| {
            let mut remarks = Remarks::new();
            let mut parts = parts.into_iter();
            let mut column = Column::default();
            if let Some(mut whole) = parts.next() {
                for part in parts {
                    whole.merge(part, &mut remarks);
                }
                whole.finish(&mut column, &mut remarks);
            }
            worker.remarks = remarks;
            worker.note_remarks("", self.places.expr);
            worker.context.limits.return_bytes(bytes);
            worker.context.limits.take_bytes(column.bytes())?;
            Ok(column)
        })
    }
}

impl VectorOperator for Aggregate {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        let params = self.params(run)?;
        let members = self.groups.members();
        // Whole groups for each thread where there are enough of them: then no sums need to be merged, and the
        // order of additions is that of the series.
        self.columns = if members.len() >= 2 * run.context.threads {
            run.chunks(members.len(), |worker, range| self.groups_in_turn(&members, &params, range, worker))?
                .into_iter()
                .flatten()
                .collect()
        } else {
            members.iter().map(|members| self.one_group(members, &params, run)).collect::<Result<_>>()?
        };
        Ok(())
    }

    fn column(&self, position: usize, _worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        if let Some(column) = self.columns.get(position) {
            out.copy_from(column);
        }
        Ok(())
    }
}
