//! Walks a body and appends its samples.

mod lines;
mod points;
mod run;

use std::sync::Arc;

use model::histogram::NativeForm;
use storage::Appender;
use wire::exposition::{Entry, Options, Parser, Sample, unescape_help};

use super::classic::Gathered;
use super::known::{Interrupted, KnownSamples};
use super::labels::Scratch;
use super::memory::Found;
use super::preface::ReadPreface;
use super::rejected::Rejected;
use super::store::{Body, append_stale};
use super::{Context, Counts, Memory};
use crate::ScrapeError;
use lines::{Origin, Resolved};
use points::Point;

/// The walk through one body.
pub(super) struct Walk<'a> {
    context: &'a Context<'a>,
    memory: &'a mut Memory,
    appender: Box<dyn Appender>,
    time: i64,
    counts: Counts,
    rejected: Rejected,
    scratch: Scratch,
    gathered: Gathered,
    /// A histogram had more buckets than allowed.
    over_bucket_limit: bool,
    /// The metric that was declared last, and whether what was declared is news.
    declared_metric: String,
    declared_news: bool,
    /// Whether samples of known series need nothing but their value stored, and are handed over together.
    together: bool,
    known: KnownSamples,
    preface: ReadPreface,
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walked {
    /// At the end of the body.
    Through,
    /// The store has forgotten series that were handed over with others: the body is to be walked once more, one
    /// sample after the other, which makes them anew.
    Forgotten,
}

/// Why a walk ended early.
enum Stopped {
    Forgotten,
    Failed(ScrapeError),
}

impl From<ScrapeError> for Stopped {
    fn from(error: ScrapeError) -> Self {
        Self::Failed(error)
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        context: &'a Context<'a>,
        memory: &'a mut Memory,
        appender: Box<dyn Appender>,
        time: i64,
    ) -> Self {
        let features = context.features;
        let together = !context.target.histograms.convert_classic
            && !features.exemplars
            && !features.metadata_records
            && !features.start_timestamps
            && !features.start_timestamp_zeros;
        let known = memory.len();
        Self {
            context,
            memory,
            appender,
            time,
            counts: Counts::default(),
            rejected: Rejected::default(),
            scratch: Scratch::default(),
            gathered: Gathered::default(),
            over_bucket_limit: false,
            declared_metric: String::new(),
            declared_news: false,
            together,
            known: KnownSamples::new(context.batches.take(), if together { known } else { 0 }),
            preface: ReadPreface::Empty,
        }
    }

    /// Has every sample handed over by itself; new series are those that the walk before has counted as well.
    pub(super) fn one_by_one(mut self, before: Counts) -> Self {
        self.together = false;
        self.counts.added = before.added;
        self
    }

    /// Hands out what was counted and the batch.
    pub(super) fn give_up(self) -> (Counts, Box<dyn Appender>) {
        self.context.batches.give(self.known.into_batch());
        (self.counts, self.appender)
    }

    /// Reports what was refused; hands out what was counted and the batch.
    pub(super) fn finish(self) -> (Counts, Box<dyn Appender>) {
        self.rejected.report(self.context);
        self.context.batches.give(self.known.into_batch());
        (self.counts, self.appender)
    }

    pub(super) fn body(&mut self, body: &Body<'_>) -> Result<Walked, ScrapeError> {
        match self.entries(body) {
            Ok(()) => {}
            Err(Stopped::Forgotten) => return Ok(Walked::Forgotten),
            Err(Stopped::Failed(error)) => return Err(error),
        }
        self.check_limits()?;
        let (appender, time) = (self.appender.as_mut(), self.time);
        self.memory
            .end(self.context.job.track_timestamps_staleness, |series| append_stale(appender, series, time));
        if self.context.target.metadata.lock().end_scrape(self.context.declarations) {
            self.memory.forget_prefaces();
        }
        Ok(Walked::Through)
    }

    fn entries(&mut self, body: &Body<'_>) -> Result<(), Stopped> {
        let modes = self.context.target.histograms;
        let features = self.context.features;
        let options = Options {
            native_histograms: modes.native,
            classic_beside_native: modes.always_classic,
            start_timestamps: features.start_timestamp_zeros || features.start_timestamps,
        };
        let mut parser = Parser::new(body.bytes, body.format, options);
        self.memory.begin(body.format);
        loop {
            self.pass_known(&mut parser);
            let guess = self.memory.guess();
            match parser.next(&guess).map_err(ScrapeError::from)? {
                None => break,
                Some(Entry::Sample(sample)) if self.take_known(&parser, &sample) => {}
                Some(Entry::Sample(sample)) => {
                    self.hand_over()?;
                    self.sample(&parser, sample)?;
                }
                Some(Entry::Histogram { mut histogram, timestamp, guessed }) => {
                    self.hand_over()?;
                    self.flush()?;
                    self.histogram(&parser, &mut histogram, timestamp, guessed)?;
                }
                Some(entry) => {
                    self.flush()?;
                    self.declaration(&entry, body);
                }
            }
        }
        self.flush()?;
        self.hand_over()
    }

    /// Takes a sample of a series that is known and means what it meant, if it is one.
    #[inline]
    fn take_known(&mut self, parser: &Parser<'_>, sample: &Sample) -> bool {
        if !sample.guessed
            || !self.together
            || sample.timestamp.is_some()
            || self.preface != ReadPreface::Empty
        {
            return false;
        }
        if self.context.job.limits.samples.is_some_and(|limit| self.counts.kept >= limit) {
            return false;
        }
        let declared = self.declared(parser);
        let Some((series, place)) = self.memory.settled(declared) else { return false };
        if let Some(place) = place.filter(|_| sample.prefaced) {
            self.context.target.metadata.lock().see(place);
        }
        self.counts.scraped += 1;
        self.counts.kept += 1;
        self.known.push(series, self.time, sample.value);
        true
    }

    /// Hands the samples over that are gathered.
    fn hand_over(&mut self) -> Result<(), Stopped> {
        match self.known.flush(self.appender.as_mut(), &mut self.rejected) {
            Ok(()) => Ok(()),
            Err(Interrupted::Forgotten) => Err(Stopped::Forgotten),
            Err(Interrupted::Failed(error, not_offered)) => {
                self.counts.kept -= not_offered;
                self.counts.scraped -= not_offered - 1;
                Err(Stopped::Failed(error.into()))
            }
        }
    }

    fn check_limits(&self) -> Result<(), ScrapeError> {
        let metrics = self.context.metrics;
        if self.context.job.limits.samples.is_some_and(|limit| self.counts.kept > limit) {
            metrics.exceeded_sample_limit.inc();
            return Err(ScrapeError::SampleLimit);
        }
        if self.over_bucket_limit {
            metrics.exceeded_bucket_limit.inc();
            return Err(ScrapeError::BucketLimit);
        }
        Ok(())
    }

    fn declaration(&mut self, entry: &Entry<'_>, body: &Body<'_>) {
        let mut metadata = self.context.target.metadata.lock();
        let mut declared_type = None;
        let (metric, declared) = match *entry {
            Entry::Type { metric, metric_type } => {
                declared_type = Some(metric_type);
                (metric, metadata.set_type(metric, metric_type))
            }
            Entry::Unit { metric, unit } => (metric, metadata.set_unit(metric, unit)),
            Entry::Help { metric, text, escaped } if escaped && text.contains('\\') => {
                (metric, metadata.set_help(metric, &unescape_help(text, body.format)))
            }
            Entry::Help { metric, text, .. } => (metric, metadata.set_help(metric, text)),
            Entry::Sample(_) | Entry::Histogram { .. } => return,
        };
        drop(metadata);
        self.preface.add(declared.map(|declared| declared.place), declared_type);
        if self.context.features.metadata_records {
            if self.declared_metric != metric {
                metric.clone_into(&mut self.declared_metric);
                self.declared_news = false;
            }
            self.declared_news |= declared.is_some_and(|declared| declared.news);
        }
    }

    /// Remembers what was declared before a line.
    fn note_preface(&mut self, position: usize, parser: &Parser<'_>) {
        let what = match std::mem::replace(&mut self.preface, ReadPreface::Empty) {
            ReadPreface::One(place, Some(metric_type)) => Some((metric_type, place)),
            ReadPreface::Empty | ReadPreface::One(_, None) | ReadPreface::Mixed => None,
        };
        let lines = parser.preface();
        self.memory.set_preface(position, lines, what.filter(|_| self.together && !lines.is_empty()));
    }

    fn sample(&mut self, parser: &Parser<'_>, sample: Sample) -> Result<(), ScrapeError> {
        let place = if sample.prefaced { self.memory.expected_place() } else { None };
        let found = match self.find(parser, sample.guessed) {
            // The store looks at the time first.
            Err(ScrapeError::DuplicateLabel(_)) if self.is_too_far_ahead(self.time_of(sample.timestamp)) => {
                self.counts.kept += 1;
                self.rejected.out_of_bounds += 1;
                return Ok(());
            }
            found => found?,
        };
        let Some((position, again)) = found else { return Ok(()) };
        match place {
            Some(place) => self.context.target.metadata.lock().see(place),
            None => self.note_preface(position, parser),
        }
        if self.context.target.histograms.convert_classic {
            let part = self.memory.line(position).and_then(|line| line.part.clone());
            if self.gathered.ends_before(part.as_deref()) {
                self.flush()?;
            }
            if let Some(part) = part {
                self.gathered.add(&part, sample.value, sample.timestamp);
                if self.context.features.exemplars {
                    parser.exemplars(&mut |exemplar| self.gathered.add_exemplar(exemplar));
                }
                if !self.context.target.histograms.always_classic {
                    return Ok(());
                }
            }
        }
        self.counts.scraped += 1;
        if self.memory.line(position).is_none_or(|line| line.dropped) {
            return Ok(());
        }
        let moment = self.moment(sample.timestamp, parser.start_timestamp());
        self.point(position, again, Point::Float(sample.value), moment, Origin::Line(parser))?;
        if self.context.features.exemplars {
            parser.exemplars(&mut |exemplar| self.append_exemplar(position, &exemplar, moment));
        }
        Ok(())
    }

    fn histogram(
        &mut self,
        parser: &Parser<'_>,
        histogram: &mut NativeForm,
        timestamp: Option<i64>,
        guessed: bool,
    ) -> Result<(), ScrapeError> {
        let Some((position, again)) = self.find(parser, guessed)? else { return Ok(()) };
        self.counts.scraped += 1;
        if self.memory.line(position).is_none_or(|line| line.dropped) {
            return Ok(());
        }
        let moment = self.moment(timestamp, parser.start_timestamp());
        self.native(position, again, histogram, moment, Origin::Line(parser))?;
        if self.context.features.exemplars {
            let mut exemplars = Vec::new();
            parser.exemplars(&mut |exemplar| exemplars.push(exemplar));
            self.append_native_exemplars(position, exemplars, moment);
        }
        Ok(())
    }

    /// Stores the classic histogram that was gathered, if there is one.
    fn flush(&mut self) -> Result<(), ScrapeError> {
        let Some(mut complete) = self.gathered.take() else { return Ok(()) };
        let identity = Arc::clone(&complete.identity);
        let (position, again) = match self.memory.find(&identity.key) {
            Some(Found { position, again }) => (position, again),
            None => {
                let scratch = Scratch::of_pairs(&identity.labels);
                match self.resolve(&scratch, 0, None, false)? {
                    Resolved::Line(new) => (self.memory.insert(&identity.key, new), false),
                    Resolved::Refused => return Ok(()),
                }
            }
        };
        self.counts.scraped += 1;
        if self.memory.line(position).is_none_or(|line| line.dropped) {
            return Ok(());
        }
        let moment = self.moment(complete.timestamp, None);
        let origin = Origin::Gathered(&identity);
        self.native(position, again, &mut complete.histogram, moment, origin)?;
        self.append_native_exemplars(position, complete.exemplars, moment);
        Ok(())
    }
}
