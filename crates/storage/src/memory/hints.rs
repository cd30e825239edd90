//! What is known of counter resets when histograms are read back.
//!
//! Stores with chunks know a reset only between two samples of one chunk, and start a new chunk wherever one may
//! have happened. So a histogram comes back without a reset behind the one before it, or with nothing known. The
//! store in memory answers the same, else engines would be tested on hints that they never meet.

use model::{CounterResetHint, FloatHistogram, is_stale_nan};

use crate::SampleColumns;

/// Sets the hint of the histogram at `place` by the sample before it.
pub(super) fn refresh(columns: &mut SampleColumns, place: usize) {
    let histograms = &columns.histograms;
    let Some(timestamp) = histograms.timestamps.get(place).copied() else { return };
    let before = place.checked_sub(1).filter(|before| {
        let since = histograms.timestamps.get(*before).copied().unwrap_or(i64::MIN);
        let next_float = columns.timestamps.partition_point(|time| *time < since);
        columns.timestamps.get(next_float).is_none_or(|float| *float > timestamp)
    });
    let (head, tail) = columns.histograms.values.split_at_mut(place);
    let before = before.and_then(|before| head.get(before));
    if let Some(histogram) = tail.first_mut() {
        histogram.counter_reset_hint = hint(before, histogram);
    }
}

fn hint(before: Option<&FloatHistogram>, histogram: &FloatHistogram) -> CounterResetHint {
    let known = histogram.counter_reset_hint;
    if known == CounterResetHint::Gauge {
        return CounterResetHint::Gauge;
    }
    let same_chunk = before.filter(|before| {
        known != CounterResetHint::Reset
            && before.counter_reset_hint != CounterResetHint::Gauge
            && !is_stale_nan(before.sum)
            && before.schema == histogram.schema
            && before.zero_threshold == histogram.zero_threshold
            && before.custom_values == histogram.custom_values
    });
    let Some(before) = same_chunk else { return CounterResetHint::Unknown };
    // A claim that there was no reset is checked as well.
    let unhinted = FloatHistogram { counter_reset_hint: CounterResetHint::Unknown, ..histogram.clone() };
    if unhinted.detect_reset(before) { CounterResetHint::Unknown } else { CounterResetHint::NotReset }
}
