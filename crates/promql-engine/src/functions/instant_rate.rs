//! `irate` and `idelta`: the change between the last two samples of a range.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram};
use vectors::Column;
use vectors::remark::HistogramOperation;

use super::starts::tell_reset;
use crate::notes::Note;
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes};

pub(super) fn irate(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(true, input, out, notes);
}

pub(super) fn idelta(input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    run(false, input, out, notes);
}

/// A sample of either kind.
struct Sample<'a> {
    time: i64,
    start: i64,
    value: Value<'a>,
}

enum Value<'a> {
    Float(f64),
    Histogram(&'a FloatHistogram),
}

fn run(is_rate: bool, input: &RangeInput<'_>, out: &mut Column, notes: &mut RangeNotes) {
    let (floats, histograms) = (input.samples, &input.samples.histograms);
    let float = |index: usize| Sample {
        time: at(&floats.timestamps, index),
        start: at(input.float_starts(), index),
        value: Value::Float(at(&floats.values, index)),
    };
    let histogram = |index: usize| {
        let value = Value::Histogram(histograms.values.get(index)?);
        let (time, start) = (at(&histograms.timestamps, index), at(input.histogram_starts(), index));
        Some(Sample { time, start, value })
    };
    input.each_window(|step, floats, histograms| {
        let mut newest: Vec<Sample<'_>> = floats.rev().take(2).map(float).collect();
        newest.extend(histograms.rev().take(2).filter_map(histogram));
        newest.sort_by_key(|sample| std::cmp::Reverse(sample.time));
        let [last, before, ..] = newest.as_slice() else { return };
        let seconds = (last.time - before.time) as f64 / 1000.0;
        // A counter that began anew started from zero.
        let began_anew = is_rate && tell_reset((before.time, before.start), (last.time, last.start));
        match (&before.value, &last.value) {
            (Value::Float(before), Value::Float(last)) => {
                let change = if is_rate && (began_anew || last < before) { *last } else { last - before };
                out.set_float(step, if is_rate { change / seconds } else { change });
            }
            (Value::Histogram(before), Value::Histogram(last)) => {
                let pair = (*before, *last);
                if let Some(mut change) = histogram_change(is_rate, pair, began_anew, input, notes) {
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
    (before, last): (&FloatHistogram, &FloatHistogram),
    began_anew: bool,
    input: &RangeInput<'_>,
    notes: &mut RangeNotes,
) -> Option<FloatHistogram> {
    let metric = || input.metric.to_owned();
    let is_gauge = |histogram: &FloatHistogram| histogram.counter_reset_hint == CounterResetHint::Gauge;
    if is_rate && (is_gauge(before) || is_gauge(last)) {
        notes.push((Note::HistogramNotCounter(metric()), 0));
    }
    if !(is_rate || is_gauge(before) && is_gauge(last)) {
        notes.push((Note::HistogramNotGauge(metric()), 0));
    }
    let mut change = last.clone();
    if !(is_rate && (began_anew || last.detect_reset(before))) {
        match change.sub(before) {
            Ok(reconciled) => {
                if reconciled.custom_bounds {
                    notes.push((Note::ReconciledBounds(HistogramOperation::Subtraction), 0));
                }
            }
            Err(_) => {
                notes.push((Note::MixedSchemas(metric()), 0));
                return None;
            }
        }
    }
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact(0);
    Some(change)
}
