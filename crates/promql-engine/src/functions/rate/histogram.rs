//! The change of native histograms over a range.

use std::ops::Range;
use std::sync::Arc;

use model::histogram::{Error, Reconciled};
use model::{CounterResetHint, FloatHistogram};
use vectors::Column;
use vectors::remark::HistogramOperation;

use super::{Kind, factor};
use crate::notes::Note;
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes};

/// Writes the change of a window of at least two histograms.
pub(super) fn change(
    kind: Kind,
    input: &RangeInput<'_>,
    step: usize,
    window: Range<usize>,
    out: &mut Column,
    notes: &mut RangeNotes,
) {
    let times = &input.samples.histograms.timestamps;
    let ends = (at(times, window.start), at(times, window.end - 1));
    let histograms = input.samples.histograms.values.get(window).unwrap_or(&[]);
    note_hints(kind, input, histograms, notes);
    let Ok(mut change) = difference(kind, histograms, notes) else {
        notes.push((Note::MixedSchemas(input.metric.to_owned()), 0));
        return;
    };
    let first_count = histograms.first().map_or(0.0, |histogram| histogram.count);
    let factor = factor(kind, input, step, ends, histograms.len(), (first_count, change.count));
    change.mul(factor);
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact(0);
    out.set_histogram(step, Arc::new(change));
}

/// Tells of gauges taken for counters, and the other way round.
fn note_hints(kind: Kind, input: &RangeInput<'_>, histograms: &[FloatHistogram], notes: &mut RangeNotes) {
    let is_gauge = |histogram: &FloatHistogram| histogram.counter_reset_hint == CounterResetHint::Gauge;
    if kind.is_counter && histograms.iter().any(is_gauge) {
        notes.push((Note::HistogramNotCounter(input.metric.to_owned()), 0));
    }
    if !kind.is_counter && !histograms.iter().all(is_gauge) {
        notes.push((Note::HistogramNotGauge(input.metric.to_owned()), 0));
    }
}

/// The last minus the first, with what was lost in resets between them.
fn difference(
    kind: Kind,
    histograms: &[FloatHistogram],
    notes: &mut RangeNotes,
) -> Result<FloatHistogram, Error> {
    let (Some(first), Some(last)) = (histograms.first(), histograms.last()) else {
        return Ok(FloatHistogram::default());
    };
    // All at the lowest resolution of the window, so that no intermediate result is finer than the end.
    let mut schema = last.schema;
    for histogram in histograms {
        if histogram.has_custom_buckets() != last.has_custom_buckets() {
            return Err(Error::MixedSchemas);
        }
        schema = schema.min(histogram.schema);
    }
    let at_schema = |histogram: &FloatHistogram| {
        if histogram.has_custom_buckets() { Ok(histogram.clone()) } else { histogram.copy_to_schema(schema) }
    };
    let mut change = at_schema(last)?;
    let mut note = |reconciled: Reconciled, operation: HistogramOperation| {
        if reconciled.custom_bounds {
            notes.push((Note::ReconciledBounds(operation), 0));
        }
    };
    if !kind.is_counter {
        note(change.sub(&at_schema(first)?)?, HistogramOperation::Subtraction);
        return Ok(change);
    }
    let mut resets = histograms.windows(2).map(|pair| match pair {
        [before, after] => after.detect_reset(before).then_some(before),
        _ => None,
    });
    // A reset right behind the first sample: nothing of it is part of the change.
    if resets.next().flatten().is_none() {
        note(change.sub(&at_schema(first)?)?, HistogramOperation::Subtraction);
    }
    for before in resets.flatten() {
        note(change.add(&at_schema(before)?)?, HistogramOperation::Addition);
    }
    Ok(change)
}
