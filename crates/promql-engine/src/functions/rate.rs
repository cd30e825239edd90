//! `rate`, `increase` and `delta`: the change over a range, extrapolated to its ends.

mod histogram;

use std::ops::Range;

use vectors::Column;

use crate::notes::Note;
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes};

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// Falling values are resets (`rate`, `increase`).
    pub(super) is_counter: bool,
    /// Per second (`rate`).
    pub(super) is_rate: bool,
}

pub(super) fn rate(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind { is_counter: true, is_rate: true }, input, out, notes);
}

pub(super) fn increase(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind { is_counter: true, is_rate: false }, input, out, notes);
}

pub(super) fn delta(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind { is_counter: false, is_rate: false }, input, out, notes);
}

fn run(kind: Kind, input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    if input.samples.histograms.timestamps.is_empty() {
        floats(kind, input, out);
    } else {
        mixed(kind, input, out, notes);
    }
    if kind.is_counter && out.float_count() > 0 {
        note_if_no_counter(input, notes);
    }
}

/// A series of floats alone.
fn floats(kind: Kind, input: &RangeInput<'_>, out: &mut Column) {
    let samples = input.samples;
    let mut resets = Resets::of(if kind.is_counter { &samples.values } else { &[] });
    let values = out.values_mut();
    for (step, (window, place)) in input.windows.over(&samples.timestamps).zip(values).enumerate() {
        if window.len() >= 2 {
            *place = float_change(kind, input, step, window, &mut resets);
        }
    }
}

/// A series with histograms; a window with both kinds has no result.
fn mixed(kind: Kind, input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let mut resets = Resets::of(if kind.is_counter { &input.samples.values } else { &[] });
    input.each_window(|step, floats, histograms| match (floats.is_empty(), histograms.is_empty()) {
        (false, false) => notes.push((Note::MixedRange(input.metric.to_owned()), 0)),
        (false, true) if floats.len() >= 2 => {
            out.set_float(step, float_change(kind, input, step, floats, &mut resets));
        }
        (true, false) if histograms.len() >= 2 => {
            histogram::change(kind, input, step, histograms, out, notes);
        }
        _ => {}
    });
    notes.dedup();
}

/// The change of a window of at least two floats.
fn float_change(
    kind: Kind,
    input: &RangeInput<'_>,
    step: usize,
    window: Range<usize>,
    resets: &mut Resets<'_>,
) -> f64 {
    let samples = input.samples;
    let last = window.end - 1;
    let first_value = at(&samples.values, window.start);
    let mut change = at(&samples.values, last) - first_value;
    if kind.is_counter {
        for before in resets.within(window.clone()) {
            change += before;
        }
    }
    let times = (at(&samples.timestamps, window.start), at(&samples.timestamps, last));
    change * factor(kind, input, step, times, window.len(), (first_value, change))
}

/// By what to multiply the change between the first and the last of `count` samples so that it covers the window.
///
/// `growth` is the first value and the change from it: a counter does not reach back beyond its zero.
fn factor(
    kind: Kind,
    input: &RangeInput<'_>,
    step: usize,
    times: (i64, i64),
    count: usize,
    growth: (f64, f64),
) -> f64 {
    let (window_start, window_end) = input.windows.bounds(step);
    let seconds = |from: i64, to: i64| (to - from) as f64 / 1000.0;
    let sampled = seconds(times.0, times.1);
    let mean_gap = sampled / (count - 1) as f64;
    let threshold = mean_gap * 1.1;
    let mut to_start = seconds(window_start, times.0);
    let mut to_end = seconds(times.1, window_end);
    if to_start >= threshold {
        to_start = mean_gap / 2.0;
    }
    let (first_value, change) = growth;
    if kind.is_counter && change > 0.0 && first_value >= 0.0 {
        to_start = to_start.min(sampled * (first_value / change));
    }
    if to_end >= threshold {
        to_end = mean_gap / 2.0;
    }
    let factor = (sampled + to_start + to_end) / sampled;
    if kind.is_rate { factor / (input.windows.range as f64 / 1000.0) } else { factor }
}

/// Where a counter fell; found once per series, added up in each window.
struct Resets<'a> {
    values: &'a [f64],
    /// Positions of samples that are lower than the one before.
    positions: Vec<usize>,
    /// Resets that lie before the window.
    passed: usize,
}

impl<'a> Resets<'a> {
    fn of(values: &'a [f64]) -> Self {
        let mut positions = Vec::new();
        for (position, pair) in values.windows(2).enumerate() {
            if let [before, after] = pair
                && after < before
            {
                positions.push(position + 1);
            }
        }
        Self { values, positions, passed: 0 }
    }

    /// The values before each reset between samples of a window; windows only move ahead.
    fn within(&mut self, window: Range<usize>) -> impl Iterator<Item = f64> + '_ {
        let rest = self.positions.get(self.passed..).unwrap_or(&[]);
        self.passed += rest.iter().take_while(|position| **position <= window.start).count();
        let rest = self.positions.get(self.passed..).unwrap_or(&[]);
        rest.iter()
            .take_while(move |position| **position < window.end)
            .map(|position| at(self.values, *position - 1))
    }
}

/// Tells of a metric whose name (or type) is not that of a counter.
pub(super) fn note_if_no_counter(input: &RangeInput<'_>, notes: &mut RangeNotes) {
    if let Some(kind) = input.metric_type {
        if kind != "counter" && kind != "histogram" {
            notes.push((Note::NotTypedCounter(input.metric.to_owned()), 0));
        }
        return;
    }
    let is_counter =
        ["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| input.metric.ends_with(suffix));
    if !input.metric.is_empty() && !is_counter {
        notes.push((Note::NotCounter(input.metric.to_owned()), 0));
    }
}
