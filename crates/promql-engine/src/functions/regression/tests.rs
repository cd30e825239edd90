//! Windows that are worked on beside each other give what each of them gives by itself, bit for bit.

use std::ops::Range;

use storage::SampleColumns;

use super::{Smoothed, fold, lines};

/// Samples that are regular, then jitter, then have gaps; with runs of equal values.
fn samples() -> SampleColumns {
    let mut samples = SampleColumns::new();
    let (mut time, mut state) = (1_000_i64, 7_u64);
    for number in 0..200 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        time += match number {
            0..80 => 15_000,
            80..120 => 15_000 + (state >> 60) as i64,
            _ if number % 30 == 0 => 60_000,
            _ => 15_000,
        };
        let value = if (40..60).contains(&number) { 3.0 } else { (state >> 40) as f64 / 7.0 };
        samples.push_float(time, 0, value);
    }
    samples
}

fn windows(width: usize, by: usize) -> Vec<(usize, Range<usize>)> {
    (0..200).step_by(by).enumerate().map(|(step, start)| (step, start..(start + width).min(200))).collect()
}

#[test]
fn lines_are_those_of_each_window_by_itself() {
    let samples = samples();
    for (width, by) in [(2, 1), (7, 2), (20, 1), (33, 5)] {
        let windows = windows(width, by);
        let origin = |step: usize, _: &Range<usize>| 4_000 + step as i64 * by as i64 * 15_000;
        let mut together = vec![None; windows.len()];
        lines::through(&samples, &windows, origin, |step, line| {
            together[step] = Some((line.slope.to_bits(), line.intercept.to_bits()));
        });
        for window in &windows {
            let mut alone = None;
            lines::through(&samples, std::slice::from_ref(window), origin, |_, line| {
                alone = Some((line.slope.to_bits(), line.intercept.to_bits()));
            });
            assert_eq!(together[window.0], alone, "{width} by {by}: {window:?}");
        }
    }
}

#[test]
fn a_line_goes_through_its_points() {
    let mut samples = SampleColumns::new();
    for number in 0..6 {
        samples.push_float(number * 1_000, 0, 5.0 + 2.0 * number as f64);
    }
    let mut found = Vec::new();
    let windows: Vec<_> = (0..5).map(|step| (step, step..step + 2)).collect();
    lines::through(&samples, &windows, |_, _| 0, |step, line| found.push((step, line.slope, line.intercept)));
    found.sort_by_key(|(step, ..)| *step);
    assert_eq!(found, (0..5).map(|step| (step, 2.0, 5.0)).collect::<Vec<_>>());
}

#[test]
fn smoothing_is_that_of_each_window_by_itself() {
    let samples = samples();
    let windows = windows(20, 1);
    let windows: Vec<_> = windows.into_iter().filter(|(_, window)| window.len() >= 2).collect();
    let mut checked = 0;
    let start = |_, values: &[f64]| Smoothed::new(0.3, 0.4, values);
    fold::windows_from(&samples.values, &windows, start, Smoothed::add, |step, smoothed| {
        let values = &samples.values[windows[step].1.clone()];
        let (mut before, mut level, mut slope) = (0.0, values[0], values[1] - values[0]);
        for (index, value) in values.iter().enumerate().skip(1) {
            if index > 1 {
                slope = 0.4 * (level - before) + (1.0 - 0.4) * slope;
            }
            let next = 0.3 * value + (1.0 - 0.3) * (level + slope);
            (before, level) = (level, next);
        }
        assert_eq!(smoothed.level.to_bits(), level.to_bits(), "{step}");
        checked += 1;
    });
    assert_eq!(checked, windows.len());
}
