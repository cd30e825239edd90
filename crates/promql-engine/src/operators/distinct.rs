//! Series that removing their names may have made equal.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use model::Labels;
use vectors::Column;

use super::materialized::collect_some;
use super::{BoxedVector, VectorOperator};
use crate::run::{Run, Worker};
use crate::series::SeriesList;
use crate::{Error, Result};

/// When series of equal labels are an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Equality {
    /// When two of them have any samples at all.
    Anywhere,
    /// When two of them have a sample at the same step; else they become one series.
    AtOneStep,
}

/// Refuses or merges series of equal labels; built only where there are some.
pub(crate) struct Distinct {
    child: BoxedVector,
    list: SeriesList,
    equality: Equality,
    /// Positions in the child for each series.
    members: Vec<Vec<usize>>,
    merged: BTreeMap<usize, Column>,
}

impl Distinct {
    /// Puts the check around an operator if it is needed.
    pub(crate) fn around(child: BoxedVector, equality: Equality) -> BoxedVector {
        if !child.series().may_repeat() {
            return child;
        }
        let shown: Vec<Labels> = child.series().shown().to_vec();
        let marks = child.series().marks();
        let mut numbers: HashMap<Labels, usize> = HashMap::new();
        let mut members: Vec<Vec<usize>> = Vec::new();
        let mut labels: Vec<Labels> = Vec::new();
        let mut own_marks: Vec<bool> = Vec::new();
        for (position, own) in shown.iter().enumerate() {
            let next = members.len();
            let number = *numbers.entry(own.clone()).or_insert(next);
            if number == next {
                members.push(Vec::new());
                labels.push(own.clone());
                own_marks.push(marks.get(position).copied().unwrap_or(false));
            }
            if let Some(group) = members.get_mut(number) {
                group.push(position);
            }
        }
        let list = SeriesList::new(labels).with_marks(own_marks);
        Box::new(Self { child, list, equality, members, merged: BTreeMap::new() })
    }
}

impl VectorOperator for Distinct {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        for (position, members) in self.members.iter().enumerate().filter(|(_, members)| members.len() > 1) {
            let columns = collect_some(self.child.as_ref(), run, members)?;
            self.merged.insert(position, merge(columns, self.equality)?);
        }
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        if let Some(merged) = self.merged.get(&position) {
            out.copy_from(merged);
            return Ok(());
        }
        match self.members.get(position).and_then(|members| members.first()) {
            Some(member) => worker.pull(self.child.as_ref(), *member, out),
            None => Ok(()),
        }
    }

    fn order(&self) -> Option<Vec<u32>> {
        let mut own: HashMap<usize, u32> = HashMap::new();
        for (position, members) in (0u32..).zip(&self.members) {
            own.extend(members.iter().map(|member| (*member, position)));
        }
        let mut order = Vec::new();
        for member in self.child.order()? {
            let position = own.get(&(member as usize)).copied()?;
            if !order.contains(&position) {
                order.push(position);
            }
        }
        Some(order)
    }
}

/// Merges columns of equal labels into one.
pub(crate) fn merge(columns: Vec<Column>, equality: Equality) -> Result<Column> {
    let steps = columns.first().map_or(0, Column::len);
    let mut columns = columns.into_iter().filter(|column| !column.is_blank());
    let Some(mut merged) = columns.next() else { return Ok(Column::new(steps)) };
    for column in columns {
        if equality == Equality::Anywhere {
            return Err(Error::SameLabels);
        }
        for step in 0..column.len() {
            if !column.is_present(step) {
                continue;
            }
            if merged.is_present(step) {
                return Err(Error::SameLabels);
            }
            merged.set(step, column.cell(step));
        }
    }
    Ok(merged)
}
