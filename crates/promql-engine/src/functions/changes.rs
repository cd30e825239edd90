//! `changes` and `resets`: how often something happens between neighbouring samples of a range.

use model::FloatHistogram;
use vectors::Column;

use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes};

pub(super) fn changes(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    run(input, out, |before, after| match (before, after) {
        (Sample::Float(before), Sample::Float(after)) => {
            before != after && !(before.is_nan() && after.is_nan())
        }
        (Sample::Histogram(before), Sample::Histogram(after)) => !after.same_as(before),
        _ => true,
    });
}

pub(super) fn resets(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    run(input, out, |before, after| match (before, after) {
        (Sample::Float(before), Sample::Float(after)) => after < before,
        (Sample::Histogram(before), Sample::Histogram(after)) => after.detect_reset(before),
        _ => true,
    });
}

/// A sample of either kind.
#[derive(Clone, Copy)]
enum Sample<'a> {
    Float(f64),
    Histogram(&'a FloatHistogram),
}

/// Counts the neighbours of which `happens` is true: once per series, as a running number at each sample, so that a
/// window needs only a difference.
fn run(input: &RangeInput<'_>, out: &mut Column, happens: impl Fn(Sample<'_>, Sample<'_>) -> bool) {
    let samples = input.samples;
    if samples.histograms.timestamps.is_empty() {
        let floats: Vec<Sample<'_>> = samples.values.iter().map(|value| Sample::Float(*value)).collect();
        count(input, &samples.timestamps, &floats, out, happens);
        return;
    }
    let mut all: Vec<(i64, Sample<'_>)> = Vec::with_capacity(samples.len());
    all.extend(
        samples.timestamps.iter().zip(&samples.values).map(|(time, value)| (*time, Sample::Float(*value))),
    );
    let histograms = samples.histograms.timestamps.iter().zip(&samples.histograms.values);
    all.extend(histograms.map(|(time, histogram)| (*time, Sample::Histogram(histogram))));
    all.sort_by_key(|(time, _)| *time);
    let (times, all): (Vec<i64>, Vec<Sample<'_>>) = all.into_iter().unzip();
    count(input, &times, &all, out, happens);
}

fn count(
    input: &RangeInput<'_>,
    times: &[i64],
    samples: &[Sample<'_>],
    out: &mut Column,
    happens: impl Fn(Sample<'_>, Sample<'_>) -> bool,
) {
    let mut so_far = 0_u64;
    let mut counts: Vec<u64> = Vec::with_capacity(samples.len());
    counts.push(0);
    for pair in samples.windows(2) {
        if let [before, after] = pair {
            so_far += u64::from(happens(*before, *after));
        }
        counts.push(so_far);
    }
    for (step, window) in input.windows.over(times).enumerate() {
        if !window.is_empty() {
            out.set_float(step, (at(&counts, window.end - 1) - at(&counts, window.start)) as f64);
        }
    }
}
