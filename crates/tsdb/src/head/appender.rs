//! Batches: samples are checked as they come and applied at the commit.

use std::sync::Arc;

use chunks::recode::{Sample, Value};
use model::{Exemplar, FloatHistogram, Histogram, Labels, Metadata, SeriesRef, is_stale_nan};
use storage::{AppendOptions, Appender, Error, FloatBatch, HistogramSample, RawKey, Result};
use wal::record::HistogramColumns;

use super::Head;
use super::commit::{Buffers, commit};
use super::kinds::{HeadHistogram, Kind};
use super::series::{Bounds, Placement, Series};
use super::sessions::Session;
use crate::exemplars::Offered;

/// A batch for the head.
pub(crate) struct HeadAppender {
    pub(super) head: Arc<Head>,
    options: AppendOptions,
    pub(super) session: Session,
    /// What times are taken, as of the first sample.
    bounds: Option<Bounds>,
    pub(super) buffers: Buffers,
}

impl HeadAppender {
    pub(crate) fn new(head: Arc<Head>, options: AppendOptions) -> Self {
        head.memory.metrics.active_appenders.inc();
        let buffers = head.take_buffers();
        let session = head.memory.appenders.begin();
        Self { head, options, session, bounds: None, buffers }
    }

    pub(super) fn bounds(&mut self, timestamp: i64) -> Bounds {
        let memory = &self.head.memory;
        let discard_out_of_order = self.options.discard_out_of_order;
        *self.bounds.get_or_insert_with(|| Bounds { discard_out_of_order, ..memory.bounds(timestamp) })
    }

    /// Notes by how much a sample comes out of order, whether it is taken or not.
    #[cold]
    fn note_delay(&self, newest: i64, timestamp: i64) {
        let delay = newest.saturating_sub(timestamp);
        if delay > 0 {
            self.head.memory.metrics.late.delay.observe(delay as f64 / 1000.0);
        }
    }

    #[cold]
    fn refuse(&self, error: Error, kind: Kind) -> Error {
        let metrics = &self.head.memory.metrics;
        let kind = if kind == Kind::Float { "float" } else { "histogram" };
        match error {
            Error::OutOfOrder => metrics.out_of_order.with(&[kind]).inc(),
            Error::OutOfBounds => metrics.out_of_bounds.with(&[kind]).inc(),
            Error::TooOld => metrics.late.too_old.with(&[kind]).inc(),
            Error::UnknownSeries(_) => metrics.series_not_found.inc(),
            _ => {}
        }
        error
    }

    /// The start time that is kept.
    fn kept_start(&self, start_timestamp: i64) -> i64 {
        if self.head.memory.settings().start_timestamps { start_timestamp } else { 0 }
    }

    /// Whether a sample of a series may be appended; notes the series where it goes to the log for the first time.
    fn check(
        &mut self,
        series: SeriesRef,
        timestamp: i64,
        kind: Kind,
        check: impl FnOnce(&Series, Bounds) -> Result<Placement>,
    ) -> Result<Placement> {
        let bounds = self.bounds(timestamp);
        let session = self.session.number();
        let checked = self.head.memory.pages.read(series, |series| {
            series.touch(session);
            (check(series, bounds), series.is_logged())
        });
        let (placement, logged) = checked.unwrap_or((Err(Error::UnknownSeries(series.0)), true));
        match placement {
            Ok(Placement::Late) | Err(Error::OutOfOrder | Error::OutOfBounds | Error::TooOld) => {
                self.note_delay(bounds.newest, timestamp);
            }
            Ok(Placement::InOrder | Placement::Repeated) | Err(_) => {}
        }
        let placement = placement.map_err(|error| self.refuse(error, kind))?;
        if placement != Placement::Repeated && !logged {
            self.note_unlogged(series);
        }
        Ok(placement)
    }

    fn append_kind<H: HeadHistogram>(
        &mut self,
        series: SeriesRef,
        time: (i64, i64),
        histogram: &H,
        columns: fn(&mut Buffers) -> &mut HistogramColumns<H>,
    ) -> Result<()> {
        histogram.check().map_err(Error::InvalidHistogram)?;
        let check = |series: &Series, bounds| series.check_histogram(time.0, histogram, bounds);
        let placement = self.check(series, time.0, H::KIND, check)?;
        let start = self.kept_start(time.1);
        match placement {
            Placement::InOrder => {
                columns(&mut self.buffers).push(series, time.0, start, histogram.clone());
                self.buffers.count(H::KIND);
            }
            Placement::Late => self.push_late(series, (time.0, start), histogram.clone().into_value()),
            Placement::Repeated => {}
        }
        Ok(())
    }

    #[cold]
    fn push_late(&mut self, series: SeriesRef, (timestamp, start): (i64, i64), value: Value) {
        self.buffers.late.push((series, Sample { timestamp, start, value }));
    }

    /// Notes a series whose labels the log does not hold yet.
    fn note_unlogged(&mut self, series: SeriesRef) {
        if self.buffers.unlogged.last() != Some(&series) {
            self.buffers.unlogged.push(series);
        }
    }
}

impl Drop for HeadAppender {
    fn drop(&mut self) {
        self.head.memory.metrics.active_appenders.dec();
        self.head.give_buffers(std::mem::take(&mut self.buffers));
    }
}

impl Appender for HeadAppender {
    fn series(&mut self, labels: &Labels) -> Result<SeriesRef> {
        self.head.memory.series(labels, self.session.number())
    }

    fn append(&mut self, series: SeriesRef, timestamp: i64, start_timestamp: i64, value: f64) -> Result<()> {
        if is_stale_nan(value) {
            // The end of a series of histograms is a histogram.
            let kind = self.head.memory.pages.read(series, Series::kind);
            let sum = value;
            match kind {
                Some(Kind::Histogram) => {
                    let end = Histogram { sum, ..Histogram::default() };
                    return self.append_histogram(series, timestamp, 0, HistogramSample::Int(&end));
                }
                Some(Kind::FloatHistogram) => {
                    let end = FloatHistogram { sum, ..FloatHistogram::default() };
                    return self.append_histogram(series, timestamp, 0, HistogramSample::Float(&end));
                }
                Some(Kind::Float) | None => {}
            }
        }
        let check = |series: &Series, bounds| series.check_float(timestamp, value, bounds);
        let placement = self.check(series, timestamp, Kind::Float, check)?;
        let start = self.kept_start(start_timestamp);
        match placement {
            Placement::InOrder => {
                self.buffers.floats.push_with_start(series, timestamp, start, value);
                self.buffers.count(Kind::Float);
            }
            Placement::Late => self.push_late(series, (timestamp, start), Value::Float(value)),
            Placement::Repeated => {}
        }
        Ok(())
    }

    fn append_floats(&mut self, batch: &FloatBatch, refused: &mut dyn FnMut(usize, Error)) {
        self.append_batch(batch, refused);
    }

    fn append_histogram(
        &mut self,
        series: SeriesRef,
        timestamp: i64,
        start_timestamp: i64,
        histogram: HistogramSample<'_>,
    ) -> Result<()> {
        let time = (timestamp, start_timestamp);
        match histogram {
            HistogramSample::Int(histogram) => {
                self.append_kind(series, time, histogram, |buffers| &mut buffers.histograms)
            }
            HistogramSample::Float(histogram) => {
                self.append_kind(series, time, histogram, |buffers| &mut buffers.float_histograms)
            }
        }
    }

    fn append_start_zero(
        &mut self,
        series: SeriesRef,
        timestamp: i64,
        start_timestamp: i64,
        like: Option<HistogramSample<'_>>,
    ) -> Result<()> {
        if start_timestamp >= timestamp {
            return Err(Error::StartTimestampNewer);
        }
        let bounds = self.bounds(timestamp);
        let session = self.session.number();
        let checked = self.head.memory.pages.read(series, |series| {
            series.touch(session);
            let is_newer = series.last_time().is_none_or(|last| start_timestamp > last);
            (is_newer && start_timestamp >= bounds.min_valid, series.is_logged())
        });
        let (fits, logged) = checked.ok_or(Error::UnknownSeries(series.0))?;
        if !fits {
            return Err(Error::StartTimestampOutOfOrder);
        }
        if !logged {
            self.note_unlogged(series);
        }
        let buffers = &mut self.buffers;
        match like {
            None => {
                buffers.floats.push(series, start_timestamp, 0.0);
                buffers.count(Kind::Float);
            }
            Some(HistogramSample::Int(like)) => {
                buffers.histograms.push(series, start_timestamp, 0, like.zero_like());
                buffers.count(Kind::Histogram);
            }
            Some(HistogramSample::Float(like)) => {
                buffers.float_histograms.push(series, start_timestamp, 0, like.zero_like());
                buffers.count(Kind::FloatHistogram);
            }
        }
        Ok(())
    }

    fn append_exemplar(&mut self, series: SeriesRef, timestamp: i64, exemplar: &Exemplar) -> Result<()> {
        let memory = &self.head.memory;
        if !memory.exemplars.are_kept() {
            return Ok(());
        }
        let session = self.session.number();
        let logged = memory.pages.read(series, |series| {
            series.touch(session);
            series.is_logged()
        });
        let Some(logged) = logged else {
            return Err(self.refuse(Error::UnknownSeries(series.0), Kind::Float));
        };
        let exemplar = Offered::new(exemplar, timestamp);
        match memory.check_exemplar(series, &exemplar) {
            Ok(()) => {}
            Err(Error::DuplicateExemplar) => return Ok(()),
            Err(error) => return Err(error),
        }
        if !logged {
            self.note_unlogged(series);
        }
        self.buffers.exemplars.push((series, exemplar));
        Ok(())
    }

    fn update_metadata(&mut self, series: SeriesRef, metadata: &Metadata) -> Result<()> {
        let logged = self.head.memory.pages.read(series, Series::is_logged);
        let logged = logged.ok_or(Error::UnknownSeries(series.0))?;
        let known = self.head.memory.metadata.read().get(&series).is_some_and(|known| **known == *metadata);
        if !known {
            if !logged {
                self.note_unlogged(series);
            }
            self.buffers.metadata.push((series, metadata.clone()));
        }
        Ok(())
    }

    fn recall(&self, keys: &[RawKey], found: &mut Vec<SeriesRef>) {
        self.head.memory.raw.recall(keys, found);
    }

    fn remember(&self, known: &[(RawKey, SeriesRef)]) {
        let memory = &self.head.memory;
        let series = memory.labels.read().count();
        memory.raw.remember(known, series);
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        commit(&self.head, &mut self.buffers, self.bounds)?;
        self.head.memory.file_chunks_if_many();
        Ok(())
    }

    fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
