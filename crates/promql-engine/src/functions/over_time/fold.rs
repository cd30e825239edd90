//! Windows folded from their first to their last value: in that order, as rounding depends on it.

use std::ops::Range;

use vectors::kahan;

use crate::operators::instant::at;

/// So many windows are folded beside each other, as each addition waits for the one before.
const LANES: usize = 4;

/// Folds each window and calls `done` with its step, its values and the result.
pub(super) fn windows<S: Copy>(
    values: &[f64],
    windows: &[(usize, Range<usize>)],
    empty: S,
    add: impl Fn(S, f64) -> S,
    mut done: impl FnMut(usize, &[f64], S),
) {
    let mut ranges = windows.iter().map(|(_, window)| window);
    windows_from(
        values,
        windows,
        |_, _| (empty, 0),
        add,
        |step, state| {
            let window = ranges.next().cloned().unwrap_or_default();
            done(step, values.get(window).unwrap_or(&[]), state);
        },
    );
}

/// As [`windows`], but what each window begins with, and how many of its values are in that, comes from `start`, which
/// gets its step and its values. Results come in the order of the windows.
pub(in crate::functions) fn windows_from<S: Copy>(
    values: &[f64],
    windows: &[(usize, Range<usize>)],
    start: impl Fn(usize, &[f64]) -> (S, usize),
    add: impl Fn(S, f64) -> S,
    mut done: impl FnMut(usize, S),
) {
    let begun = |(step, window): &(usize, Range<usize>)| {
        let values = values.get(window.clone()).unwrap_or(&[]);
        let (state, held) = start(*step, values);
        (state, values.get(held..).unwrap_or(&[]))
    };
    let (batches, rest) = windows.as_chunks::<LANES>();
    for batch in batches {
        let lanes: [(S, &[f64]); LANES] = std::array::from_fn(|lane| begun(&batch[lane]));
        let common = lanes.iter().map(|(_, lane)| lane.len()).min().unwrap_or(0);
        let [a, b, c, d] = lanes.map(|(_, lane)| &lane[..common]);
        // Each in its own variable, so that none of them goes through memory.
        let [mut state_a, mut state_b, mut state_c, mut state_d] = lanes.map(|(state, _)| state);
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            state_a = add(state_a, *a);
            state_b = add(state_b, *b);
            state_c = add(state_c, *c);
            state_d = add(state_d, *d);
        }
        let states = [state_a, state_b, state_c, state_d];
        for (((_, lane), state), (step, _)) in lanes.iter().zip(states).zip(batch) {
            done(*step, lane[common..].iter().fold(state, |state, value| add(state, *value)));
        }
    }
    for window in rest {
        let (state, values) = begun(window);
        done(window.0, values.iter().fold(state, |state, value| add(state, *value)));
    }
}

/// Sums each window and calls `done` with its step, its values, and the sum with its compensation.
pub(super) fn sums(
    values: &[f64],
    windows: &[(usize, Range<usize>)],
    mut done: impl FnMut(usize, &[f64], (f64, f64)),
) {
    let summed: usize = windows.iter().map(|(_, window)| window.len()).sum();
    if summed > 2 * values.len()
        && let Some(running) = exact_sums(values)
    {
        for (step, window) in windows {
            let sum = at(&running, window.end) - at(&running, window.start);
            done(*step, values.get(window.clone()).unwrap_or(&[]), (sum, 0.0));
        }
        return;
    }
    let add = |(sum, compensation): (f64, f64), value| kahan::add(value, sum, compensation);
    self::windows(values, windows, (0.0, 0.0), add, done);
}

/// Sums of the first values, none and all of them included, if none is rounded: then the sum of any window is exactly a
/// difference of two of them. That is so where all values are whole numbers, and no sum is too large.
fn exact_sums(values: &[f64]) -> Option<Vec<f64>> {
    /// Added to a number, it leaves no place for its fraction.
    const NO_FRACTIONS: f64 = 1.5 * (1_u64 << (f64::MANTISSA_DIGITS - 1)) as f64;
    const EXACT_MAX: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    let whole =
        values.iter().fold(true, |whole, value| whole & ((value + NO_FRACTIONS) - NO_FRACTIONS == *value));
    if !whole || values.iter().map(|value| value.abs()).sum::<f64>() > EXACT_MAX {
        return None;
    }
    let mut sum = 0.0;
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push(sum);
    sums.extend(values.iter().map(|value| {
        sum += value;
        sum
    }));
    Some(sums)
}
