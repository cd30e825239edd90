//! The extreme values of windows that only move ahead.

use std::collections::VecDeque;
use std::ops::Range;

use vectors::Column;

use crate::operators::instant::at;

/// Writes the extreme value of each window; of equal ones that come first, NaN only where there is nothing else.
///
/// Kept are those values of the window that are extreme among what comes behind them: each sample comes and goes once.
pub(super) fn extremes(
    values: &[f64],
    windows: &[(usize, Range<usize>)],
    replaces: impl Fn(f64, f64) -> bool,
    out: &mut Column,
) {
    let mut kept: VecDeque<usize> = VecDeque::new();
    let mut seen = 0;
    for (step, window) in windows {
        seen = seen.max(window.start);
        for (index, value) in (seen..window.end).zip(values.get(seen..window.end).unwrap_or(&[])) {
            if value.is_nan() {
                continue;
            }
            while kept.back().is_some_and(|last| replaces(*value, at(values, *last))) {
                kept.pop_back();
            }
            kept.push_back(index);
        }
        seen = seen.max(window.end);
        while kept.front().is_some_and(|first| *first < window.start) {
            kept.pop_front();
        }
        let extreme =
            kept.front().or(window.end.checked_sub(1).as_ref()).map_or(f64::NAN, |index| at(values, *index));
        out.set_float(*step, extreme);
    }
}
