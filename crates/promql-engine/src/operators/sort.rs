//! Functions that order the elements of an instant query's answer.

use std::cmp::Ordering;

use model::Labels;
use vectors::Column;

use super::materialized::collect;
use super::{BoxedVector, VectorOperator};
use crate::Result;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// What elements are ordered by.
#[derive(Debug, Clone)]
pub(crate) enum SortBy {
    /// Their values; histograms are dropped.
    Value {
        /// From large to small.
        descending: bool,
    },
    /// The values of labels, in natural order.
    Labels {
        /// The labels, the most important first.
        names: Vec<String>,
        /// From large to small.
        descending: bool,
    },
}

/// Orders elements; in range queries, whose answers are always in the order of labels, it changes nothing.
pub(crate) struct Sort {
    child: BoxedVector,
    by: SortBy,
    columns: Vec<Column>,
    order: Vec<u32>,
}

impl Sort {
    pub(crate) fn new(child: BoxedVector, by: SortBy) -> Self {
        Self { child, by, columns: Vec::new(), order: Vec::new() }
    }
}

impl VectorOperator for Sort {
    fn series(&self) -> &SeriesList {
        self.child.series()
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        if run.context.is_range {
            return Ok(());
        }
        self.columns = collect(self.child.as_ref(), run)?;
        let mut order: Vec<u32> = (0..self.columns.len() as u32).collect();
        let value = |position: u32| {
            self.columns.get(position as usize).and_then(|column| column.values().first()).copied()
        };
        let shown = self.child.series().shown();
        let labels = |position: u32| shown.get(position as usize);
        match &self.by {
            SortBy::Value { descending } => order.sort_by(|a, b| {
                by_value(value(*a).unwrap_or(f64::NAN), value(*b).unwrap_or(f64::NAN), *descending)
            }),
            SortBy::Labels { names, descending } => order.sort_by(|a, b| match (labels(*a), labels(*b)) {
                (Some(a), Some(b)) => {
                    let ordering = by_labels(a, b, names);
                    if *descending { ordering.reverse() } else { ordering }
                }
                _ => Ordering::Equal,
            }),
        }
        self.order = order;
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        match self.columns.get(position) {
            Some(column) => out.copy_from(column),
            None => worker.pull(self.child.as_ref(), position, out)?,
        }
        if matches!(self.by, SortBy::Value { .. }) {
            out.drop_histograms();
        }
        Ok(())
    }

    fn order(&self) -> Option<Vec<u32>> {
        Some(self.order.clone())
    }
}

/// NaN comes last either way.
fn by_value(a: f64, b: f64, descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) if descending => b.total_cmp(&a),
        (false, false) => a.total_cmp(&b),
    }
}

fn by_labels(a: &Labels, b: &Labels, names: &[String]) -> Ordering {
    for name in names {
        let ordering = natural_order(a.value(name), b.value(name));
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    a.cmp(b)
}

/// Compares texts with runs of digits as numbers: `node2` comes before `node10`.
pub(crate) fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (part_a, rest_a) = split_run(a);
        let (part_b, rest_b) = split_run(b);
        let ordering = match (is_number(part_a), is_number(part_b)) {
            (true, true) => by_number(part_a, part_b),
            _ => part_a.cmp(part_b),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
        if part_a.is_empty() {
            return Ordering::Equal;
        }
        (a, b) = (rest_a, rest_b);
    }
}

fn is_number(part: &str) -> bool {
    part.starts_with(|character: char| character.is_ascii_digit())
}

/// The run of digits or of other characters that a text begins with, and the rest.
fn split_run(text: &str) -> (&str, &str) {
    let digits = is_number(text);
    let end = text.find(|character: char| character.is_ascii_digit() != digits).unwrap_or(text.len());
    text.split_at(end)
}

fn by_number(a: &str, b: &str) -> Ordering {
    let digits = |text: &str| text.trim_start_matches('0').len();
    let significant = |text: &str| text.trim_start_matches('0').to_owned();
    digits(a)
        .cmp(&digits(b))
        .then_with(|| significant(a).cmp(&significant(b)))
        // Equal numbers: the one with fewer zeros ahead comes first.
        .then_with(|| a.len().cmp(&b.len()))
}
