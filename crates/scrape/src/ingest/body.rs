//! Walks a body and stores its samples.

use std::time::Duration;

use model::{Exemplar, SeriesRef, stale_nan};
use storage::{AppendOptions, Appendable, Appender, Error as StoreError};
use wire::exposition::{Entry, Format, Parser, Sample, unescape_help};

use super::labels::{self, Scratch};
use super::report::Report;
use super::{Context, Counts, Memory};
use crate::ScrapeError;

/// Samples further ahead of the clock than this are not taken.
const FUTURE_MAX: Duration = Duration::from_mins(10);

/// An answer to be stored.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) format: Format,
}

/// Samples that the store had no use for.
#[derive(Debug, Clone, Copy, Default)]
struct Rejected {
    out_of_order: u64,
    duplicate: u64,
    out_of_bounds: u64,
    over_limit: u64,
    exemplars: u64,
}

/// Stores what a target answered, or that it did not, and reports about it; returns what went wrong.
///
/// `seconds` tells the duration of the scrape up to the moment when it is asked.
pub(crate) fn store(
    context: &Context<'_>,
    memory: &mut Memory,
    appendable: &dyn Appendable,
    answer: Result<Body, ScrapeError>,
    time: i64,
    seconds: impl Fn() -> f64,
) -> (Report, Option<ScrapeError>) {
    let mut walk = Walk::new(context, memory, appendable.appender(AppendOptions::default()), time);
    let (body_bytes, outcome) = match answer {
        Ok(body) => (body.bytes.len() as i64, walk.body(&body)),
        Err(error) => {
            let too_large = matches!(error, ScrapeError::Fetch(http_client::Error::BodyTooLarge { .. }));
            if too_large {
                context.metrics.exceeded_body_limit.inc();
            }
            (-i64::from(too_large), Err(error))
        }
    };
    walk.log_rejected();
    let (counts, mut appender) = (walk.counts, walk.appender);
    let error = outcome.err();
    if error.is_some() {
        discard(appender);
        appender = appendable.appender(AppendOptions::default());
        memory.end_all(|series| append_stale(appender.as_mut(), series, time));
        if memory.shrink_if_grown() {
            context.metrics.cache_flushes.inc();
        }
    }
    let report = Report { up: error.is_none(), seconds: seconds(), counts, body_bytes };
    let finished =
        report.append(context, &mut memory.report, appender.as_mut(), time).and_then(|()| appender.commit());
    if let Err(error) = finished {
        let target = context.target;
        tracing::error!(scrape_pool = target.scrape_pool(), target = target.scrape_url(), err = %error,
            "scrape commit failed");
    }
    (report, error)
}

/// Marks everything that a target ever said as ended, at `time`.
pub(crate) fn end(context: &Context<'_>, memory: &mut Memory, appendable: &dyn Appendable, time: i64) {
    let mut appender = appendable.appender(AppendOptions { discard_out_of_order: true });
    memory.end_all(|series| append_stale(appender.as_mut(), series, time));
    let ended = memory.report.append_stale(context, appender.as_mut(), time).and_then(|()| appender.commit());
    if let Err(error) = ended {
        let target = context.target;
        tracing::error!(scrape_pool = target.scrape_pool(), target = target.scrape_url(), err = %error,
            "stale commit failed");
    }
}

fn discard(appender: Box<dyn Appender>) {
    if let Err(error) = appender.rollback() {
        tracing::error!(err = %error, "scrape rollback failed");
    }
}

fn append_stale(appender: &mut dyn Appender, series: SeriesRef, time: i64) {
    // A series that is gone needs no end, and one that goes on elsewhere with newer samples has none here.
    let _ = appender.append(series, time, 0, stale_nan());
}

/// The walk through one body.
struct Walk<'a> {
    context: &'a Context<'a>,
    memory: &'a mut Memory,
    appender: Box<dyn Appender>,
    time: i64,
    counts: Counts,
    rejected: Rejected,
    scratch: Scratch,
}

impl<'a> Walk<'a> {
    fn new(context: &'a Context<'a>, memory: &'a mut Memory, appender: Box<dyn Appender>, time: i64) -> Self {
        Self {
            context,
            memory,
            appender,
            time,
            counts: Counts::default(),
            rejected: Rejected::default(),
            scratch: Scratch::default(),
        }
    }

    fn body(&mut self, body: &Body) -> Result<(), ScrapeError> {
        let mut parser =
            Parser::new(&body.bytes, body.format).ok_or(ScrapeError::Format("this exposition format"))?;
        self.memory.begin();
        loop {
            let guess = self.memory.guess();
            let Some(entry) = parser.next(&guess)? else { break };
            match entry {
                Entry::Sample(sample) => self.sample(&parser, sample)?,
                Entry::Type { metric, metric_type } => {
                    self.context.target.metadata.lock().set_type(metric, metric_type);
                }
                Entry::Unit { metric, unit } => self.context.target.metadata.lock().set_unit(metric, unit),
                Entry::Help { metric, text } if text.contains('\\') => {
                    let text = unescape_help(text, body.format);
                    self.context.target.metadata.lock().set_help(metric, &text);
                }
                Entry::Help { metric, text } => self.context.target.metadata.lock().set_help(metric, text),
            }
        }
        if let Some(limit) = self.context.job.limits.samples.filter(|limit| self.counts.kept > *limit) {
            self.context.metrics.exceeded_sample_limit.inc();
            tracing::debug!(limit, samples = self.counts.kept, "sample limit exceeded");
            return Err(ScrapeError::SampleLimit);
        }
        let (appender, time) = (self.appender.as_mut(), self.time);
        self.memory
            .end(self.context.job.track_timestamps_staleness, |series| append_stale(appender, series, time));
        self.context.target.metadata.lock().end_scrape();
        Ok(())
    }

    fn sample(&mut self, parser: &Parser<'_>, sample: Sample) -> Result<(), ScrapeError> {
        self.counts.scraped += 1;
        let found = if sample.guessed {
            Some(self.memory.found_as_guessed())
        } else {
            self.memory.find(parser.key())
        };
        let position = match found {
            Some(found) => {
                let Some(line) = self.memory.line(found.position) else { return Ok(()) };
                if line.metric_type != parser.metric_type() {
                    if !self.resolve_again(found.position, parser)? {
                        return Ok(());
                    }
                } else if line.dropped {
                    return Ok(());
                }
                if found.again && self.own_time(sample).is_none() {
                    self.counts.kept += 1;
                    self.rejected.duplicate += 1;
                    return Ok(());
                }
                found.position
            }
            None => match self.new_line(parser)? {
                Some(position) => position,
                None => return Ok(()),
            },
        };
        self.counts.kept += 1;
        if self.context.job.limits.samples.is_some_and(|limit| self.counts.kept > limit) {
            // Counted to the end, so that the report tells how many there are.
            return Ok(());
        }
        self.append(position, parser, sample)?;
        if self.context.features.exemplars
            && let Some(exemplar) = parser.exemplar()
        {
            let time = self.own_time(sample).unwrap_or(self.time);
            self.append_exemplar(position, time, &exemplar);
        }
        Ok(())
    }

    /// Adds an exemplar; one without a time gets that of its sample. None is worth a failed scrape.
    fn append_exemplar(&mut self, position: usize, time: i64, exemplar: &Exemplar) {
        let Some(series) = self.memory.line(position).map(|line| line.series) else { return };
        match self.appender.append_exemplar(series, time, exemplar) {
            Ok(()) | Err(StoreError::DuplicateExemplar) => {}
            Err(StoreError::OutOfOrderExemplar) => self.rejected.exemplars += 1,
            Err(error) => tracing::debug!(target = self.context.target.scrape_url(), err = %error,
                "error while adding exemplar"),
        }
    }

    /// Remembers a line that was not there before; `None` where it is dropped.
    fn new_line(&mut self, parser: &Parser<'_>) -> Result<Option<usize>, ScrapeError> {
        let series = self.resolve(parser)?;
        let (key, metric_type) = (parser.key(), parser.metric_type());
        match series {
            Resolved::Series(series) => Ok(Some(self.memory.insert(key, series, metric_type, false))),
            Resolved::Dropped => {
                self.memory.insert(key, SeriesRef(0), metric_type, true);
                Ok(None)
            }
            Resolved::Refused => Ok(None),
        }
    }

    /// Looks a line's meaning up once more; `false` where it is dropped.
    fn resolve_again(&mut self, position: usize, parser: &Parser<'_>) -> Result<bool, ScrapeError> {
        let series = match self.resolve(parser)? {
            Resolved::Series(series) => Some(series),
            Resolved::Dropped => None,
            Resolved::Refused => return Ok(false),
        };
        self.memory.change_meaning(position, series, parser.metric_type());
        Ok(series.is_some())
    }

    fn resolve(&mut self, parser: &Parser<'_>) -> Result<Resolved, ScrapeError> {
        let Some(labels) = labels::of_line(parser, self.context, &mut self.scratch)? else {
            return Ok(Resolved::Dropped);
        };
        match self.appender.series(&labels) {
            Ok(series) => Ok(Resolved::Series(series)),
            Err(StoreError::OverLimit(_)) => {
                self.counts.kept += 1;
                self.rejected.over_limit += 1;
                Ok(Resolved::Refused)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn append(&mut self, position: usize, parser: &Parser<'_>, sample: Sample) -> Result<(), ScrapeError> {
        let own_time = self.own_time(sample);
        let time = own_time.unwrap_or(self.time);
        let Some(series) = self.memory.line(position).map(|line| line.series) else { return Ok(()) };
        let mut result = self.append_value(series, time, sample.value);
        if matches!(result, Err(StoreError::UnknownSeries(_))) {
            if !self.resolve_again(position, parser)? {
                return Ok(());
            }
            let Some(series) = self.memory.line(position).map(|line| line.series) else { return Ok(()) };
            result = self.append_value(series, time, sample.value);
        }
        match result {
            Ok(()) => {}
            // The series is there, another line of this scrape (or an earlier one) was first.
            Err(StoreError::DuplicateSample) => self.rejected.duplicate += 1,
            Err(StoreError::OutOfOrder) => {
                self.rejected.out_of_order += 1;
                return Ok(());
            }
            Err(StoreError::OutOfBounds | StoreError::TooOld) => {
                self.rejected.out_of_bounds += 1;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        if let Some(line) = self.memory.line_mut(position) {
            line.own_time = own_time.is_some();
            if !line.stored {
                line.stored = true;
                self.counts.added += 1;
            }
        }
        Ok(())
    }

    /// The time that a sample carries and the settings honour.
    fn own_time(&self, sample: Sample) -> Option<i64> {
        sample.timestamp.filter(|_| self.context.job.honor_timestamps)
    }

    fn append_value(&mut self, series: SeriesRef, time: i64, value: f64) -> Result<(), StoreError> {
        if time > self.time.saturating_add(FUTURE_MAX.as_millis() as i64) {
            return Err(StoreError::OutOfBounds);
        }
        self.appender.append(series, time, 0, value)
    }

    /// Counts and logs what the store had no use for, once for the whole scrape.
    fn log_rejected(&self) {
        let metrics = self.context.metrics;
        let target = self.context.target;
        let Rejected { out_of_order, duplicate, out_of_bounds, over_limit, exemplars } = self.rejected;
        let kinds = [
            (out_of_order, Some(&metrics.out_of_order), "error on ingesting out-of-order samples"),
            (
                duplicate,
                Some(&metrics.duplicate_samples),
                "error on ingesting samples with different value but same timestamp",
            ),
            (
                out_of_bounds,
                Some(&metrics.out_of_bounds),
                "error on ingesting samples that are too old or are too far into the future",
            ),
            (exemplars, Some(&metrics.exemplars_out_of_order), "error on ingesting out-of-order exemplars"),
            (over_limit, None, "no new series are taken, a limit stands against them"),
        ];
        for (count, counter, message) in kinds {
            if count > 0 {
                if let Some(counter) = counter {
                    counter.add(count);
                }
                tracing::warn!(
                    scrape_pool = target.scrape_pool(),
                    target = target.scrape_url(),
                    num_dropped = count,
                    "{message}"
                );
            }
        }
    }
}

/// What a new line means.
enum Resolved {
    Series(SeriesRef),
    /// Relabelling drops it.
    Dropped,
    /// The store takes no new series; another time perhaps.
    Refused,
}
