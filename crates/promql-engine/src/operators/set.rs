//! `and`, `or`, `unless`: operators on the presence of elements.

use std::ops::Range;

use hashbrown::HashMap;
use model::Labels;
use vectors::Column;
use vectors::matching::{SetOp, SetPlan, Signature};

use super::absent::mark_present;
use super::materialized::collect_some;
use super::{BoxedVector, VectorOperator};
use crate::Result;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// Steps at which a group has an element.
type Presence = Vec<bool>;

/// A series of the result: of the left side, of the right, or of both where these have the same labels.
#[derive(Debug, Clone, Copy)]
struct Source {
    left: Option<u32>,
    right: Option<u32>,
}

/// An operator on the presence of elements.
pub(crate) struct SetOperator {
    left: BoxedVector,
    right: BoxedVector,
    op: SetOp,
    plan: SetPlan,
    list: SeriesList,
    sources: Vec<Source>,
    steps: usize,
    /// Presence in each shared group: of the right side, but with `or` of the left.
    presence: Vec<Presence>,
    /// With `or`, columns of the left side that presence was taken from.
    kept: HashMap<u32, Column>,
}

impl SetOperator {
    pub(crate) fn new(
        left: BoxedVector,
        right: BoxedVector,
        op: SetOp,
        signature: &Signature,
        steps: usize,
    ) -> Self {
        let plan = SetPlan::plan(left.series().shown(), right.series().shown(), signature);
        let (list, sources) = if op == SetOp::Or {
            union(left.series(), right.series())
        } else {
            let sources = (0..left.series().len() as u32)
                .map(|left| Source { left: Some(left), right: None })
                .collect();
            (left.series().clone(), sources)
        };
        Self { left, right, op, plan, list, sources, steps, presence: Vec::new(), kept: HashMap::new() }
    }

    /// The presence of a side's series in the shared groups.
    fn presence_of(&self, run: &Run<'_>) -> Result<Vec<Presence>> {
        let parts = run.chunks(self.plan.right.len(), |worker, range: Range<usize>| {
            let mut presence: Vec<Presence> = vec![Vec::new(); self.plan.groups];
            for position in range {
                worker.with_column(|worker, column| {
                    worker.pull(self.right.as_ref(), position, column)?;
                    mark(self.plan.right.get(position), column, self.steps, &mut presence);
                    Ok(())
                })?;
            }
            Ok(presence)
        })?;
        let mut parts = parts.into_iter();
        let mut presence = parts.next().unwrap_or_default();
        for part in parts {
            for (own, other) in presence.iter_mut().zip(part) {
                own.resize(own.len().max(other.len()), false);
                own.iter_mut().zip(other).for_each(|(own, other)| *own |= other);
            }
        }
        Ok(presence)
    }

    fn is_present(&self, group: Option<u32>, step: usize) -> bool {
        let presence = group.and_then(|group| self.presence.get(group as usize));
        presence.and_then(|presence| presence.get(step)).copied().unwrap_or(false)
    }

    fn left_column(&self, left: u32, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        match self.kept.get(&left) {
            Some(column) => out.copy_from(column),
            None => worker.pull(self.left.as_ref(), left as usize, out)?,
        }
        Ok(())
    }

    /// The elements of the right side that have no partner on the left.
    fn right_column(&self, right: u32, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.pull(self.right.as_ref(), right as usize, out)?;
        let group = self.plan.right.get(right as usize).copied().flatten();
        if group.is_some() {
            out.mask(|step| !self.is_present(group, step));
        }
        Ok(())
    }
}

/// Marks in a shared group's presence what a column has.
fn mark(group: Option<&Option<u32>>, column: &Column, steps: usize, presence: &mut [Presence]) {
    if let Some(Some(group)) = group
        && let Some(presence) = presence.get_mut(*group as usize)
    {
        presence.resize(steps, false);
        mark_present(column, presence);
    }
}

/// The series of both sides; equal labels are one series.
fn union(left: &SeriesList, right: &SeriesList) -> (SeriesList, Vec<Source>) {
    let mut labels: Vec<Labels> = left.shown().to_vec();
    let mut marks = left.marks();
    let mut sources: Vec<Source> =
        (0..left.len() as u32).map(|left| Source { left: Some(left), right: None }).collect();
    let known: HashMap<&Labels, usize> =
        left.shown().iter().enumerate().map(|(position, labels)| (labels, position)).collect();
    for (position, own) in (0u32..).zip(right.shown()) {
        match known.get(own).and_then(|same| sources.get_mut(*same)) {
            Some(source) => source.right = Some(position),
            None => {
                labels.push(own.clone());
                marks.push(right.is_marked(position as usize));
                sources.push(Source { left: None, right: Some(position) });
            }
        }
    }
    (SeriesList::new(labels).with_marks(marks), sources)
}

impl VectorOperator for SetOperator {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.left.prepare(run)?;
        self.right.prepare(run)?;
        if self.op != SetOp::Or {
            self.presence = self.presence_of(run)?;
            return Ok(());
        }
        let shared: Vec<usize> = (0..self.plan.left.len())
            .filter(|left| matches!(self.plan.left.get(*left), Some(Some(_))))
            .collect();
        let columns = collect_some(self.left.as_ref(), run, &shared)?;
        self.presence = vec![Vec::new(); self.plan.groups];
        for (left, column) in shared.into_iter().zip(columns) {
            mark(self.plan.left.get(left), &column, self.steps, &mut self.presence);
            self.kept.insert(left as u32, column);
        }
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        let Some(source) = self.sources.get(position) else { return Ok(()) };
        match (source.left, source.right) {
            (Some(left), None) => {
                self.left_column(left, worker, out)?;
                let group = self.plan.left.get(left as usize).copied().flatten();
                match self.op {
                    SetOp::Or => {}
                    SetOp::And => out.mask(|step| self.is_present(group, step)),
                    SetOp::Unless if group.is_none() => {}
                    SetOp::Unless => out.mask(|step| !self.is_present(group, step)),
                }
                Ok(())
            }
            (None, Some(right)) => self.right_column(right, worker, out),
            (Some(left), Some(right)) => {
                self.left_column(left, worker, out)?;
                worker.with_column(|worker, other| {
                    self.right_column(right, worker, other)?;
                    for step in 0..other.len() {
                        if other.is_present(step) && !out.is_present(step) {
                            out.set(step, other.cell(step));
                        }
                    }
                    Ok(())
                })
            }
            (None, None) => Ok(()),
        }
    }

    fn order(&self) -> Option<Vec<u32>> {
        if self.op == SetOp::Or { None } else { self.left.order() }
    }
}
