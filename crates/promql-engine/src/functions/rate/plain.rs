//! The changes of floats without start times: what nearly all rates are made of.

use std::ops::Range;

use super::{Kind, Resets};
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RegularWindows};

/// The changes of one series' floats from window to window.
pub(super) struct Plain<'a> {
    kind: Kind,
    input: &'a RangeInput<'a>,
    resets: Resets<'a>,
    seconds: f64,
    last: Option<(Spacing, Reach)>,
}

/// How the samples of a window lie in it, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spacing {
    before: i64,
    between: i64,
    behind: i64,
    count: usize,
}

/// How far the change between the first and the last sample is taken to reach, in seconds.
#[derive(Debug, Clone, Copy)]
struct Reach {
    sampled: f64,
    to_start: f64,
    to_end: f64,
    /// By what to multiply the change, where it may reach all the way to the start.
    factor: f64,
}

impl<'a> Plain<'a> {
    pub(super) fn new(kind: Kind, input: &'a RangeInput<'a>) -> Self {
        let values: &[f64] = if kind.is_counter { &input.samples.values } else { &[] };
        let seconds = input.windows.range as f64 / 1000.0;
        Self { kind, input, resets: Resets::of(values, &[], &[]), seconds, last: None }
    }

    /// The change in a window that ends at the time `window_end`, extrapolated; `None` where there is too little to tell.
    #[inline]
    pub(super) fn change(&mut self, window_end: i64, window: Range<usize>) -> Option<f64> {
        if window.len() < 2 {
            return None;
        }
        let samples = self.input.samples;
        let last = window.end - 1;
        let first_value = at(&samples.values, window.start);
        let mut change = at(&samples.values, last) - first_value;
        let spacing = self.spacing(window_end, &window);
        if self.resets.is_any() {
            for before in self.resets.within(window) {
                change += before;
            }
        }
        // Scrapes are regular and so are steps: mostly the samples lie as they did a step ago.
        let reach = match &self.last {
            Some((known, reach)) if *known == spacing => *reach,
            _ => {
                let reach = self.reach(spacing);
                self.last = Some((spacing, reach));
                reach
            }
        };
        Some(change * self.factor(&reach, first_value, change))
    }

    /// The changes in windows that lie alike on the samples.
    pub(super) fn regular(&mut self, windows: &RegularWindows, out: &mut [f64]) {
        let inner = if self.resets.is_any() { 0..0 } else { windows.inner() };
        let (ahead, rest) = out.split_at_mut(inner.start);
        let (alike, behind) = rest.split_at_mut(inner.len());
        for (step, place) in ahead.iter_mut().enumerate() {
            self.set_change(windows, step, place);
        }
        self.alike(windows, inner.start, alike);
        for (step, place) in (inner.end..).zip(behind) {
            self.set_change(windows, step, place);
        }
    }

    fn set_change(&mut self, windows: &RegularWindows, step: usize, place: &mut f64) {
        if let Some(change) = self.change(windows.end(step), windows.window(step)) {
            *place = change;
        }
    }

    /// The changes of the steps from `start` on, whose windows have the same distances from their samples; no reset lies
    /// in any of them.
    fn alike(&self, windows: &RegularWindows, start: usize, out: &mut [f64]) {
        let window = windows.window(start);
        if window.len() < 2 {
            return;
        }
        let reach = self.reach(self.spacing(windows.end(start), &window));
        let values = |from: usize| self.input.samples.values.get(from..).unwrap_or_default();
        let (firsts, lasts) = (values(window.start), values(window.end - 1));
        // A counter that is at more than it grows by in all windows together is as far from its zero in each of them.
        let growth = lasts.last().zip(firsts.first()).map(|(last, first)| (last - first, *first));
        let is_far = growth.is_some_and(|(growth, first)| first > growth && reach.to_start <= reach.sampled);
        let factor = reach.factor;
        let is_plain = !self.kind.is_counter || (self.resets.never_falls && is_far);
        match (is_plain, windows.stride()) {
            (true, 1) => {
                for ((first, last), place) in firsts.iter().zip(lasts).zip(out) {
                    *place = (last - first) * factor;
                }
            }
            (true, stride) => {
                let pairs = firsts.iter().step_by(stride).zip(lasts.iter().step_by(stride));
                for ((first, last), place) in pairs.zip(out) {
                    *place = (last - first) * factor;
                }
            }
            (false, stride) => {
                let pairs = firsts.iter().step_by(stride).zip(lasts.iter().step_by(stride));
                for ((first, last), place) in pairs.zip(out) {
                    let change = last - first;
                    *place = change * self.factor(&reach, *first, change);
                }
            }
        }
    }

    #[inline]
    fn spacing(&self, window_end: i64, window: &Range<usize>) -> Spacing {
        let timestamps = &self.input.samples.timestamps;
        let window_start = window_end.saturating_sub(self.input.windows.range);
        let (first, last) = (at(timestamps, window.start), at(timestamps, window.end - 1));
        let (before, between, behind) = (first - window_start, last - first, window_end - last);
        Spacing { before, between, behind, count: window.len() }
    }

    fn reach(&self, spacing: Spacing) -> Reach {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let sampled = seconds(spacing.between);
        let mean_gap = sampled / (spacing.count - 1) as f64;
        let threshold = mean_gap * 1.1;
        let bounded = |distance: f64| if distance >= threshold { mean_gap / 2.0 } else { distance };
        let (to_start, to_end) = (bounded(seconds(spacing.before)), bounded(seconds(spacing.behind)));
        let factor = self.per_second((sampled + to_start + to_end) / sampled);
        Reach { sampled, to_start, to_end, factor }
    }

    /// By what to multiply the change so that it covers the window: a counter does not reach back beyond its zero.
    #[inline]
    fn factor(&self, reach: &Reach, first_value: f64, change: f64) -> f64 {
        let Reach { sampled, to_start, to_end, factor } = *reach;
        let falls_to_zero = self.kind.is_counter && change > 0.0 && first_value >= 0.0;
        if !falls_to_zero {
            return factor;
        }
        // One that is at more than it grew by is at least as far from its zero as the samples reach.
        if first_value > change && to_start <= sampled {
            return factor;
        }
        let to_zero = sampled * (first_value / change);
        if to_zero < to_start { self.per_second((sampled + to_zero + to_end) / sampled) } else { factor }
    }

    #[inline]
    fn per_second(&self, factor: f64) -> f64 {
        if self.kind.is_rate { factor / self.seconds } else { factor }
    }
}
