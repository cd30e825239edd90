//! Functions of `anchored` and `smoothed` ranges: values at the very ends of a range instead of extrapolation.
//!
//! The samples reach beyond the window: up to one lookback before it, and behind it too where it is smoothed.

use std::ops::Range;
use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram};
use promql_syntax::FunctionId as Id;
use promql_syntax::ast::Extension;
use vectors::Column;

use super::changes::{Sample, in_order, is_change, is_reset, running_counts};
use super::rate::{Kind, histogram_difference, note_hints, note_if_no_counter};
use crate::notes::Note;
use crate::operators::instant::{advance, at};
use crate::operators::range::{RangeFunction, RangeInput, RangeNotes};
use crate::{Error, Result};

/// The functions of anchored ranges.
const ANCHORED: &[(Id, RangeFunction)] = &[
    (Id::Changes, super::new_metric(changes)),
    (Id::Delta, super::new_metric(delta)),
    (Id::Increase, super::new_metric(increase)),
    (Id::Rate, super::new_metric(rate)),
    (Id::Resets, super::new_metric(resets)),
];

/// The functions of smoothed ranges.
const SMOOTHED: &[(Id, RangeFunction)] = &[
    (Id::Delta, super::new_metric(delta)),
    (Id::Increase, super::new_metric(increase)),
    (Id::Rate, super::new_metric(rate)),
];

/// The function for an extended range.
pub(crate) fn function_of(id: Id, name: &str, extension: Extension) -> Result<RangeFunction> {
    let (table, modifier, names) = match extension {
        Extension::Anchored => (ANCHORED, "anchored", "changes, delta, increase, rate, resets"),
        Extension::Smoothed => (SMOOTHED, "smoothed", "delta, increase, rate"),
    };
    table.iter().find(|(own, _)| *own == id).map(|(_, function)| *function).ok_or_else(|| {
        Error::InvalidParameter(format!(
            "{modifier} modifier can only be used with: {names} - not with {name}"
        ))
    })
}

fn rate(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind::RATE, input, out, notes);
}

fn increase(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind::INCREASE, input, out, notes);
}

fn delta(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(Kind::DELTA, input, out, notes);
}

fn changes(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    count(input, out, is_change);
}

fn resets(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    count(input, out, is_reset);
}

/// The samples that a window takes in, those beyond its ends included.
struct Reach {
    /// The first one: at or before the beginning of the window, else the first one inside.
    first: usize,
    /// The last one: at or before the end of the window; where it is smoothed, the first one at or behind it.
    last: usize,
}

/// What each window takes in; `None` where it takes in nothing, or nothing behind its beginning.
fn reaches<'a>(input: &'a RangeInput<'_>, times: &'a [i64]) -> impl Iterator<Item = Option<Reach>> + 'a {
    let lookback = input.lookback;
    let smoothed = input.extension == Some(Extension::Smoothed);
    let (mut oldest, mut before, mut inside, mut ahead) = (0, 0, 0, 0);
    (0..input.windows.len()).map(move |step| {
        let (start, end) = input.windows.bounds(step);
        oldest = advance(times, oldest, start.saturating_sub(lookback));
        before = advance(times, before.max(oldest), start);
        inside = advance(times, inside.max(before), end);
        let first = if before > oldest { before - 1 } else { before };
        let mut last = inside.checked_sub(1);
        if smoothed {
            ahead = advance(times, ahead.max(inside), end.saturating_add(lookback));
            let ends_at_sample = last.is_some_and(|last| at(times, last) == end);
            if !ends_at_sample && ahead > inside {
                last = Some(inside);
            }
        }
        let last = last.filter(|last| *last >= first && at(times, *last) > start)?;
        Some(Reach { first, last })
    })
}

fn count(input: &RangeInput<'_>, out: &mut Column, happens: impl Fn(Sample<'_>, Sample<'_>) -> bool) {
    let samples = in_order(input);
    let times: Vec<i64> = samples.iter().map(|sample| sample.time).collect();
    let counts = running_counts(&samples, happens);
    for (step, reach) in reaches(input, &times).enumerate() {
        if let Some(Reach { first, last }) = reach {
            out.set_float(step, (at(&counts, last) - at(&counts, first)) as f64);
        }
    }
}

fn run(kind: Kind, input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let histograms = &input.samples.histograms;
    let float_reaches = reaches(input, &input.samples.timestamps);
    let histogram_reaches = reaches(input, &histograms.timestamps);
    for (step, (floats, histograms)) in float_reaches.zip(histogram_reaches).enumerate() {
        match (floats, histograms) {
            (Some(_), Some(_)) => notes.push((Note::MixedRange(input.metric.to_owned()), 0)),
            (Some(reach), None) => out.set_float(step, float_change(kind, input, step, &reach)),
            (None, Some(reach)) => {
                if let Some(change) = histogram_change(kind, input, step, &reach, notes) {
                    out.set_histogram(step, Arc::new(change));
                }
            }
            (None, None) => {}
        }
    }
    notes.dedup();
    if kind.is_counter && out.float_count() > 0 {
        note_if_no_counter(input, notes);
    }
}

/// Where a moment lies between two samples, from 0 to 1.
fn share(before: i64, moment: i64, after: i64) -> f64 {
    (moment - before) as f64 / (after - before) as f64
}

fn float_change(kind: Kind, input: &RangeInput<'_>, step: usize, reach: &Reach) -> f64 {
    let (times, values) = (&input.samples.timestamps, &input.samples.values);
    let (start, end) = input.windows.bounds(step);
    let smoothed = input.extension == Some(Extension::Smoothed);
    // A counter that fell between two samples started again from zero.
    let between = |index: usize, moment: i64| {
        let (before, after) = (at(values, index), at(values, index + 1));
        let from = if kind.is_counter && after < before { 0.0 } else { before };
        from + (after - from) * share(at(times, index), moment, at(times, index + 1))
    };
    let left = if smoothed && at(times, reach.first) < start && reach.first < reach.last {
        between(reach.first, start)
    } else {
        at(values, reach.first)
    };
    let right = if smoothed && at(times, reach.last) > end && reach.last > reach.first {
        between(reach.last - 1, end)
    } else {
        at(values, reach.last)
    };
    let mut change = right - left;
    if kind.is_counter {
        let inside = inside(times, reach, start, end);
        let mut before = left;
        for value in values.get(inside).unwrap_or(&[]).iter().chain([&right]) {
            if *value < before {
                change += before;
            }
            before = *value;
        }
    }
    if kind.is_rate { change / (input.windows.range as f64 / 1000.0) } else { change }
}

/// The samples strictly inside of a window.
fn inside(times: &[i64], reach: &Reach, start: i64, end: i64) -> Range<usize> {
    let from = if at(times, reach.first) <= start { reach.first + 1 } else { reach.first };
    let to = if at(times, reach.last) >= end { reach.last } else { reach.last + 1 };
    from..to.max(from)
}

fn histogram_change(
    kind: Kind,
    input: &RangeInput<'_>,
    step: usize,
    reach: &Reach,
    notes: &mut RangeNotes,
) -> Option<FloatHistogram> {
    let column = &input.samples.histograms;
    let mixed = |notes: &mut RangeNotes| notes.push((Note::MixedSchemas(input.metric.to_owned()), 0));
    let mut histograms = column.values.get(reach.first..=reach.last)?.to_vec();
    note_hints(kind, input, &histograms, notes);
    if input.extension == Some(Extension::Smoothed) {
        let (start, end) = input.windows.bounds(step);
        let times = column.timestamps.get(reach.first..=reach.last)?;
        let Some(smoothed) = smoothed(kind, &histograms, times, (start, end)) else {
            mixed(notes);
            return None;
        };
        histograms = smoothed;
    }
    let Ok(mut change) = histogram_difference(kind, &histograms, notes) else {
        mixed(notes);
        return None;
    };
    if kind.is_rate {
        change.div(input.windows.range as f64 / 1000.0);
    }
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact(0);
    Some(change)
}

/// The histograms of a window with its ends interpolated; `None` where their buckets do not go together.
fn smoothed(
    kind: Kind,
    histograms: &[FloatHistogram],
    times: &[i64],
    (start, end): (i64, i64),
) -> Option<Vec<FloatHistogram>> {
    let mut result = histograms.to_vec();
    let between = |index: usize, moment: i64| {
        let (before, after) = (histograms.get(index)?, histograms.get(index + 1)?);
        let share = share(at(times, index), moment, at(times, index + 1));
        let mut value = after.clone();
        value.mul(share);
        if !(kind.is_counter && after.detect_reset(before)) {
            let mut rest = before.clone();
            rest.mul(1.0 - share);
            value.add(&rest).ok()?;
        }
        Some(value)
    };
    let last = histograms.len().checked_sub(1)?;
    if times.first().is_some_and(|time| *time < start) && last > 0 {
        *result.first_mut()? = between(0, start)?;
    }
    if times.last().is_some_and(|time| *time > end) && last > 0 {
        *result.last_mut()? = between(last - 1, end)?;
    }
    Some(result)
}
