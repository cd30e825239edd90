//! Panes to windows: a queue made of two stacks, so that nothing is ever taken out of a sum again. Each pane is joined
//! at most twice, and what is no number leaves no trace in windows that do not hold it.

use super::Windows;
use super::cell::Cell;
use super::lane::{Lane, Span};

/// The value of a series in every window that has samples.
pub(in crate::metric) fn slide<C: Cell>(
    windows: &Windows,
    lane: &Lane<C>,
    value: impl Fn(&C) -> f64,
) -> Span {
    let cells = lane.cells();
    let Some((first, last)) = windows_of(windows, lane.first(), cells.len()) else { return Span::default() };
    let cell = |pane: usize| pane.checked_sub(lane.first()).and_then(|place| cells.get(place));
    let result = |cell: &C| if cell.is_empty() { vectors::ABSENT } else { value(cell) };
    let mut span = Span { first, values: Vec::with_capacity(last + 1 - first) };
    if windows.width() == 1 {
        for window in first..=last {
            span.values.push(cell(windows.first_pane(window)).map_or(vectors::ABSENT, result));
        }
        return span;
    }
    // The front holds what panes join to with all that follow them in the front; the back is one cell.
    let mut front: Vec<C> = Vec::new();
    let mut front_start = windows.first_pane(first);
    let mut back = C::EMPTY;
    let mut back_start = front_start;
    let mut next = front_start;
    for window in first..=last {
        let start = windows.first_pane(window);
        let end = start + windows.width();
        while next < end {
            if let Some(cell) = cell(next) {
                back.join(cell);
            }
            next += 1;
        }
        if start >= back_start {
            turn(&mut front, (start, next), cell);
            (front_start, back_start, back) = (start, next, C::EMPTY);
        }
        // The front lies the other way round: its last cell is that of its first pane.
        let behind = front.len().saturating_sub(1 + start - front_start);
        let mut whole = front.get(behind).copied().unwrap_or(C::EMPTY);
        whole.join(&back);
        span.values.push(result(&whole));
    }
    span
}

/// Makes the panes the front.
fn turn<'c, C: Cell + 'c>(
    front: &mut Vec<C>,
    (start, end): (usize, usize),
    cell: impl Fn(usize) -> Option<&'c C>,
) {
    front.clear();
    let mut joined = C::EMPTY;
    for pane in (start..end).rev() {
        if let Some(cell) = cell(pane) {
            let later = std::mem::replace(&mut joined, *cell);
            joined.join(&later);
        }
        front.push(joined);
    }
}

/// The first and the last window that hold one of the panes.
fn windows_of(windows: &Windows, first: usize, panes: usize) -> Option<(usize, usize)> {
    let last = first + panes.checked_sub(1)?;
    let stride = windows.first_pane(1).max(1);
    let from = (first + 1).saturating_sub(windows.width()).div_ceil(stride);
    let to = (last / stride).min(windows.steps() - 1);
    (from <= to).then_some((from, to))
}
