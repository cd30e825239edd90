//! `deriv`, `predict_linear` and `double_exponential_smoothing`: lines through the samples of a range.

mod lines;
#[cfg(test)]
mod tests;

use std::ops::Range;

use model::number::format_general;
use vectors::Column;

use super::over_time::{float_windows, fold, width};
use crate::operators::instant::at;
use crate::operators::range::{RangeFunction, RangeInput, RangeNotes};
use crate::{Error, Result};

pub(super) fn deriv(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let windows = float_windows(input, notes, 0);
    let origin = |_, window: &Range<usize>| at(&input.samples.timestamps, window.start);
    for part in input.parts(&windows, width) {
        lines::through(input.samples, part, origin, |step, line| out.set_float(step, line.slope));
    }
}

/// `predict_linear(range, seconds)`: the value so many seconds ahead of the evaluation.
pub(super) fn predict_linear(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let windows = float_windows(input, notes, 0);
    let grid = input.windows.reference.grid();
    for part in input.parts(&windows, width) {
        lines::through(
            input.samples,
            part,
            |step, _| grid.time(step),
            |step, line| out.set_float(step, line.slope * input.param(0, step) + line.intercept),
        );
    }
}

/// `double_exponential_smoothing(range, smoothing, trend)`.
pub(super) const SMOOTHING: RangeFunction =
    RangeFunction { run: double_exponential_smoothing, keeps_name: false, check: Some(check_factors) };

/// Refuses factors outside of 0 to 1; NaN passes, as in the original.
fn check_factors(input: &RangeInput<'_>, step: usize) -> Result<()> {
    for (number, name, short) in [(0, "smoothing", "sf"), (1, "trend", "tf")] {
        let factor = input.param(number, step);
        if factor <= 0.0 || factor >= 1.0 {
            return Err(Error::InvalidParameter(format!(
                "invalid {name} factor. Expected: 0 < {short} < 1, got: {}",
                format_fixed(factor)
            )));
        }
    }
    Ok(())
}

/// A number as Go's `%f` prints it.
fn format_fixed(value: f64) -> String {
    if value.is_finite() { format!("{value:.6}") } else { format_general(value) }
}

fn double_exponential_smoothing(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let mut windows = float_windows(input, notes, 0);
    windows.retain(|(_, window)| window.len() >= 2);
    let start = |step, values: &[f64]| Smoothed::new(input.param(0, step), input.param(1, step), values);
    for part in input.parts(&windows, width) {
        fold::windows_from(&input.samples.values, part, start, Smoothed::add, |step, smoothed| {
            out.set_float(step, smoothed.level);
        });
    }
}

/// Level and slope of a series that is smoothed.
#[derive(Debug, Clone, Copy)]
struct Smoothed {
    smoothing: f64,
    trend: f64,
    before: f64,
    level: f64,
    slope: f64,
}

impl Smoothed {
    /// Behind the first two of `values`; returns with it how many they are.
    fn new(smoothing: f64, trend: f64, values: &[f64]) -> (Self, usize) {
        let (first, second) = (at(values, 0), at(values, 1));
        let slope = second - first;
        let start = Self { smoothing, trend, before: 0.0, level: first, slope };
        (start.next(second, slope), 2)
    }

    #[inline(always)]
    fn add(self, value: f64) -> Self {
        self.next(value, self.trend * (self.level - self.before) + (1.0 - self.trend) * self.slope)
    }

    #[inline(always)]
    fn next(self, value: f64, slope: f64) -> Self {
        let level = self.smoothing * value + (1.0 - self.smoothing) * (self.level + slope);
        Self { before: self.level, level, slope, ..self }
    }
}
