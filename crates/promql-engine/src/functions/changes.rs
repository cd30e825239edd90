//! `changes` and `resets`: how often something happens between neighbouring samples of a range.

use model::FloatHistogram;
use vectors::Column;

use super::starts::tell_reset;
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes};

pub(super) fn changes(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    run(input, out, is_change);
}

pub(super) fn resets(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    run(input, out, is_reset);
}

/// A sample of either kind.
#[derive(Clone, Copy)]
pub(super) struct Sample<'a> {
    pub(super) time: i64,
    start: i64,
    value: Value<'a>,
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Float(f64),
    Histogram(&'a FloatHistogram),
}

pub(super) fn is_change(before: Sample<'_>, after: Sample<'_>) -> bool {
    match (before.value, after.value) {
        (Value::Float(before), Value::Float(after)) => {
            before != after && !(before.is_nan() && after.is_nan())
        }
        (Value::Histogram(before), Value::Histogram(after)) => !after.same_as(before),
        _ => true,
    }
}

pub(super) fn is_reset(before: Sample<'_>, after: Sample<'_>) -> bool {
    let told = tell_reset((before.time, before.start), (after.time, after.start));
    told || match (before.value, after.value) {
        (Value::Float(before), Value::Float(after)) => after < before,
        (Value::Histogram(before), Value::Histogram(after)) => after.detect_reset(before),
        _ => true,
    }
}

/// All samples of a series in the order of their times.
pub(super) fn in_order<'a>(input: &RangeInput<'a>) -> Vec<Sample<'a>> {
    let (floats, histograms) = (input.samples, &input.samples.histograms);
    let starts = |starts: &'a [i64]| starts.iter().copied().chain(std::iter::repeat(0));
    let mut all: Vec<Sample<'a>> = Vec::with_capacity(floats.len());
    for ((time, value), start) in
        floats.timestamps.iter().zip(&floats.values).zip(starts(input.float_starts()))
    {
        all.push(Sample { time: *time, start, value: Value::Float(*value) });
    }
    if histograms.timestamps.is_empty() {
        return all;
    }
    let values = histograms.timestamps.iter().zip(&histograms.values);
    for ((time, value), start) in values.zip(starts(input.histogram_starts())) {
        all.push(Sample { time: *time, start, value: Value::Histogram(value) });
    }
    all.sort_by_key(|sample| sample.time);
    all
}

/// Running numbers of the neighbours of which `happens` is true, one per sample: what happens in a window is a
/// difference of two of them.
pub(super) fn running_counts(
    samples: &[Sample<'_>],
    happens: impl Fn(Sample<'_>, Sample<'_>) -> bool,
) -> Vec<u64> {
    let mut so_far = 0_u64;
    let mut counts = Vec::with_capacity(samples.len());
    counts.push(0);
    for pair in samples.windows(2) {
        if let [before, after] = pair {
            so_far += u64::from(happens(*before, *after));
        }
        counts.push(so_far);
    }
    counts
}

fn run(input: &RangeInput<'_>, out: &mut Column, happens: impl Fn(Sample<'_>, Sample<'_>) -> bool) {
    let samples = in_order(input);
    let times: Vec<i64> = samples.iter().map(|sample| sample.time).collect();
    let counts = running_counts(&samples, happens);
    for (step, window) in input.windows.over(&times).enumerate() {
        if !window.is_empty() {
            out.set_float(step, (at(&counts, window.end - 1) - at(&counts, window.start)) as f64);
        }
    }
}
