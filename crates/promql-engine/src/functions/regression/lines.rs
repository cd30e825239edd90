//! Lines with the least squares through windows that only move ahead.

use std::ops::Range;

use storage::SampleColumns;
use vectors::kahan;

use crate::operators::instant::at;

/// A line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// What it rises in a second.
    pub(super) slope: f64,
    /// Its value at the origin.
    pub(super) intercept: f64,
}

/// So many windows are summed beside each other, as each addition waits for the one before.
const LANES: usize = 4;

/// A compensated sum.
type Sum = (f64, f64);

/// Calls `done` with the line through each window that has at least two samples; `origin` tells its origin, in
/// milliseconds. The order of the calls is not that of the windows.
pub(super) fn through(
    samples: &SampleColumns,
    windows: &[(usize, Range<usize>)],
    origin: impl Fn(usize, &Range<usize>) -> i64,
    mut done: impl FnMut(usize, Line),
) {
    let gaps = Gaps::of(&samples.timestamps);
    let mut times = Times::default();
    let mut waiting: Vec<(usize, &[f64])> = Vec::with_capacity(LANES);
    for (step, window) in windows.iter().filter(|(_, window)| window.len() >= 2) {
        let values = samples.values.get(window.clone()).unwrap_or(&[]);
        let first = at(values, 0);
        if values.iter().all(|value| *value == first) {
            // The usual way would give an error of rounding, and NaN for infinities.
            let (slope, intercept) = if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
            done(*step, Line { slope, intercept });
            continue;
        }
        let origin = origin(*step, window);
        let spacing = gaps.are_regular(window).then(|| Spacing {
            first: at(&samples.timestamps, window.start).wrapping_sub(origin),
            count: window.len(),
        });
        if spacing.is_none() || spacing != times.spacing {
            times.finish(&mut waiting, &mut done);
            times.measure(samples.timestamps.get(window.clone()).unwrap_or(&[]), origin);
            times.spacing = spacing;
        }
        waiting.push((*step, values));
        if waiting.len() == LANES {
            times.finish(&mut waiting, &mut done);
        }
    }
    times.finish(&mut waiting, &mut done);
}

/// Where the distance of a series' samples is another than that of the first two.
struct Gaps {
    irregular: Vec<usize>,
}

impl Gaps {
    fn of(timestamps: &[i64]) -> Self {
        let distance = at(timestamps, 1).wrapping_sub(at(timestamps, 0));
        let behind = timestamps.get(1..).unwrap_or(&[]);
        let pairs = (1..).zip(timestamps.iter().zip(behind));
        let irregular = pairs.filter(|(_, (before, time))| time.wrapping_sub(**before) != distance);
        Self { irregular: irregular.map(|(position, _)| position).collect() }
    }

    /// Whether all samples of a window are equally far apart, as they are in any other window of which this is true.
    fn are_regular(&self, window: &Range<usize>) -> bool {
        let place = self.irregular.partition_point(|position| *position <= window.start);
        self.irregular.get(place).is_none_or(|position| *position >= window.end)
    }
}

/// How samples that are equally far apart lie: nothing else tells windows of one series apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spacing {
    /// Milliseconds from the origin to the first sample.
    first: i64,
    count: usize,
}

/// The times of windows, as seconds from the origin, and their sums.
#[derive(Debug, Default)]
struct Times {
    /// Of which windows these are the times; of one alone where there is none.
    spacing: Option<Spacing>,
    distances: Vec<f64>,
    x: f64,
    xx: f64,
}

impl Times {
    fn measure(&mut self, timestamps: &[i64], origin: i64) {
        self.distances.clear();
        self.distances.extend(timestamps.iter().map(|time| (time - origin) as f64 / 1000.0));
        let (mut x, mut xx) = ((0.0, 0.0), (0.0, 0.0));
        for distance in &self.distances {
            x = kahan::add(*distance, x.0, x.1);
            xx = kahan::add(distance * distance, xx.0, xx.1);
        }
        (self.x, self.xx) = (x.0 + x.1, xx.0 + xx.1);
    }

    /// Tells the lines through the windows that wait, all of which have these times.
    fn finish(&self, waiting: &mut Vec<(usize, &[f64])>, done: &mut impl FnMut(usize, Line)) {
        if let [a, b, c, d] = waiting.as_slice() {
            let sums = self.sums([a.1, b.1, c.1, d.1]);
            for ((step, _), sums) in waiting.iter().zip(sums) {
                done(*step, self.line(sums));
            }
        } else {
            for (step, values) in waiting.iter() {
                let [sums, ..] = self.sums([*values, &[], &[], &[]]);
                done(*step, self.line(sums));
            }
        }
        waiting.clear();
    }

    /// The sums of values, and of values times their distance.
    fn sums(&self, lanes: [&[f64]; LANES]) -> [(Sum, Sum); LANES] {
        let none: (Sum, Sum) = ((0.0, 0.0), (0.0, 0.0));
        let [a, b, c, d] = lanes;
        if lanes.iter().all(|lane| lane.len() == a.len()) {
            // Each in its own variables, so that none of them goes through memory.
            let (mut sums_a, mut sums_b, mut sums_c, mut sums_d) = (none, none, none, none);
            for ((((distance, a), b), c), d) in self.distances.iter().zip(a).zip(b).zip(c).zip(d) {
                sums_a = add(sums_a, *distance, *a);
                sums_b = add(sums_b, *distance, *b);
                sums_c = add(sums_c, *distance, *c);
                sums_d = add(sums_d, *distance, *d);
            }
            return [sums_a, sums_b, sums_c, sums_d];
        }
        lanes.map(|lane| self.distances.iter().zip(lane).fold(none, |sums, (x, y)| add(sums, *x, *y)))
    }

    fn line(&self, (y, xy): (Sum, Sum)) -> Line {
        let count = self.distances.len() as f64;
        let (x, xx, y, xy) = (self.x, self.xx, y.0 + y.1, xy.0 + xy.1);
        let covariance = xy - x * y / count;
        let variance = xx - x * x / count;
        let slope = covariance / variance;
        Line { slope, intercept: y / count - slope * x / count }
    }
}

/// Adds a value, and its product with its distance.
#[inline(always)]
fn add((y, xy): (Sum, Sum), distance: f64, value: f64) -> (Sum, Sum) {
    (kahan::add(value, y.0, y.1), kahan::add(distance * value, xy.0, xy.1))
}
