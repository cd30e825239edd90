//! Writing what rules give, and marking series that they give no more as ended.

use std::collections::HashMap;

use model::{Labels, SeriesRef, stale_nan};
use storage::{AppendOptions, Appender, HistogramSample};

use super::Group;
use crate::{Sample, SampleValue, rule::Rule};

/// Samples that are older than what is stored are refused even where the store would take them.
const OPTIONS: AppendOptions = AppendOptions { discard_out_of_order: true };

impl Group {
    /// Writes the samples of a rule.
    ///
    /// # Errors
    /// Samples were refused (the others are written), or nothing could be written.
    pub(super) fn write(&self, rule: &Rule, samples: &[Sample], at_ms: i64) -> Result<(), String> {
        let mut previous = rule.previous.lock();
        if samples.is_empty() && previous.is_empty() {
            return Ok(());
        }
        let mut appender = self.context.parts.appendable.appender(OPTIONS);
        let mut present: HashMap<Labels, SeriesRef> = HashMap::with_capacity(samples.len());
        let mut refused = None;
        for sample in samples {
            let known = previous.get(&sample.labels).copied();
            match append(appender.as_mut(), sample, known, at_ms) {
                Ok(series) => {
                    present.insert(sample.labels.clone(), series);
                }
                Err(error) => {
                    let (name, series) = (&rule.settings.name, &sample.labels);
                    tracing::warn!(name, %series, %error, "rule evaluation result discarded");
                    refused = Some(error.to_string());
                }
            }
        }
        for (labels, series) in previous.iter().filter(|(labels, _)| !present.contains_key(*labels)) {
            end(appender.as_mut(), labels, *series, at_ms);
        }
        if let Err(error) = appender.commit() {
            self.metrics.failures.inc();
            tracing::warn!(name = rule.settings.name, %error, "rule sample appending failed");
            return Err(error.to_string());
        }
        *previous = present;
        refused.map_or(Ok(()), Err)
    }

    /// Marks the series of rules that are there no more as ended.
    pub(super) fn end_vanished(&self, at_ms: i64) {
        let mut vanished = self.vanished.lock();
        if vanished.is_empty() {
            return;
        }
        let mut appender = self.context.parts.appendable.appender(OPTIONS);
        for (labels, series) in vanished.iter() {
            end(appender.as_mut(), labels, *series, at_ms);
        }
        match appender.commit() {
            Ok(()) => vanished.clear(),
            Err(error) => tracing::warn!(%error, "series of rules that are gone could not be ended"),
        }
    }

    /// Marks all series of the group as ended: it will not be evaluated any more.
    pub(crate) fn end_all(&self, at_ms: i64) {
        let mut vanished = self.vanished.lock();
        for rule in &self.rules {
            vanished.extend(rule.previous.lock().drain());
        }
        drop(vanished);
        self.end_vanished(at_ms);
    }
}

fn append(
    appender: &mut dyn Appender,
    sample: &Sample,
    known: Option<SeriesRef>,
    at_ms: i64,
) -> storage::Result<SeriesRef> {
    let write = |appender: &mut dyn Appender, series: SeriesRef| match &sample.value {
        SampleValue::Float(value) => appender.append(series, at_ms, 0, *value),
        SampleValue::Histogram(histogram) => {
            appender.append_histogram(series, at_ms, 0, HistogramSample::Float(histogram))
        }
    };
    if let Some(series) = known {
        match write(appender, series) {
            Ok(()) => return Ok(series),
            // The store has forgotten the series meanwhile.
            Err(storage::Error::UnknownSeries(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let series = appender.series(&sample.labels)?;
    write(appender, series)?;
    Ok(series)
}

/// Marks a series as ended. Another rule may go on writing it: then its samples are in the way, and that is well.
fn end(appender: &mut dyn Appender, labels: &Labels, series: SeriesRef, at_ms: i64) {
    let marked = match appender.append(series, at_ms, 0, stale_nan()) {
        Err(storage::Error::UnknownSeries(_)) => {
            appender.series(labels).and_then(|series| appender.append(series, at_ms, 0, stale_nan()))
        }
        other => other,
    };
    match marked {
        Ok(())
        | Err(storage::Error::OutOfOrder | storage::Error::TooOld | storage::Error::DuplicateSample) => {}
        Err(error) => tracing::warn!(series = %labels, %error, "adding stale sample failed"),
    }
}
