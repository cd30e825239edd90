//! The `*_over_time` functions that look at values alone.

mod extreme;
pub(super) mod fold;
mod moments;
mod sorted;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use model::FloatHistogram;
use model::histogram::{CompensatedHistogram, Error, MeanHistogram, Reconciled};
use vectors::aggregate::{Hints, quantile, quantile_of_sorted};
use vectors::remark::HistogramOperation;
use vectors::{Column, kahan};

use self::moments::Moments;
use crate::grid::seconds;
use crate::notes::Note;
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes};

pub(super) fn count(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    input.each_window(|step, floats, histograms| {
        out.set_float(step, (floats.len() + histograms.len()) as f64);
    });
}

pub(super) fn present(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    input.each_window(|step, _, _| out.set_float(step, 1.0));
}

pub(super) fn last(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    pick(input, out, |window| window.end.checked_sub(1).filter(|index| window.contains(index)), true);
}

pub(super) fn first(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    pick(input, out, |window| Some(window.start).filter(|index| window.contains(index)), false);
}

/// One sample of each window: the later or earlier one of what `choose` takes of floats and histograms.
fn pick(
    input: &RangeInput<'_>,
    out: &mut Column,
    choose: impl Fn(&Range<usize>) -> Option<usize>,
    later: bool,
) {
    let samples = input.samples;
    input.each_window(|step, floats, histograms| {
        let float = choose(&floats).map(|index| (at(&samples.timestamps, index), index));
        let histogram = choose(&histograms).map(|index| (at(&samples.histograms.timestamps, index), index));
        let take_float = match (float, histogram) {
            (Some((float, _)), Some((histogram, _))) => (float > histogram) == later,
            (float, _) => float.is_some(),
        };
        if let (true, Some((_, index))) = (take_float, float) {
            out.set_float(step, at(&samples.values, index));
        } else if let Some(histogram) = histogram.and_then(|(_, index)| samples.histograms.values.get(index))
        {
            out.set_histogram(step, Arc::new(histogram.clone()));
        }
    });
}

pub(super) fn ts_of_last(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    let times = (&input.samples.timestamps, &input.samples.histograms.timestamps);
    input.each_window(|step, floats, histograms| {
        let float = floats.last().map(|index| at(times.0, index));
        let histogram = histograms.last().map(|index| at(times.1, index));
        if let Some(time) = float.max(histogram) {
            out.set_float(step, seconds(time));
        }
    });
}

pub(super) fn ts_of_first(input: &RangeInput<'_>, out: &mut Column, _notes: &mut RangeNotes) {
    let times = (&input.samples.timestamps, &input.samples.histograms.timestamps);
    input.each_window(|step, mut floats, mut histograms| {
        let float = floats.next().map(|index| at(times.0, index));
        let histogram = histograms.next().map(|index| at(times.1, index));
        if let Some(time) = float.into_iter().chain(histogram).min() {
            out.set_float(step, seconds(time));
        }
    });
}

pub(super) fn ts_of_max(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    time_of_extreme(input, out, notes, |value, extreme| value >= extreme);
}

pub(super) fn ts_of_min(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    time_of_extreme(input, out, notes, |value, extreme| value <= extreme);
}

/// The last time of the extreme value.
fn time_of_extreme(
    input: &RangeInput<'_>,
    out: &mut Column,
    notes: &mut RangeNotes,
    replaces: impl Fn(f64, f64) -> bool,
) {
    let times = &input.samples.timestamps;
    each_float_window(input, notes, 0, |step, window, values| {
        let mut found: Option<(usize, f64)> = None;
        for (index, value) in window.zip(values) {
            if found.is_none_or(|(_, extreme)| replaces(*value, extreme) || extreme.is_nan()) {
                found = Some((index, *value));
            }
        }
        if let Some((index, _)) = found {
            out.set_float(step, seconds(at(times, index)));
        }
    });
}

pub(super) fn max(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let windows = float_windows(input, notes, 0);
    extreme::extremes(&input.samples.values, &windows, |value, extreme| value > extreme, out);
}

pub(super) fn min(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let windows = float_windows(input, notes, 0);
    extreme::extremes(&input.samples.values, &windows, |value, extreme| value < extreme, out);
}

pub(super) fn stdvar(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    spread(input, out, notes, |variance| variance);
}

pub(super) fn stddev(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    spread(input, out, notes, f64::sqrt);
}

fn spread(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes, result: impl Fn(f64) -> f64) {
    let windows = float_windows(input, notes, 0);
    let values = &input.samples.values;
    let in_windows: usize = windows.iter().map(|(_, window)| window.len()).sum();
    if in_windows > 2 * values.len()
        && let Some(moments) = Moments::of(values)
    {
        for (step, window) in &windows {
            out.set_float(*step, result(moments.variance(window)));
        }
        return;
    }
    for part in input.parts(&windows, width) {
        fold::windows(values, part, Variance::default(), Variance::add, |step, _, variance| {
            out.set_float(step, result(variance.finish()));
        });
    }
}

/// Welford's variance with compensated mean and sum of squares.
#[derive(Debug, Clone, Copy, Default)]
struct Variance {
    count: f64,
    mean: (f64, f64),
    squares: (f64, f64),
}

impl Variance {
    #[inline(always)]
    fn add(self, value: f64) -> Self {
        let count = self.count + 1.0;
        let difference = value - (self.mean.0 + self.mean.1);
        let mean = kahan::add(difference / count, self.mean.0, self.mean.1);
        let squares = kahan::add(difference * (value - (mean.0 + mean.1)), self.squares.0, self.squares.1);
        Self { count, mean, squares }
    }

    fn finish(self) -> f64 {
        (self.squares.0 + self.squares.1) / self.count
    }
}

pub(super) fn quantile_over_time(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let mut outside: Vec<f64> = Vec::new();
    let mut sorted = sorted::SortedWindow::default();
    let windows = float_windows(input, notes, 0);
    for (step, window) in input.parts(&windows, width).flatten() {
        let q = input.param(0, *step);
        if !(0.0..=1.0).contains(&q) {
            outside.push(q);
        }
        out.set_float(*step, quantile_of_sorted(q, sorted.move_to(&input.samples.values, window.clone())));
    }
    outside.dedup_by_key(|value| value.to_bits());
    notes.extend(outside.into_iter().map(|q| (Note::Quantile(q), 0)));
}

pub(super) fn mad(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let mut sorted: Vec<f64> = Vec::new();
    each_float_window(input, notes, 0, |step, _, values| {
        if values.iter().any(|value| value.is_nan()) {
            out.set_float(step, f64::NAN);
            return;
        }
        sorted.clear();
        sorted.extend_from_slice(values);
        let median = quantile(0.5, &mut sorted);
        sorted.clear();
        sorted.extend(values.iter().map(|value| (value - median).abs()));
        out.set_float(step, quantile(0.5, &mut sorted));
    });
}

/// Calls `visit` with the floats of each window that has some; tells of histograms beside them.
fn each_float_window(
    input: &RangeInput<'_>,
    notes: &mut RangeNotes,
    argument: usize,
    mut visit: impl FnMut(usize, Range<usize>, &[f64]),
) {
    let mut ignored = false;
    input.each_window(|step, floats, histograms| {
        if floats.is_empty() {
            return;
        }
        ignored |= !histograms.is_empty();
        let values = input.samples.values.get(floats.clone()).unwrap_or(&[]);
        visit(step, floats, values);
    });
    if ignored {
        notes.push((Note::HistogramsIgnored(input.metric.to_owned()), argument));
    }
}

/// The number of samples in a window.
pub(super) fn width((_, window): &(usize, Range<usize>)) -> usize {
    window.len()
}

/// The windows that have floats, by step; tells of histograms beside them.
pub(super) fn float_windows(
    input: &RangeInput<'_>,
    notes: &mut RangeNotes,
    argument: usize,
) -> Vec<(usize, Range<usize>)> {
    let mut windows = Vec::with_capacity(input.windows.len());
    each_float_window(input, notes, argument, |step, window, _| windows.push((step, window)));
    windows
}

pub(super) fn sum(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    if input.samples.histograms.timestamps.is_empty() {
        let windows = float_windows(input, notes, 0);
        for part in input.parts(&windows, width) {
            fold::sums(&input.samples.values, part, |step, _, (sum, compensation)| {
                out.set_float(step, if sum.is_infinite() { sum } else { sum + compensation });
            });
        }
        return;
    }
    either_kind(input, out, notes, float_sum, histogram_sum);
}

pub(super) fn avg(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    if input.samples.histograms.timestamps.is_empty() {
        let windows = float_windows(input, notes, 0);
        for part in input.parts(&windows, width) {
            fold::sums(&input.samples.values, part, |step, values, (sum, compensation)| {
                let count = values.len() as f64;
                // A sum that overflowed on the way is no more finite in the end.
                let average =
                    if sum.is_finite() { sum / count + compensation / count } else { float_average(values) };
                out.set_float(step, average);
            });
        }
        return;
    }
    either_kind(input, out, notes, float_average, histogram_average);
}

/// Windows of floats alone or histograms alone; the others have no result.
fn either_kind(
    input: &RangeInput<'_>,
    out: &mut Column,
    notes: &mut RangeNotes,
    of_floats: fn(&[f64]) -> f64,
    of_histograms: fn(&[FloatHistogram], &mut Vec<Reconciled>) -> Result<FloatHistogram, Error>,
) {
    let samples = input.samples;
    let mut remarks: Vec<Reconciled> = Vec::new();
    let mut contradictions = false;
    input.each_window(|step, floats, histograms| match (floats.is_empty(), histograms.is_empty()) {
        (false, false) => notes.push((Note::MixedRange(input.metric.to_owned()), 0)),
        (false, true) => out.set_float(step, of_floats(samples.values.get(floats).unwrap_or(&[]))),
        _ => {
            let histograms = samples.histograms.values.get(histograms).unwrap_or(&[]);
            let mut hints = Hints::default();
            histograms.iter().for_each(|histogram| hints.add(histogram));
            contradictions |= hints.contradict();
            match of_histograms(histograms, &mut remarks) {
                Ok(mut histogram) => {
                    // One alone stays as it is.
                    if histograms.len() > 1 {
                        histogram.compact(0);
                    }
                    out.set_histogram(step, Arc::new(histogram));
                }
                Err(_) => notes.push((Note::MixedSchemas(input.metric.to_owned()), 0)),
            }
        }
    });
    notes.dedup();
    if contradictions {
        notes.push((Note::ConflictingResets(HistogramOperation::Aggregation), 0));
    }
    if remarks.iter().any(|remark| remark.custom_bounds) {
        notes.push((Note::ReconciledBounds(HistogramOperation::Aggregation), 0));
    }
}

fn float_sum(values: &[f64]) -> f64 {
    let (sum, compensation) =
        values.iter().fold((0.0, 0.0), |(sum, compensation), value| kahan::add(*value, sum, compensation));
    if sum.is_infinite() { sum } else { sum + compensation }
}

/// The sum over the count; where the sum would overflow, a mean updated with each value.
fn float_average(values: &[f64]) -> f64 {
    let Some((first, rest)) = values.split_first() else { return f64::NAN };
    let (mut sum, mut compensation) = (*first, 0.0);
    let mut count = 1.0;
    let mut is_mean = false;
    for value in rest {
        count += 1.0;
        if !is_mean {
            let next = kahan::add(*value, sum, compensation);
            if !next.0.is_infinite() {
                (sum, compensation) = next;
                continue;
            }
            is_mean = true;
            sum /= count - 1.0;
            compensation /= count - 1.0;
        }
        let weight = (count - 1.0) / count;
        (sum, compensation) = kahan::add(value / count, weight * sum, weight * compensation);
    }
    if is_mean { sum + compensation } else { sum / count + compensation / count }
}

fn histogram_sum(
    histograms: &[FloatHistogram],
    remarks: &mut Vec<Reconciled>,
) -> Result<FloatHistogram, Error> {
    let Some((first, rest)) = histograms.split_first() else { return Ok(FloatHistogram::default()) };
    let mut sum = CompensatedHistogram::new(first.clone());
    for histogram in rest {
        note(sum.add(histogram)?, remarks);
    }
    Ok(sum.finish())
}

fn histogram_average(
    histograms: &[FloatHistogram],
    remarks: &mut Vec<Reconciled>,
) -> Result<FloatHistogram, Error> {
    let Some((first, rest)) = histograms.split_first() else { return Ok(FloatHistogram::default()) };
    let mut mean = MeanHistogram::new(first.clone());
    for histogram in rest {
        note(mean.add(histogram)?, remarks);
    }
    Ok(mean.finish())
}

fn note(reconciled: Reconciled, remarks: &mut Vec<Reconciled>) {
    if !remarks.contains(&reconciled) {
        remarks.push(reconciled);
    }
}
