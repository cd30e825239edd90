//! Windows over regular samples are those that a search finds.

use proptest::prelude::*;

use super::*;
use crate::grid::Grid;

proptest! {
    #[test]
    fn windows_over_regular_samples_are_those_that_are_found(
        (gap, times) in (1..50_i64, 1..8_i64),
        samples in 2..60_usize,
        steps in 2..60_usize,
        (start, first, offset) in (-3_000..3_000_i64, -3_000..3_000_i64, -200..200_i64),
        range in 0..2_000_i64,
        shifted in prop::option::of(0..60_usize),
    ) {
        let mut timestamps: Vec<i64> = (0..samples as i64).map(|number| first + number * gap).collect();
        if let Some(late) = shifted.and_then(|place| timestamps.get_mut(place)) {
            *late += 1;
        }
        timestamps.dedup();
        let grid = Grid { start, step: gap * times, steps };
        let windows = Windows { reference: Reference::new(grid, None, offset), range, extension: None };
        let Some(regular) = RegularWindows::of(windows, &timestamps) else {
            prop_assert!(samples < 2 || shifted.is_some() || samples > 16 * steps);
            return Ok(());
        };
        let inner = regular.inner();
        for (step, (end, window)) in windows.timed_over(&timestamps).enumerate() {
            prop_assert_eq!(regular.end(step), end);
            let own = regular.window(step);
            prop_assert!(own == window || (own.is_empty() && window.is_empty()), "{own:?} {window:?}");
            let reaches_beyond = (end - range) < timestamps[0] - gap || end >= timestamps[timestamps.len() - 1] + gap;
            prop_assert_eq!(inner.contains(&step), !reaches_beyond, "{} of {:?}", step, inner);
            if inner.contains(&step) {
                let moved = (step - inner.start) * regular.stride();
                let first = regular.window(inner.start);
                prop_assert_eq!(own, first.start + moved..first.end + moved);
            }
        }
    }
}

#[test]
fn irregular_samples_have_no_regular_windows() {
    let grid = Grid { start: 0, step: 10, steps: 10 };
    let windows = |at| Windows { reference: Reference::new(grid, at, 0), range: 30, extension: None };
    assert!(RegularWindows::of(windows(None), &[0, 10, 20, 30]).is_some());
    assert!(RegularWindows::of(windows(None), &[0, 10, 21, 30]).is_none());
    assert!(RegularWindows::of(windows(None), &[0, 3, 6, 9]).is_none(), "steps are no multiple");
    assert!(RegularWindows::of(windows(Some(5)), &[0, 10, 20, 30]).is_none(), "steps look at one time");
    assert!(RegularWindows::of(windows(None), &[i64::MIN, i64::MIN + 10]).is_none(), "beyond numbers");
    assert!(RegularWindows::of(windows(None), &[7]).is_none());
}
