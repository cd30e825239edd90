//! Operators between two vectors whose elements are paired.

use hashbrown::HashMap;
use model::Labels;
use vectors::binary::{self, BinaryOp, Comparing};
use vectors::matching::{Cardinality, Join, JoinGroup, JoinOutput, JoinRule, Labeller, MatchError, Side};
use vectors::{Cell, Column};

use super::absent::mark_present;
use super::materialized::collect_some;
use super::{BoxedVector, VectorOperator};
use crate::notes::Place;
use crate::run::{Run, Worker};
use crate::series::SeriesList;
use crate::{Error, Result};

/// What is computed of a pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairOperation {
    pub(crate) op: BinaryOp,
    pub(crate) comparing: Comparing,
    /// The operation in the query.
    pub(crate) place: Place,
}

/// An operator between two vectors.
///
/// Pairs of plain groups are computed when they are asked for. Contested groups, in which it depends on the step
/// who meets whom, are computed when the operator is built: even which series they give is known only then.
pub(crate) struct JoinOperator {
    many: BoxedVector,
    one: BoxedVector,
    /// Whether "many" is the right side.
    swapped: bool,
    operation: PairOperation,
    outputs: Vec<JoinOutput>,
    contested: Vec<Column>,
    list: SeriesList,
    prepared: bool,
    /// Columns of the "one" side that several outputs need.
    shared: HashMap<u32, Column>,
}

impl JoinOperator {
    /// Plans the join of two vectors, and computes its contested groups.
    pub(crate) fn build(
        left: BoxedVector,
        right: BoxedVector,
        rule: &JoinRule,
        operation: PairOperation,
        run: &Run<'_>,
    ) -> Result<Self> {
        let join = Join::plan(left.series().shown(), right.series().shown(), rule);
        let swapped = rule.cardinality == Cardinality::OneToMany;
        let (mut many, mut one) = if swapped { (right, left) } else { (left, right) };
        let mut labels: Vec<Labels> = join.plain.iter().map(|output| output.labels.clone()).collect();
        let mut contested = Vec::new();
        let prepared = !join.contested.is_empty();
        if prepared {
            many.prepare(run)?;
            one.prepare(run)?;
            let groups: Vec<&JoinGroup> =
                join.contested.iter().filter_map(|number| join.groups.get(*number as usize)).collect();
            let contest = Contest { many: many.as_ref(), one: one.as_ref(), rule, operation, swapped };
            let mut found = contest.evaluate(&groups, run)?;
            for output in found.drain(..) {
                labels.push(output.0);
                contested.push(output.1);
            }
        }
        let marks = marks(&labels, operation, &join.plain, many.series(), run);
        // Contested outputs may equal plain ones of other groups, at other steps.
        let list = if contested.is_empty() { SeriesList::new(labels) } else { SeriesList::unchecked(labels) };
        let list = list.with_marks(marks);
        Ok(Self {
            many,
            one,
            swapped,
            operation,
            outputs: join.plain,
            contested,
            list,
            prepared,
            shared: HashMap::new(),
        })
    }
}

/// Which series of the result lose their names at the end of the query.
fn marks(
    labels: &[Labels],
    operation: PairOperation,
    plain: &[JoinOutput],
    many: &SeriesList,
    run: &Run<'_>,
) -> Vec<bool> {
    if !run.context.delayed_names {
        return Vec::new();
    }
    let renames = super::with_scalar::Operation::renames(operation.op, operation.comparing);
    (0..labels.len())
        .map(|position| {
            let source = plain.get(position).and_then(|output| output.many);
            renames || source.is_some_and(|source| many.is_marked(source as usize))
        })
        .collect()
}

impl VectorOperator for JoinOperator {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        if !self.prepared {
            self.many.prepare(run)?;
            self.one.prepare(run)?;
        }
        let mut uses: HashMap<u32, u32> = HashMap::new();
        for one in self.outputs.iter().filter_map(|output| output.one) {
            *uses.entry(one).or_default() += 1;
        }
        let mut several: Vec<usize> =
            uses.iter().filter(|(_, uses)| **uses > 1).map(|(one, _)| *one as usize).collect();
        several.sort_unstable();
        let columns = collect_some(self.one.as_ref(), run, &several)?;
        self.shared = several.iter().map(|position| *position as u32).zip(columns).collect();
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        let Some(output) = self.outputs.get(position) else {
            if let Some(column) = self.contested.get(position - self.outputs.len()) {
                out.copy_from(column);
            }
            return Ok(());
        };
        let (Some(many), Some(one)) = (output.many, output.one) else { return Ok(()) };
        worker.with_column(|worker, many_column| {
            worker.pull(self.many.as_ref(), many as usize, many_column)?;
            match self.shared.get(&one) {
                Some(one_column) => self.combine(many_column, one_column, worker, out),
                None => worker.with_column(|worker, one_column| {
                    worker.pull(self.one.as_ref(), one as usize, one_column)?;
                    self.combine(many_column, one_column, worker, out);
                    Ok(())
                })?,
            }
            Ok(())
        })
    }
}

impl JoinOperator {
    fn combine(&self, many: &Column, one: &Column, worker: &mut Worker<'_>, out: &mut Column) {
        let (left, right) = if self.swapped { (one, many) } else { (many, one) };
        let PairOperation { op, comparing, place } = self.operation;
        binary::combine(op, comparing, left, right, out, &mut worker.remarks);
        worker.note_remarks("", place);
    }
}

/// Evaluates groups in which it depends on the step which elements meet.
struct Contest<'a> {
    many: &'a dyn VectorOperator,
    one: &'a dyn VectorOperator,
    rule: &'a JoinRule,
    operation: PairOperation,
    swapped: bool,
}

/// Where an error came up: errors of earlier steps, and there of earlier series, are the ones to be told.
type Occurrence = (usize, u8, u32);

impl Contest<'_> {
    /// The results of all groups, as labels and columns.
    fn evaluate(&self, groups: &[&JoinGroup], run: &Run<'_>) -> Result<Vec<(Labels, Column)>> {
        let mut first_error: Option<(Occurrence, MatchError)> = None;
        let mut many_present: Option<Vec<bool>> = None;
        let mut outputs = Vec::new();
        for group in groups {
            let positions = |side: &[u32]| side.iter().map(|position| *position as usize).collect::<Vec<_>>();
            let many = collect_some(self.many, run, &positions(&group.many))?;
            let one = collect_some(self.one, run, &positions(&group.one))?;
            let steps = many.iter().chain(&one).map(Column::len).max().unwrap_or(0);
            let mut state = GroupState::new(self, group, steps);
            for step in 0..steps {
                let Err((occurrence, error)) =
                    run.work(|worker| Ok(state.step(step, &many, &one, worker)))?
                else {
                    continue;
                };
                if many_present.is_none() {
                    many_present = Some(self.many_presence(steps, run)?);
                }
                // At steps without any element on the other side nothing is looked at, so that nothing is wrong.
                if many_present.as_ref().is_some_and(|present| present.get(step) == Some(&false)) {
                    continue;
                }
                if first_error.as_ref().is_none_or(|(known, _)| occurrence < *known) {
                    first_error = Some((occurrence, error));
                }
                break;
            }
            outputs.extend(state.outputs);
        }
        match first_error {
            Some((_, error)) => Err(Error::Match(error)),
            None => Ok(outputs),
        }
    }

    /// The steps at which the "many" side has an element, or a stand-in for it is given.
    fn many_presence(&self, steps: usize, run: &Run<'_>) -> Result<Vec<bool>> {
        if self.fills().0.is_some() {
            return Ok(vec![true; steps]);
        }
        let positions: Vec<usize> = (0..self.many.series().len()).collect();
        let columns = run.for_each(&positions, |worker, position| {
            worker.with_column(|worker, column| {
                worker.pull(self.many, *position, column)?;
                let mut present = vec![false; steps];
                mark_present(column, &mut present);
                Ok(present)
            })
        })?;
        let present_at = |step: usize| columns.iter().any(|column| column.get(step) == Some(&true));
        Ok((0..steps).map(present_at).collect())
    }

    /// What stands in for a missing element of the "many" side, and of the "one" side.
    ///
    /// As in the original, `fill_left` is for the "many" side even where that is the right one.
    fn fills(&self) -> (Option<f64>, Option<f64>) {
        (self.rule.fill.left, self.rule.fill.right)
    }
}

/// The results of one contested group so far.
struct GroupState<'a> {
    contest: &'a Contest<'a>,
    group: &'a JoinGroup,
    labeller: Labeller<'a>,
    steps: usize,
    /// Positions of results by the pair that gives them.
    known: HashMap<(Option<u32>, Option<u32>), usize>,
    by_labels: HashMap<Labels, usize>,
    outputs: Vec<(Labels, Column)>,
}

impl<'a> GroupState<'a> {
    fn new(contest: &'a Contest<'a>, group: &'a JoinGroup, steps: usize) -> Self {
        Self {
            contest,
            group,
            labeller: Labeller::new(contest.rule),
            steps,
            known: HashMap::new(),
            by_labels: HashMap::new(),
            outputs: Vec::new(),
        }
    }

    fn step(
        &mut self,
        step: usize,
        many: &[Column],
        one: &[Column],
        worker: &mut Worker<'_>,
    ) -> std::result::Result<(), (Occurrence, MatchError)> {
        let mut partners = one.iter().zip(&self.group.one).filter(|(column, _)| column.is_present(step));
        let partner = partners.next();
        if let (Some((_, first)), Some((_, second))) = (partner, partners.next()) {
            return Err(((step, 0, *second), self.duplicate(*first, *second)));
        }
        let (fill_many, fill_one) = self.contest.fills();
        let (one_cell, one_position) = match (partner, fill_one) {
            (Some((column, position)), _) => (column.cell(step), Some(*position)),
            (None, Some(value)) => (Cell::Float(value), None),
            (None, None) => return Ok(()),
        };
        let mut met = false;
        let mut results: Vec<usize> = Vec::new();
        for (column, position) in many.iter().zip(&self.group.many) {
            if !column.is_present(step) {
                continue;
            }
            met = true;
            let pair = (Some(*position), one_position);
            let Some(output) = self.apply(step, pair, (column.cell(step), one_cell), worker) else {
                continue;
            };
            if self.contest.rule.cardinality == Cardinality::OneToOne && !results.is_empty() {
                return Err(((step, 1, *position), MatchError::ManyToOneNotExplicit));
            }
            if results.contains(&output) {
                return Err(((step, 1, *position), MatchError::GroupingNotUnique));
            }
            results.push(output);
        }
        if let (false, Some(value), Some(position)) = (met, fill_many, one_position) {
            self.apply(step, (None, Some(position)), (Cell::Float(value), one_cell), worker);
        }
        Ok(())
    }

    /// Computes a pair; returns the number of the result that it belongs to, if there is one.
    fn apply(
        &mut self,
        step: usize,
        pair: (Option<u32>, Option<u32>),
        cells: (Cell<'_>, Cell<'_>),
        worker: &mut Worker<'_>,
    ) -> Option<usize> {
        let PairOperation { op, comparing, place } = self.contest.operation;
        let cells = if self.contest.swapped { (cells.1, cells.0) } else { cells };
        let mut single = Column::new(1);
        let present = binary::combine_at(op, comparing, cells, &mut single, 0, &mut worker.remarks);
        worker.note_remarks("", place);
        if !present {
            return None;
        }
        let number = self.output(pair);
        let (_, column) = self.outputs.get_mut(number)?;
        if !column.is_present(step) {
            column.set(step, single.cell(0));
        }
        Some(number)
    }

    /// The number of the result that a pair belongs to.
    fn output(&mut self, pair: (Option<u32>, Option<u32>)) -> usize {
        if let Some(number) = self.known.get(&pair) {
            return *number;
        }
        // A stand-in has the labels that the group shares.
        let labels_of = |list: &SeriesList, position: Option<u32>| {
            position.map_or_else(|| self.group.signature.clone(), |position| list.labels(position as usize))
        };
        let many = labels_of(self.contest.many.series(), pair.0);
        let one = labels_of(self.contest.one.series(), pair.1);
        let labels = self.labeller.labels(&many, Some(&one));
        let next = self.outputs.len();
        let number = *self.by_labels.entry(labels.clone()).or_insert(next);
        if number == next {
            self.outputs.push((labels, Column::new(self.steps)));
        }
        self.known.insert(pair, number);
        number
    }

    fn duplicate(&self, first: u32, second: u32) -> MatchError {
        let side = if self.contest.swapped { Side::Left } else { Side::Right };
        let labels = |position: u32| self.contest.one.series().labels(position as usize);
        MatchError::Duplicate {
            group: self.group.signature.clone(),
            side,
            first: labels(first),
            second: labels(second),
        }
    }
}
