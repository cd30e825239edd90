//! `rate`, `increase` and `delta`: the change over a range, extrapolated to its ends.

mod histogram;
mod plain;

use std::ops::Range;

use model::FloatHistogram;
use model::histogram::Error;
use vectors::Column;

use self::plain::Plain;
use super::starts::{any_overlap, tell_reset, usable_start};
use crate::notes::Note;
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes, RegularWindows};

pub(super) use histogram::note_hints;

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// Falling values are resets (`rate`, `increase`).
    pub(super) is_counter: bool,
    /// Per second (`rate`).
    pub(super) is_rate: bool,
}

impl Kind {
    pub(super) const RATE: Self = Self { is_counter: true, is_rate: true };
    pub(super) const INCREASE: Self = Self { is_counter: true, is_rate: false };
    pub(super) const DELTA: Self = Self { is_counter: false, is_rate: false };
}

pub(super) fn rate(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind::RATE, input, out, notes);
}

pub(super) fn increase(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind::INCREASE, input, out, notes);
}

pub(super) fn delta(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind::DELTA, input, out, notes);
}

fn run(kind: Kind, input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    if input.samples.histograms.timestamps.is_empty() {
        floats(kind, input, out, notes);
    } else {
        mixed(kind, input, out, notes);
    }
    if kind.is_counter && out.has_floats() {
        note_if_no_counter(input, notes);
    }
}

/// A series of floats alone.
fn floats(kind: Kind, input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    if !kind.is_counter || input.float_starts().is_empty() {
        let mut plain = Plain::new(kind, input);
        if let Some(windows) = RegularWindows::of(input.windows, &input.samples.timestamps) {
            plain.regular(&windows, out.values_mut());
            return;
        }
        let windows = input.windows.timed_over(&input.samples.timestamps);
        for ((end, window), place) in windows.zip(out.values_mut()) {
            if let Some(change) = plain.change(end, window) {
                *place = change;
            }
        }
        return;
    }
    let windows = input.windows.over(&input.samples.timestamps);
    let places = windows.zip(out.values_mut()).enumerate();
    let mut counter = Counter::new(kind, input);
    for (step, (window, place)) in places {
        if let Some(change) = counter.change(step, window) {
            *place = change;
        }
    }
    counter.note(notes);
}

/// A series with histograms; a window with both kinds has no result.
fn mixed(kind: Kind, input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let mut counter = Counter::new(kind, input);
    input.each_window(|step, floats, histograms| match (floats.is_empty(), histograms.is_empty()) {
        (false, false) => notes.push((Note::MixedRange(input.metric.to_owned()), 0)),
        (false, true) => {
            if let Some(change) = counter.change(step, floats) {
                out.set_float(step, change);
            }
        }
        _ => histogram::change(kind, input, step, histograms, out, notes),
    });
    notes.dedup();
    counter.note(notes);
}

/// The changes of one series' floats from window to window.
struct Counter<'a> {
    kind: Kind,
    input: &'a RangeInput<'a>,
    starts: &'a [i64],
    resets: Resets<'a>,
    overlaps: bool,
}

impl<'a> Counter<'a> {
    fn new(kind: Kind, input: &'a RangeInput<'a>) -> Self {
        let starts = if kind.is_counter { input.float_starts() } else { &[] };
        let resets = if kind.is_counter {
            Resets::of(&input.samples.values, &input.samples.timestamps, starts)
        } else {
            Resets::of(&[], &[], &[])
        };
        Self { kind, input, starts, resets, overlaps: false }
    }

    /// The change in a window, extrapolated; `None` where there is too little to tell.
    fn change(&mut self, step: usize, window: Range<usize>) -> Option<f64> {
        let samples = self.input.samples;
        let last = window.end.checked_sub(1)?;
        let first_time = at(&samples.timestamps, window.start);
        let start = if self.starts.is_empty() || window.is_empty() {
            None
        } else {
            let (window_start, _) = self.input.windows.bounds(step);
            usable_start(first_time, at(self.starts, window.start), window_start)
        };
        if window.len() < 2 && start.is_none() {
            return None;
        }
        self.overlaps |= any_overlap(&samples.timestamps, self.starts, window.clone());
        let first = at(&samples.values, window.start);
        // From the start on where it is known: the counter was zero then.
        let mut change = at(&samples.values, last) - if start.is_some() { 0.0 } else { first };
        if self.kind.is_counter {
            for before in self.resets.within(window.clone()) {
                change += before;
            }
        }
        let span =
            Span { first: first_time, last: at(&samples.timestamps, last), start, count: window.len() };
        Some(change * factor(self.kind, self.input, step, &span, (first, change)))
    }

    fn note(&self, notes: &mut RangeNotes) {
        if self.overlaps {
            notes.push((Note::OverlappingStart(self.input.metric.to_owned()), 0));
        }
    }
}

/// The last histogram minus the first, with what was lost in resets between them.
pub(super) fn histogram_difference(
    kind: Kind,
    histograms: &[FloatHistogram],
    notes: &mut RangeNotes,
) -> Result<FloatHistogram, Error> {
    let samples = histogram::Samples { histograms, times: &[], starts: &[] };
    histogram::difference(kind, &samples, false, notes)
}

/// Where the samples of a window lie.
pub(super) struct Span {
    pub(super) first: i64,
    pub(super) last: i64,
    /// When the counter started, where that is known to lie in the window.
    pub(super) start: Option<i64>,
    pub(super) count: usize,
}

/// By what to multiply the change between the first and the last sample so that it covers the window.
///
/// `growth` is the first value and the change from it: a counter does not reach back beyond its zero.
pub(super) fn factor(
    kind: Kind,
    input: &RangeInput<'_>,
    step: usize,
    span: &Span,
    growth: (f64, f64),
) -> f64 {
    let (window_start, window_end) = input.windows.bounds(step);
    let seconds = |from: i64, to: i64| (to - from) as f64 / 1000.0;
    let sampled = seconds(span.start.unwrap_or(span.first), span.last);
    let mean_gap =
        if span.count > 1 { seconds(span.first, span.last) / (span.count - 1) as f64 } else { 0.0 };
    let threshold = mean_gap * 1.1;
    let mut to_start = 0.0;
    if span.start.is_none() {
        to_start = seconds(window_start, span.first);
        if to_start >= threshold {
            to_start = mean_gap / 2.0;
        }
        let (first_value, change) = growth;
        if kind.is_counter && change > 0.0 && first_value >= 0.0 {
            let to_zero = sampled * (first_value / change);
            if to_zero < to_start {
                to_start = to_zero;
            }
        }
    }
    let mut to_end = seconds(span.last, window_end);
    if to_end >= threshold {
        to_end = mean_gap / 2.0;
    }
    let factor = (sampled + to_start + to_end) / sampled;
    if kind.is_rate { factor / (input.windows.range as f64 / 1000.0) } else { factor }
}

/// Where a counter fell or began anew; found once per series, added up in each window.
struct Resets<'a> {
    values: &'a [f64],
    /// Positions of the samples behind the resets.
    positions: Vec<usize>,
    /// Resets that lie before the window.
    passed: usize,
    /// Whether each value is known to be at least the one before, none of them NaN.
    never_falls: bool,
}

impl<'a> Resets<'a> {
    fn of(values: &'a [f64], times: &[i64], starts: &[i64]) -> Self {
        let mut positions = Vec::new();
        // Without a branch per sample: most counters never fall.
        let behind = values.get(1..).unwrap_or(&[]);
        let never_falls =
            values.iter().zip(behind).fold(true, |rises, (before, value)| rises & (value >= before));
        if never_falls && starts.is_empty() {
            return Self { values, positions, passed: 0, never_falls };
        }
        for (before, pair) in values.windows(2).enumerate() {
            let [value_before, value] = pair else { continue };
            let sample = |index: usize| (at(times, index), at(starts, index));
            let told = || !starts.is_empty() && tell_reset(sample(before), sample(before + 1));
            if value < value_before || told() {
                positions.push(before + 1);
            }
        }
        Self { values, positions, passed: 0, never_falls }
    }

    /// Whether there is a reset at all.
    #[inline]
    fn is_any(&self) -> bool {
        !self.positions.is_empty()
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
