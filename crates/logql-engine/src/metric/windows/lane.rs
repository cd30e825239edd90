//! The cells of one series, and the values of one series.

use super::cell::{Cell, Sample};

/// The cells of one series from its first pane to its last one.
#[derive(Debug, Clone)]
pub(in crate::metric) struct Lane<C> {
    first: u32,
    cells: Vec<C>,
}

impl<C> Default for Lane<C> {
    fn default() -> Self {
        Self { first: 0, cells: Vec::new() }
    }
}

impl<C: Cell> Lane<C> {
    /// Takes a sample of a pane; returns how many cells are new.
    pub(in crate::metric) fn add(&mut self, pane: u32, sample: Sample) -> usize {
        let (cell, new) = self.cell(pane);
        if let Some(cell) = cell {
            cell.add(sample);
        }
        new
    }

    /// Takes what is kept of samples of a pane; returns how many cells are new.
    pub(in crate::metric) fn join_cell(&mut self, pane: u32, other: &C) -> usize {
        let (cell, new) = self.cell(pane);
        if let Some(cell) = cell {
            cell.join(other);
        }
        new
    }

    /// Takes all that another lane has; returns how many cells are new.
    pub(in crate::metric) fn join(&mut self, other: Self) -> usize {
        if self.cells.is_empty() {
            *self = other;
            return 0;
        }
        let mut new = 0;
        for (pane, cell) in (other.first..).zip(&other.cells) {
            if !cell.is_empty() {
                new += self.join_cell(pane, cell);
            }
        }
        new
    }

    /// The pane of the first cell.
    pub(in crate::metric) fn first(&self) -> usize {
        self.first as usize
    }

    /// The cells.
    pub(in crate::metric) fn cells(&self) -> &[C] {
        &self.cells
    }

    /// The cells of panes from `first` to `last`, and how many are new.
    pub(in crate::metric) fn cells_of(&mut self, first: u32, last: u32) -> (&mut [C], usize) {
        let before = self.cells.len();
        if before == 0 {
            self.first = first;
        }
        if first < self.first {
            let missing = (self.first - first) as usize;
            self.cells.splice(..0, std::iter::repeat_n(C::EMPTY, missing));
            self.first = first;
        }
        let (from, to) = ((first - self.first) as usize, (last.max(first) - self.first) as usize);
        if to >= self.cells.len() {
            self.cells.resize(to + 1, C::EMPTY);
        }
        let new = self.cells.len() - before;
        (self.cells.get_mut(from..=to).unwrap_or_default(), new)
    }

    fn cell(&mut self, pane: u32) -> (Option<&mut C>, usize) {
        let (cells, new) = self.cells_of(pane, pane);
        (cells.first_mut(), new)
    }
}

/// The values of one series at the steps from `first` on; [`vectors::ABSENT`] where there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::metric) struct Span {
    /// The step of the first value.
    pub(in crate::metric) first: usize,
    /// The values.
    pub(in crate::metric) values: Vec<f64>,
}

impl Span {
    /// The value at a step.
    pub(in crate::metric) fn at(&self, step: usize) -> f64 {
        step.checked_sub(self.first)
            .and_then(|place| self.values.get(place))
            .copied()
            .unwrap_or(vectors::ABSENT)
    }

    /// Whether there is no value.
    pub(in crate::metric) fn is_blank(&self) -> bool {
        self.values.iter().all(|value| vectors::is_absent(*value))
    }

    /// The steps with a value, and these.
    pub(in crate::metric) fn points(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let places = (self.first..).zip(self.values.iter().copied());
        places.filter(|(_, value)| !vectors::is_absent(*value))
    }

    /// Bytes of memory that it holds.
    pub(in crate::metric) fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<f64>() + size_of::<Self>()
    }
}
