//! The series that a selector found, shared by all selectors of the query that ask for the same.

use model::sample::is_stale_nan;
use model::{CounterResetHint, FloatHistogram};
use storage::{HistogramColumn, SampleColumns, SeriesSet, TimeRange};

use crate::Result;
use crate::run::Worker;
use crate::series::SeriesList;

/// Series found in a store, and the time that will be read of them.
pub(crate) struct Selection {
    set: Box<dyn SeriesSet>,
    pub(crate) list: SeriesList,
    range: TimeRange,
}

impl Selection {
    /// Takes what was found; `one_metric` tells that the selector names the metric.
    ///
    /// # Errors
    /// Labels that cannot be read.
    pub(crate) fn new(set: Box<dyn SeriesSet>, range: TimeRange, one_metric: bool) -> Result<Self> {
        let labels = set.all_labels()?;
        let list = if one_metric { SeriesList::of_one_metric(labels) } else { SeriesList::new(labels) };
        Ok(Self { set, list, range })
    }

    /// Reads a series' samples, staleness markers included.
    pub(crate) fn read(
        &self,
        position: usize,
        worker: &mut Worker<'_>,
        samples: &mut SampleColumns,
    ) -> Result<()> {
        self.set.read(position, self.range, samples)?;
        worker.context.limits.note_read(samples);
        worker.spend(samples.len())
    }

    /// Reads a series' samples without staleness markers.
    pub(crate) fn read_live(
        &self,
        position: usize,
        worker: &mut Worker<'_>,
        samples: &mut SampleColumns,
    ) -> Result<()> {
        self.read(position, worker, samples)?;
        remove_stale(samples);
        Ok(())
    }
}

/// Notes at each histogram whether there was a reset before it, where that is not known.
///
/// Done where only counts and sums of histograms are wanted: the original reads these in a way that has to look for
/// resets at once, and what it finds shows in warnings.
pub(crate) fn tell_resets(samples: &mut SampleColumns) {
    let mut before: Option<&FloatHistogram> = None;
    let mut hints = Vec::with_capacity(samples.histograms.values.len());
    for histogram in samples.histograms.values.iter().filter(|histogram| !is_stale_nan(histogram.sum)) {
        hints.push(match (histogram.counter_reset_hint, before) {
            (CounterResetHint::Unknown, Some(before)) if histogram.detect_reset(before) => {
                CounterResetHint::Reset
            }
            (CounterResetHint::Unknown, Some(_)) => CounterResetHint::NotReset,
            (hint, _) => hint,
        });
        before = Some(histogram);
    }
    let live = samples.histograms.values.iter_mut().filter(|histogram| !is_stale_nan(histogram.sum));
    for (histogram, hint) in live.zip(hints) {
        histogram.counter_reset_hint = hint;
    }
}

/// Removes staleness markers.
fn remove_stale(samples: &mut SampleColumns) {
    // Without a branch per sample: nearly all series have none.
    if samples.values.iter().fold(false, |found, value| found | is_stale_nan(*value)) {
        let live: Vec<bool> = samples.values.iter().map(|value| !is_stale_nan(*value)).collect();
        keep(&mut samples.timestamps, &live);
        keep(&mut samples.values, &live);
        keep(&mut samples.start_timestamps, &live);
    }
    let HistogramColumn { timestamps, values, start_timestamps } = &mut samples.histograms;
    if values.iter().any(|histogram| is_stale_nan(histogram.sum)) {
        let live: Vec<bool> = values.iter().map(|histogram| !is_stale_nan(histogram.sum)).collect();
        keep(timestamps, &live);
        keep(values, &live);
        keep(start_timestamps, &live);
    }
}

fn keep<T>(items: &mut Vec<T>, live: &[bool]) {
    let mut live = live.iter();
    items.retain(|_| live.next().copied().unwrap_or(true));
}
