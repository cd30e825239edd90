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
        let present =
            |position: &u32| self.columns.get(*position as usize).is_some_and(|column| column.is_present(0));
        let mut order = self.child.order().unwrap_or_else(|| (0..self.columns.len() as u32).collect());
        order.retain(present);
        let value = |position: u32| {
            self.columns.get(position as usize).and_then(|column| column.values().first()).copied()
        };
        let shown = self.child.series().shown();
        match &self.by {
            SortBy::Value { descending } => order.sort_by(|a, b| {
                by_value(value(*a).unwrap_or(f64::NAN), value(*b).unwrap_or(f64::NAN), *descending)
            }),
            SortBy::Labels { names, descending } => sort_by_labels(&mut order, shown, names, *descending),
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
        // Zeros of either sign are equal: they stay in their order.
        (false, false) if descending => b.partial_cmp(&a).unwrap_or(Ordering::Equal),
        (false, false) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
    }
}

/// Orders positions by labels as the original does: with an insertion sort where there are few, as its comparison is
/// no order once labels are missing or numbers are written in several ways. More elements are brought in the order
/// that comes nearest to it.
fn sort_by_labels(order: &mut Vec<u32>, shown: &[Labels], names: &[String], descending: bool) {
    let labels = |position: u32| shown.get(position as usize);
    if order.len() > INSERTION_SORTED_MAX {
        order.sort_by(|a, b| match (labels(*a), labels(*b)) {
            (Some(a), Some(b)) => {
                let ordering = by_labels(a, b, names);
                if descending { ordering.reverse() } else { ordering }
            }
            _ => Ordering::Equal,
        });
        return;
    }
    let mut sorted: Vec<u32> = Vec::with_capacity(order.len());
    for position in order.drain(..) {
        let stays_behind = |other: &u32| match (labels(position), labels(*other)) {
            (Some(own), Some(other)) => !moves_ahead(own, other, names, descending),
            _ => true,
        };
        let place = sorted.iter().rposition(stays_behind).map_or(0, |last| last + 1);
        sorted.insert(place, position);
    }
    *order = sorted;
}

/// The most elements that the original sorts by insertion.
const INSERTION_SORTED_MAX: usize = 12;

/// Whether the original's comparison puts labels ahead of `other`, which stand before them.
fn moves_ahead(own: &Labels, other: &Labels, names: &[String], descending: bool) -> bool {
    match names.iter().map(|name| (own.value(name), other.value(name))).find(|(own, other)| own != other) {
        Some((own, other)) => natural_less(own, other) != descending,
        None if descending => own > other,
        None => own < other,
    }
}

/// A total order that agrees with [`moves_ahead`] where that is one; what lacks a label comes behind.
fn by_labels(a: &Labels, b: &Labels, names: &[String]) -> Ordering {
    for name in names {
        let (a, b) = (a.value(name), b.value(name));
        let ordering = match (a.is_empty(), b.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => natural_order(a, b),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    a.cmp(b)
}

/// Compares texts with runs of digits as numbers: `node2` comes before `node10`. Numbers that are equal are compared
/// as texts.
fn natural_order(a: &str, b: &str) -> Ordering {
    for (a, b) in runs(a).zip(runs(b)) {
        let ordering = match (a.parse::<u64>(), b.parse::<u64>()) {
            (Ok(number), Ok(other)) => number.cmp(&other).then_with(|| a.cmp(b)),
            _ => a.cmp(b),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    runs(a).count().cmp(&runs(b).count())
}

/// Whether the original takes `a` for less than `b`, which is a different text: nothing is less than no text, and of
/// two that differ in zeros ahead of numbers each is less than the other.
fn natural_less(a: &str, b: &str) -> bool {
    let mut rest_b = runs(b);
    for a in runs(a) {
        let Some(b) = rest_b.next() else { return false };
        match (a.parse::<i64>(), b.parse::<i64>()) {
            (Ok(number), Ok(other)) if number != other => return number < other,
            (Ok(_), Ok(_)) => {}
            _ if a != b => return a < b,
            _ => {}
        }
    }
    !a.is_empty()
}

/// The runs of digits and of other characters in a text.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let is_digit = |character: char| character.is_ascii_digit();
    let mut rest = text;
    std::iter::from_fn(move || {
        let digits = rest.starts_with(is_digit);
        let end = rest.find(|character| is_digit(character) != digits).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        (!run.is_empty()).then_some(run)
    })
}
