//! The change of native histograms over a range.

use std::ops::Range;
use std::sync::Arc;

use model::histogram::{Error, Reconciled};
use model::{CounterResetHint, FloatHistogram};
use vectors::Column;
use vectors::remark::HistogramOperation;

use super::{Kind, Span, factor};
use crate::functions::starts::{any_overlap, tell_reset, usable_start};
use crate::notes::Note;
use crate::operators::instant::at;
use crate::operators::range::{RangeInput, RangeNotes};

/// Writes the change of a window of histograms, where there are enough of them.
pub(super) fn change(
    kind: Kind,
    input: &RangeInput<'_>,
    step: usize,
    window: Range<usize>,
    out: &mut Column,
    notes: &mut RangeNotes,
) {
    let times = &input.samples.histograms.timestamps;
    let starts = if kind.is_counter { input.histogram_starts() } else { &[] };
    let Some(last) = window.end.checked_sub(1) else { return };
    let first = at(times, window.start);
    let start = usable_start(first, at(starts, window.start), input.windows.bounds(step).0);
    if window.len() < 2 && start.is_none() {
        return;
    }
    let span = Span { first, last: at(times, last), start, count: window.len() };
    let samples = Samples {
        histograms: input.samples.histograms.values.get(window.clone()).unwrap_or(&[]),
        times: times.get(window.clone()).unwrap_or(&[]),
        starts: starts.get(window.clone()).unwrap_or(&[]),
    };
    if any_overlap(times, starts, window) {
        notes.push((Note::OverlappingStart(input.metric.to_owned()), 0));
    }
    note_hints(kind, input, samples.histograms, notes);
    let Ok(mut change) = difference(kind, &samples, start.is_some(), notes) else {
        notes.push((Note::MixedSchemas(input.metric.to_owned()), 0));
        return;
    };
    let first_count = samples.histograms.first().map_or(0.0, |histogram| histogram.count);
    change.mul(factor(kind, input, step, &span, (first_count, change.count)));
    change.counter_reset_hint = CounterResetHint::Gauge;
    change.compact(0);
    out.set_histogram(step, Arc::new(change));
}

/// The samples of a window; start timestamps are missing where they do not count.
pub(super) struct Samples<'a> {
    pub(super) histograms: &'a [FloatHistogram],
    pub(super) times: &'a [i64],
    pub(super) starts: &'a [i64],
}

impl Samples<'_> {
    /// Whether there was a reset between a sample and the one before it.
    fn is_reset(&self, index: usize) -> bool {
        let pair = |index: usize| (at(self.times, index), at(self.starts, index));
        let (Some(before), Some(after)) = (self.histograms.get(index - 1), self.histograms.get(index)) else {
            return false;
        };
        after.detect_reset(before) || (!self.starts.is_empty() && tell_reset(pair(index - 1), pair(index)))
    }
}

/// Tells of gauges taken for counters, and the other way round.
pub(in crate::functions) fn note_hints(
    kind: Kind,
    input: &RangeInput<'_>,
    histograms: &[FloatHistogram],
    notes: &mut RangeNotes,
) {
    let is_gauge = |histogram: &FloatHistogram| histogram.counter_reset_hint == CounterResetHint::Gauge;
    if kind.is_counter && histograms.iter().any(is_gauge) {
        notes.push((Note::HistogramNotCounter(input.metric.to_owned()), 0));
    }
    if !kind.is_counter && !histograms.iter().all(is_gauge) {
        notes.push((Note::HistogramNotGauge(input.metric.to_owned()), 0));
    }
}

/// The last minus the first, with what was lost in resets between them; `from_zero` where the counter is known to
/// have been zero before the first.
pub(super) fn difference(
    kind: Kind,
    samples: &Samples<'_>,
    from_zero: bool,
    notes: &mut RangeNotes,
) -> Result<FloatHistogram, Error> {
    let histograms = samples.histograms;
    let (Some(first), Some(last)) = (histograms.first(), histograms.last()) else {
        return Ok(FloatHistogram::default());
    };
    // A reset right behind the first sample: nothing of it is part of the change, not even its layout.
    let skips_first = kind.is_counter && !from_zero && histograms.len() > 1 && samples.is_reset(1);
    let counted = if skips_first { histograms.get(1..).unwrap_or(&[]) } else { histograms };
    // All at the lowest resolution of the window, so that no intermediate result is finer than the end.
    let mut schema = last.schema;
    for histogram in counted {
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
    if !skips_first && !from_zero {
        note(change.sub(&at_schema(first)?)?, HistogramOperation::Subtraction);
    }
    if kind.is_counter {
        let resets =
            (1 + usize::from(skips_first)..histograms.len()).filter(|index| samples.is_reset(*index));
        for before in resets.filter_map(|index| histograms.get(index - 1)) {
            note(change.add(&at_schema(before)?)?, HistogramOperation::Addition);
        }
    }
    Ok(change)
}
