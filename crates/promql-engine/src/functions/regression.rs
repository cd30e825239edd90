//! `deriv`, `predict_linear` and `double_exponential_smoothing`: lines through the samples of a range.

use std::ops::Range;

use model::number::format_general;
use vectors::{Column, kahan};

use super::over_time::each_float_window;
use crate::operators::instant::at;
use crate::operators::range::{RangeFunction, RangeInput, RangeNotes};
use crate::{Error, Result};

pub(super) fn deriv(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    each_float_window(input, notes, 0, |step, window, values| {
        if values.len() >= 2 {
            let origin = at(&input.samples.timestamps, window.start);
            out.set_float(step, regression(input, window, values, origin).0);
        }
    });
}

/// `predict_linear(range, seconds)`: the value so many seconds ahead of the evaluation.
pub(super) fn predict_linear(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let grid = input.windows.reference.grid();
    each_float_window(input, notes, 0, |step, window, values| {
        if values.len() >= 2 {
            let (slope, intercept) = regression(input, window, values, grid.time(step));
            out.set_float(step, slope * input.param(0, step) + intercept);
        }
    });
}

/// Slope and value at the time `origin` of the line with the least squares.
fn regression(input: &RangeInput<'_>, window: Range<usize>, values: &[f64], origin: i64) -> (f64, f64) {
    let times = input.samples.timestamps.get(window).unwrap_or(&[]);
    let first = values.first().copied().unwrap_or(f64::NAN);
    if values.iter().all(|value| *value == first) {
        // The usual way would give an error of rounding, and NaN for infinities.
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    let mut count = 0.0;
    let (mut x, mut y, mut xy, mut xx) = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0));
    for (time, value) in times.iter().zip(values) {
        let distance = (time - origin) as f64 / 1000.0;
        count += 1.0;
        x = kahan::add(distance, x.0, x.1);
        y = kahan::add(*value, y.0, y.1);
        xy = kahan::add(distance * value, xy.0, xy.1);
        xx = kahan::add(distance * distance, xx.0, xx.1);
    }
    let (x, y, xy, xx) = (x.0 + x.1, y.0 + y.1, xy.0 + xy.1, xx.0 + xx.1);
    let covariance = xy - x * y / count;
    let variance = xx - x * x / count;
    let slope = covariance / variance;
    (slope, y / count - slope * x / count)
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
    each_float_window(input, notes, 0, |step, _, values| {
        let [first, second, ..] = values else { return };
        let (smoothing, trend) = (input.param(0, step), input.param(1, step));
        let (mut before, mut level) = (0.0, *first);
        let mut slope = second - first;
        for (index, value) in values.iter().enumerate().skip(1) {
            if index > 1 {
                slope = trend * (level - before) + (1.0 - trend) * slope;
            }
            let next = smoothing * value + (1.0 - smoothing) * (level + slope);
            (before, level) = (level, next);
        }
        out.set_float(step, level);
    });
}
