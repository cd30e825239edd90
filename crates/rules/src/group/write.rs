//! Writing what rules give, and marking series that they give no more as ended.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use model::{Labels, SeriesRef, stale_nan};
use storage::{AppendOptions, Appender, HistogramSample};

use super::Group;
use crate::{
    Sample, SampleValue,
    rule::{Rule, Written},
};

/// Samples that are older than what is stored are refused even where the store would take them.
const OPTIONS: AppendOptions = AppendOptions { discard_out_of_order: true };

/// Samples that wait to be written in one batch are no more than these, but for those of the last rule.
const WAITING_MAX: usize = 4096;
/// Nor do they wait longer than this.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// What rules gave and is not written yet.
pub(super) struct Waiting<'a> {
    appender: Box<dyn Appender>,
    /// The rules, each with its series.
    rules: Vec<(&'a Rule, Vec<Written>)>,
    samples: usize,
    since: Duration,
}

impl Group {
    /// Adds the samples of a rule to what waits to be written.
    ///
    /// # Errors
    /// Samples were refused; the others wait.
    pub(super) fn write<'a>(
        &'a self,
        waiting: &mut Option<Waiting<'a>>,
        rule: &'a Rule,
        samples: &[Sample],
        at_ms: i64,
    ) -> Result<(), String> {
        let previous = rule.previous.lock();
        if samples.is_empty() && previous.is_empty() {
            return Ok(());
        }
        let waiting = waiting.get_or_insert_with(|| Waiting {
            appender: self.context.parts.appendable.appender(OPTIONS),
            rules: Vec::new(),
            samples: 0,
            since: self.context.parts.clock.monotonic(),
        });
        let appender = waiting.appender.as_mut();
        let mut known = Known { previous: &previous, by_labels: None };
        let mut present: Vec<Written> = Vec::with_capacity(samples.len());
        let mut refused = None;
        for (index, sample) in samples.iter().enumerate() {
            match append(appender, sample, known.series(index, &sample.labels), at_ms) {
                Ok(series) => present.push((sample.labels.clone(), series)),
                Err(error) => {
                    let (name, series) = (&rule.settings.name, &sample.labels);
                    tracing::warn!(name, %series, %error, "rule evaluation result discarded");
                    refused = Some(error.to_string());
                }
            }
        }
        let is_same = previous.len() == present.len()
            && previous.iter().zip(&present).all(|((before, _), (now, _))| before == now);
        if !is_same {
            let there: HashSet<&Labels> = present.iter().map(|(labels, _)| labels).collect();
            for (labels, series) in previous.iter().filter(|(labels, _)| !there.contains(labels)) {
                end(appender, labels, *series, at_ms);
            }
        }
        waiting.samples += samples.len();
        waiting.rules.push((rule, present));
        refused.map_or(Ok(()), Err)
    }

    /// Writes what waits where there is much of it, or for long.
    pub(super) fn commit_if_much(&self, waiting: &mut Option<Waiting<'_>>) {
        let is_much = |waiting: &&mut Waiting<'_>| {
            let waited = self.context.parts.clock.monotonic().saturating_sub(waiting.since);
            waiting.samples >= WAITING_MAX || waited >= WAIT_MAX
        };
        if waiting.as_mut().filter(is_much).is_some() {
            self.commit(waiting);
        }
    }

    /// Writes what waits. Where it cannot be written, all rules that gave it have failed.
    pub(super) fn commit(&self, waiting: &mut Option<Waiting<'_>>) {
        let Some(Waiting { appender, rules, .. }) = waiting.take() else { return };
        let outcome = appender.commit();
        for (rule, present) in rules {
            match &outcome {
                Ok(()) => *rule.previous.lock() = present,
                Err(error) => {
                    self.metrics.failures.inc();
                    tracing::warn!(name = rule.settings.name, %error, "rule sample appending failed");
                    rule.status.lock().fail(error.to_string());
                }
            }
        }
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
            vanished.extend(rule.previous.lock().drain(..));
        }
        drop(vanished);
        self.end_vanished(at_ms);
    }
}

/// Where the series of the last evaluation are found.
struct Known<'a> {
    previous: &'a [Written],
    /// Made when a series does not stand where it stood.
    by_labels: Option<HashMap<&'a Labels, SeriesRef>>,
}

impl Known<'_> {
    fn series(&mut self, index: usize, labels: &Labels) -> Option<SeriesRef> {
        match self.previous.get(index) {
            Some((before, series)) if before == labels => Some(*series),
            _ => {
                let previous = self.previous;
                let all = || previous.iter().map(|(labels, series)| (labels, *series)).collect();
                self.by_labels.get_or_insert_with(all).get(labels).copied()
            }
        }
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
