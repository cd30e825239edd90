//! `irate` and `idelta`: the change between the last two samples of a range.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram};
use vectors::Column;
use vectors::remark::HistogramOperation;

use super::rate::note_if_no_counter;
use crate::notes::Note;
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes};

pub(super) fn irate(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(true, input, out, notes);
    if out.float_count() > 0 {
        note_if_no_counter(input, notes);
    }
}

pub(super) fn idelta(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(false, input, out, notes);
}

/// A sample of either kind with its time.
enum Sample<'a> {
    Float(i64, f64),
    Histogram(i64, &'a FloatHistogram),
}

impl Sample<'_> {
    fn time(&self) -> i64 {
        match self {
            Self::Float(time, _) | Self::Histogram(time, _) => *time,
        }
    }
}

fn run(is_rate: bool, input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let samples = input.samples;
    input.each_window(|step, floats, histograms| {
        let mut newest: Vec<Sample<'_>> = Vec::with_capacity(4);
        for index in floats.rev().take(2) {
            newest.push(Sample::Float(at(&samples.timestamps, index), at(&samples.values, index)));
        }
        for index in histograms.rev().take(2) {
            if let Some(histogram) = samples.histograms.values.get(index) {
                newest.push(Sample::Histogram(at(&samples.histograms.timestamps, index), histogram));
            }
        }
        newest.sort_by_key(|sample| std::cmp::Reverse(sample.time()));
        let [last, before, ..] = newest.as_slice() else { return };
        let seconds = (last.time() - before.time()) as f64 / 1000.0;
        match (before, last) {
            (Sample::Float(_, before), Sample::Float(_, last)) => {
                // A counter that fell started from zero.
                let change = if is_rate && last < before { *last } else { last - before };
                out.set_float(step, if is_rate { change / seconds } else { change });
            }
            (Sample::Histogram(_, before), Sample::Histogram(_, last)) => {
                if let Some(mut change) = histogram_change(is_rate, before, last, input, notes) {
                    if is_rate {
                        change.div(seconds);
                    }
                    out.set_histogram(step, Arc::new(change));
                }
            }
            _ => notes.push((Note::MixedRange(input.metric.to_owned()), 0)),
        }
    });
    notes.dedup();
}

fn histogram_change(
    is_rate: bool,
    before: &FloatHistogram,
    last: &FloatHistogram,
    input: &RangeInput<'_>,
    notes: &mut RangeNotes,
) -> Option<FloatHistogram> {
    let metric = input.metric.to_owned();
    let is_gauge = |histogram: &FloatHistogram| histogram.counter_reset_hint == CounterResetHint::Gauge;
    if is_rate && (is_gauge(before) || is_gauge(last)) {
        notes.push((Note::HistogramNotCounter(metric.clone()), 0));
    }
    if !(is_rate || is_gauge(before) && is_gauge(last)) {
        notes.push((Note::HistogramNotGauge(metric.clone()), 0));
    }
    let mut change = last.clone();
    if !(is_rate && last.detect_reset(before)) {
        match change.sub(before) {
            Ok(reconciled) => {
                if reconciled.custom_bounds {
                    notes.push((Note::ReconciledBounds(HistogramOperation::Subtraction), 0));
                }
            }
            Err(_) => {
                notes.push((Note::MixedSchemas(metric), 0));
                return None;
            }
        }
    }
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact(0);
    Some(change)
}
