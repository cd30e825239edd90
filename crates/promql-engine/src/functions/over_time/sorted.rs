//! The values of a window in order, while it moves.

use std::cmp::Ordering;
use std::ops::Range;

use vectors::aggregate::quantile_order;

/// The values of a window, sorted.
#[derive(Debug, Default)]
pub(super) struct SortedWindow {
    window: Range<usize>,
    sorted: Vec<f64>,
}

impl SortedWindow {
    /// Takes out what the window leaves behind and puts in what is new; the window moves ahead only.
    pub(super) fn move_to(&mut self, values: &[f64], window: Range<usize>) -> &[f64] {
        let slice = |range: Range<usize>| values.get(range).unwrap_or(&[]);
        let before = std::mem::replace(&mut self.window, window.clone());
        let changed = (window.start - before.start) + (window.end - before.end);
        // Sorting costs about as much as a few moves per doubling.
        if window.start >= before.end || changed * 8 > window.len() {
            self.sorted.clear();
            self.sorted.extend_from_slice(slice(window));
            self.sorted.sort_unstable_by(quantile_order);
            return &self.sorted;
        }
        for value in slice(before.start..window.start) {
            let place = self.place_of(*value);
            if place < self.sorted.len() {
                self.sorted.remove(place);
            }
        }
        for value in slice(before.end..window.end) {
            let place = self.place_of(*value);
            self.sorted.insert(place, *value);
        }
        &self.sorted
    }

    /// Where the first value stands that is not below.
    fn place_of(&self, value: f64) -> usize {
        self.sorted.partition_point(|other| quantile_order(other, &value) == Ordering::Less)
    }
}
