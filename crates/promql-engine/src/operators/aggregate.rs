//! Aggregations: an accumulator per group, never the series.

use std::ops::Range;

use vectors::aggregate::{Accumulator, Aggregation, Groups};
use vectors::{Column, Remarks};

use super::{BoxedScalar, BoxedVector, VectorOperator};
use crate::Result;
use crate::notes::{Note, Place};
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// Where remarks point to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    /// The aggregation itself.
    pub(crate) own: Place,
    /// The aggregated expression.
    pub(crate) expr: Place,
    /// The parameter.
    pub(crate) param: Place,
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
        // As in the original, a group loses its name if the series in the place of its own number does.
        let marks = (0..groups.len()).map(|number| child.series().is_marked(number)).collect();
        let list = SeriesList::new(groups.labels.clone()).with_marks(marks);
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

    /// Takes in a series; what there is to tell of it is added to `notes`.
    fn add(
        &self,
        series: u32,
        accumulator: &mut Accumulator,
        notes: &mut Vec<Note>,
        worker: &mut Worker<'_>,
    ) -> Result<()> {
        worker.with_column(|worker, column| {
            worker.pull(self.child.as_ref(), series as usize, column)?;
            let mut remarks = std::mem::take(&mut worker.remarks);
            accumulator.add(column, &mut remarks);
            let metric = self.child.series().metric_name(series as usize);
            for remark in remarks.drain() {
                let note = Note::Operator(remark, metric.to_owned());
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            worker.remarks = remarks;
            Ok(())
        })
    }

    fn tell(&self, notes: Vec<Note>, worker: &mut Worker<'_>) {
        notes.into_iter().for_each(|note| worker.note(note, self.places.expr));
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
        let mut notes = Vec::new();
        for members in members.get(range).unwrap_or(&[]) {
            for series in members {
                self.add(*series, &mut accumulator, &mut notes, worker)?;
            }
            let mut column = Column::default();
            accumulator.finish(&mut column, &mut worker.remarks);
            worker.note_remarks("", self.places.expr);
            worker.context.limits.take_bytes(column.bytes())?;
            columns.push(column);
        }
        self.tell(notes, worker);
        Ok(columns)
    }

    /// One group, its series split over the threads.
    fn one_group(&self, members: &[u32], params: &[f64], run: &Run<'_>) -> Result<Column> {
        let parts = run.chunks(members.len(), |worker, range| {
            let mut accumulator = Accumulator::new(self.aggregation, self.steps, params);
            let mut notes = Vec::new();
            for series in members.get(range).unwrap_or(&[]) {
                self.add(*series, &mut accumulator, &mut notes, worker)?;
            }
            worker.context.limits.take_bytes(accumulator.bytes())?;
            Ok((accumulator, notes))
        })?;
        let bytes: usize = parts.iter().map(|(accumulator, _)| accumulator.bytes()).sum();
        let several = parts.len() > 1;
        run.work(|worker| {
            let mut remarks = Remarks::new();
            let mut column = Column::default();
            let merged = parts.into_iter().reduce(|(mut whole, mut notes), (part, later)| {
                whole.merge(part, &mut remarks);
                notes.extend(later);
                (whole, notes)
            });
            if let Some((mut whole, mut notes)) = merged {
                if several && whole.is_mixed() {
                    remarks = Remarks::new();
                    (whole, notes) = self.in_order(members, params, worker)?;
                }
                whole.finish(&mut column, &mut remarks);
                self.tell(notes, worker);
            }
            worker.remarks = remarks;
            worker.note_remarks("", self.places.expr);
            worker.context.limits.return_bytes(bytes);
            worker.context.limits.take_bytes(column.bytes())?;
            Ok(column)
        })
    }
}

impl Aggregate {
    /// A group once more, its series one after the other: what is told of it depends on their order. What there is to
    /// tell of the series themselves has been told.
    fn in_order(
        &self,
        members: &[u32],
        params: &[f64],
        worker: &mut Worker<'_>,
    ) -> Result<(Accumulator, Vec<Note>)> {
        let mut accumulator = Accumulator::new(self.aggregation, self.steps, params);
        let mut notes = Vec::new();
        for series in members {
            self.add(*series, &mut accumulator, &mut notes, worker)?;
        }
        worker.forget_notes();
        Ok((accumulator, notes))
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
