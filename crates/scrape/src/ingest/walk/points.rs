//! Samples on their way into the store: what surrounds a value, what is refused, and exemplars.

use std::time::Duration;

use model::histogram::NativeForm;
use model::{Exemplar, SeriesRef};
use storage::{Error as StoreError, HistogramSample};
use wire::exposition::Parser;

use super::super::limits;
use super::Walk;
use super::lines::Origin;
use crate::ScrapeError;

/// Samples further ahead of the clock than this are not taken.
const FUTURE_MAX: Duration = Duration::from_mins(10);

/// The value of a sample.
#[derive(Clone, Copy)]
pub(super) enum Point<'a> {
    Float(f64),
    Histogram(HistogramSample<'a>),
}

/// What surrounds a sample's value.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// A time of the target's own, where it is honoured.
    own_time: Option<i64>,
    /// When the counting began.
    start: Option<i64>,
}

impl Walk<'_> {
    pub(super) fn moment(&self, timestamp: Option<i64>, start: Option<i64>) -> Moment {
        Moment { own_time: timestamp.filter(|_| self.context.job.honor_timestamps), start }
    }

    /// The time that a sample gets of which a line tells this one.
    pub(super) fn time_of(&self, timestamp: Option<i64>) -> i64 {
        self.moment(timestamp, None).own_time.unwrap_or(self.time)
    }

    /// Whether no sample of this time is taken.
    pub(super) fn is_too_far_ahead(&self, time: i64) -> bool {
        time > self.time.saturating_add(FUTURE_MAX.as_millis() as i64)
    }

    /// Stores a native histogram, made coarser where it must be.
    pub(super) fn native(
        &mut self,
        position: usize,
        again: bool,
        histogram: &mut NativeForm,
        moment: Moment,
        origin: Origin<'_, '_>,
    ) -> Result<(), ScrapeError> {
        if limits::fit(histogram, &self.context.job.limits).is_err() {
            self.counts.kept += 1;
            self.over_bucket_limit = true;
            return Ok(());
        }
        let sample = match histogram {
            NativeForm::Whole(whole) => HistogramSample::Int(whole),
            NativeForm::Fractional(fractional) => HistogramSample::Float(fractional),
        };
        self.point(position, again, Point::Histogram(sample), moment, origin)
    }

    /// Stores a sample of a line that is not dropped.
    pub(super) fn point(
        &mut self,
        position: usize,
        again: bool,
        point: Point<'_>,
        moment: Moment,
        origin: Origin<'_, '_>,
    ) -> Result<(), ScrapeError> {
        self.counts.kept += 1;
        // A series of which nothing was taken yet is none that the scrape had already: the original forgets it.
        let is_stored = self.memory.line(position).is_some_and(|line| line.stored);
        if again && is_stored && moment.own_time.is_none() {
            self.rejected.duplicate += 1;
            return Ok(());
        }
        if self.context.job.limits.samples.is_some_and(|limit| self.counts.kept > limit) {
            // Counted to the end, so that the report tells how many there are.
            return Ok(());
        }
        let Some(series) = self.memory.line(position).map(|line| line.series) else { return Ok(()) };
        let mut result = self.append(series, point, moment);
        if let Err(StoreError::UnknownSeries(_)) = &result {
            if !self.resolve_again(position, origin)? {
                return Ok(());
            }
            let Some(series) = self.memory.line(position).map(|line| line.series) else { return Ok(()) };
            result = self.append(series, point, moment);
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
            Err(error) => {
                // The scrape ends with this sample, which is none then.
                self.counts.kept -= 1;
                return Err(error.into());
            }
        }
        self.stored(position, moment, origin);
        Ok(())
    }

    /// Notes that a sample of a line was stored.
    fn stored(&mut self, position: usize, moment: Moment, origin: Origin<'_, '_>) {
        let Some(line) = self.memory.line_mut(position) else { return };
        line.own_time = moment.own_time.is_some();
        let is_new = !std::mem::replace(&mut line.stored, true);
        let series = line.series;
        self.counts.added += u64::from(is_new);
        if !self.declared_metric.is_empty()
            && (is_new || self.declared_news)
            && let Origin::Line(parser) = origin
            && self.is_of_declared_metric(parser)
            && let Some(metadata) = self.context.target.metadata(&self.declared_metric)
            && let Err(error) = self.appender.update_metadata(series, &metadata)
        {
            tracing::debug!(target = self.context.target.scrape_url(), err = %error, "error when updating metadata");
        }
    }

    /// Whether the parser's last series belongs to the metric that was declared last.
    fn is_of_declared_metric(&self, parser: &Parser<'_>) -> bool {
        let mut is_of = false;
        let visited = parser.labels(&mut |name, value| {
            if name == model::labels::METRIC_NAME {
                let suffix = value.strip_prefix(self.declared_metric.as_str());
                is_of = matches!(
                    suffix,
                    Some(
                        "" | "_total"
                            | "_bucket"
                            | "_sum"
                            | "_count"
                            | "_info"
                            | "_created"
                            | "_gsum"
                            | "_gcount"
                    )
                );
            }
        });
        visited.is_ok() && is_of
    }

    fn append(&mut self, series: SeriesRef, point: Point<'_>, moment: Moment) -> Result<(), StoreError> {
        let time = moment.own_time.unwrap_or(self.time);
        if self.is_too_far_ahead(time) {
            return Err(StoreError::OutOfBounds);
        }
        if self.context.features.start_timestamp_zeros
            && let Some(start) = moment.start
        {
            let like = match point {
                Point::Float(_) => None,
                Point::Histogram(histogram) => Some(histogram),
            };
            // Best effort: the zero is there already in every scrape but the first.
            if let Err(error @ StoreError::UnknownSeries(_)) =
                self.appender.append_start_zero(series, time, start, like)
            {
                return Err(error);
            }
        }
        let start = if self.context.features.start_timestamps { moment.start.unwrap_or(0) } else { 0 };
        match point {
            Point::Float(value) => self.appender.append(series, time, start, value),
            Point::Histogram(histogram) => self.appender.append_histogram(series, time, start, histogram),
        }
    }

    /// Adds exemplars of a native histogram: those without a time could stand for any moment and are left out.
    pub(super) fn append_native_exemplars(
        &mut self,
        position: usize,
        mut exemplars: Vec<Exemplar>,
        moment: Moment,
    ) {
        exemplars.retain(|exemplar| exemplar.timestamp.is_some());
        // Of one moment the store takes them by value only.
        exemplars.sort_by(|a, b| {
            let by_value = || a.value.total_cmp(&b.value).then_with(|| a.labels.cmp(&b.labels));
            a.timestamp.cmp(&b.timestamp).then_with(by_value)
        });
        exemplars.iter().for_each(|exemplar| self.append_exemplar(position, exemplar, moment));
    }

    /// Adds an exemplar; one without a time counts as made when its sample was. None is worth a failed scrape.
    pub(super) fn append_exemplar(&mut self, position: usize, exemplar: &Exemplar, moment: Moment) {
        let Some(series) = self.memory.line(position).map(|line| line.series) else { return };
        let time = moment.own_time.unwrap_or(self.time);
        match self.appender.append_exemplar(series, time, exemplar) {
            Ok(()) | Err(StoreError::DuplicateExemplar) => {}
            Err(StoreError::OutOfOrderExemplar) => self.rejected.exemplars += 1,
            Err(error) => {
                tracing::debug!(target = self.context.target.scrape_url(), err = %error, "error while adding exemplar");
            }
        }
    }
}
