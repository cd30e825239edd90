//! Windows that move give what each of them gives by itself, bit for bit.

use std::ops::Range;

use vectors::Column;
use vectors::aggregate::{quantile, quantile_of_sorted};

use super::sorted::SortedWindow;
use super::{Moments, Variance, extreme, float_average, float_sum, fold};

/// Numbers of many kinds, always the same: fractions, whole numbers, both zeros, now and then NaN or an infinity.
fn values(kind: u64, count: usize) -> Vec<f64> {
    let mut state = kind + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let value = |bits: u64| match (kind, bits % 50) {
        (0, _) => (bits % 1000) as f64 / 7.0 - 60.0,
        (1, _) => (bits % 1000) as f64 - 500.0,
        (2, 0) => f64::NAN,
        (2, 1) => f64::INFINITY,
        (3, 0..20) => f64::MAX / 3.0,
        (4, 0..20) => -0.0,
        (4, _) => 0.0,
        (_, _) => (bits % 10) as f64 * 0.1,
    };
    (0..count).map(|_| value(next())).collect()
}

/// Windows of different widths and steps.
fn windows(count: usize) -> Vec<Vec<(usize, Range<usize>)>> {
    let of = |width: usize, by: usize| -> Vec<(usize, Range<usize>)> {
        let starts = (0..count).step_by(by);
        starts
            .enumerate()
            .map(|(step, start)| (step, start.saturating_sub(start % 3)..(start + width).min(count)))
            .collect()
    };
    vec![of(1, 1), of(7, 2), of(40, 1), of(40, 50), of(300, 3)]
}

fn check(
    name: &str,
    expected: impl Fn(&[f64]) -> f64,
    run: impl Fn(&[f64], &[(usize, Range<usize>)], &mut Column),
) {
    for kind in 0..5 {
        let values = values(kind, 200);
        for windows in windows(values.len()) {
            let mut out = Column::new(windows.len());
            run(&values, &windows, &mut out);
            for (step, window) in &windows {
                let (own, expected) = (out.values()[*step], expected(&values[window.clone()]));
                assert!(
                    own.to_bits() == expected.to_bits() || own.is_nan() && expected.is_nan(),
                    "{name} of kind {kind} in {window:?}: {own} and {expected}"
                );
            }
        }
    }
}

#[test]
fn sums_are_those_of_each_window_by_itself() {
    check("sum", float_sum, |values, windows, out| {
        fold::sums(values, windows, |step, _, (sum, compensation)| {
            out.set_float(step, if sum.is_infinite() { sum } else { sum + compensation });
        });
    });
}

#[test]
fn averages_are_those_of_each_window_by_itself() {
    check("avg", float_average, |values, windows, out| {
        fold::sums(values, windows, |step, values, (sum, compensation)| {
            let count = values.len() as f64;
            let average =
                if sum.is_finite() { sum / count + compensation / count } else { float_average(values) };
            out.set_float(step, average);
        });
    });
}

#[test]
fn extremes_are_those_of_each_window_by_itself() {
    fn extreme_of(values: &[f64], replaces: impl Fn(f64, f64) -> bool) -> f64 {
        let keep =
            |found: f64, value: &f64| if replaces(*value, found) || found.is_nan() { *value } else { found };
        values.iter().fold(f64::NAN, keep)
    }
    check(
        "max",
        |values| extreme_of(values, |value, extreme| value > extreme),
        |values, windows, out| {
            extreme::extremes(values, windows, |value, extreme| value > extreme, out);
        },
    );
    check(
        "min",
        |values| extreme_of(values, |value, extreme| value < extreme),
        |values, windows, out| {
            extreme::extremes(values, windows, |value, extreme| value < extreme, out);
        },
    );
}

#[test]
fn quantiles_are_those_of_each_window_by_itself() {
    for q in [0.0, 0.3, 0.5, 0.99, 1.0] {
        check(
            "quantile",
            |values| quantile(q, &mut values.to_vec()),
            |values, windows, out| {
                let mut sorted = SortedWindow::default();
                for (step, window) in windows {
                    out.set_float(*step, quantile_of_sorted(q, sorted.move_to(values, window.clone())));
                }
            },
        );
    }
}

#[test]
fn variances_of_whole_numbers_are_exact() {
    let variance = |values: &[f64]| {
        let all = values.iter().fold(Variance::default(), |variance, value| variance.add(*value));
        all.finish()
    };
    for base in [0.0, -7.0, 1e6] {
        let values: Vec<f64> = values(1, 200).into_iter().map(|value| (value + base).trunc()).collect();
        let moments = Moments::of(&values).unwrap();
        for (_, window) in windows(values.len()).into_iter().flatten() {
            let (own, expected) = (moments.variance(&window), variance(&values[window.clone()]));
            assert!((own - expected).abs() <= 1e-12 * expected, "{window:?}: {own} and {expected}");
        }
    }
    // 1 and 2 above a number so large that its square is none any more.
    let moments = Moments::of(&[1.0, 4_503_599_627_370_497.0, 4_503_599_627_370_498.0]);
    assert!(moments.is_none());
    let moments = Moments::of(&[4_503_599_627_370_497.0, 4_503_599_627_370_498.0]).unwrap();
    assert_eq!(moments.variance(&(0..2)), 0.25);
    for other in [0.5, f64::NAN, f64::INFINITY, 1e300] {
        assert!(Moments::of(&[1.0, other]).is_none(), "{other}");
    }
}
