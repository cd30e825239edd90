//! Batches: samples are checked as they come and applied at the commit.

use std::sync::Arc;

use model::{Exemplar, Labels, Metadata, SeriesRef};
use storage::{AppendOptions, Appender, Error, HistogramSample, Result};

use super::Head;
use super::commit::{Buffers, commit};
use super::series::{Bounds, Placement};

/// A batch for the head.
pub(crate) struct HeadAppender {
    head: Arc<Head>,
    options: AppendOptions,
    /// What times are taken, as of the first sample.
    bounds: Option<Bounds>,
    buffers: Buffers,
}

impl HeadAppender {
    pub(crate) fn new(head: Arc<Head>, options: AppendOptions) -> Self {
        head.memory.metrics.active_appenders.inc();
        let buffers = head.take_buffers();
        Self { head, options, bounds: None, buffers }
    }

    fn bounds(&mut self, timestamp: i64) -> Bounds {
        let memory = &self.head.memory;
        let mut bounds = *self.bounds.get_or_insert_with(|| memory.bounds(timestamp));
        if self.options.discard_out_of_order {
            bounds.out_of_order_from = None;
        }
        bounds
    }

    fn count(&self, error: &Error) {
        let metrics = &self.head.memory.metrics;
        match error {
            Error::OutOfOrder => metrics.out_of_order.with(&["float"]).inc(),
            Error::OutOfBounds => metrics.out_of_bounds.with(&["float"]).inc(),
            Error::TooOld => metrics.too_old.with(&["float"]).inc(),
            Error::UnknownSeries(_) => metrics.series_not_found.inc(),
            _ => {}
        }
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
        self.head.memory.series(labels)
    }

    fn append(&mut self, series: SeriesRef, timestamp: i64, start_timestamp: i64, value: f64) -> Result<()> {
        // Start timestamps are kept by the encodings of the feature `st-storage` alone.
        let _ = start_timestamp;
        let bounds = self.bounds(timestamp);
        let checked = self
            .head
            .memory
            .pages
            .read(series, |series| (series.check_float(timestamp, value, bounds), series.is_logged()));
        let (placement, logged) = match checked {
            Some((Ok(placement), logged)) => (placement, logged),
            Some((Err(error), _)) => {
                self.count(&error);
                return Err(error);
            }
            None => {
                let error = Error::UnknownSeries(series.0);
                self.count(&error);
                return Err(error);
            }
        };
        if placement == Placement::InOrder {
            if !logged {
                self.note_unlogged(series);
            }
            self.buffers.samples.push(series, timestamp, value);
        }
        Ok(())
    }

    fn append_histogram(
        &mut self,
        _series: SeriesRef,
        _timestamp: i64,
        _start_timestamp: i64,
        _histogram: HistogramSample<'_>,
    ) -> Result<()> {
        Err(Error::Unsupported("native histograms"))
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
        if like.is_some() {
            return Err(Error::Unsupported("native histograms"));
        }
        let bounds = self.bounds(timestamp);
        let checked = self.head.memory.pages.read(series, |series| {
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
        self.buffers.samples.push(series, start_timestamp, 0.0);
        Ok(())
    }

    fn append_exemplar(&mut self, _series: SeriesRef, _exemplar: &Exemplar) -> Result<()> {
        Err(Error::ExemplarsDisabled)
    }

    fn update_metadata(&mut self, series: SeriesRef, metadata: &Metadata) -> Result<()> {
        let logged = self.head.memory.pages.read(series, super::series::Series::is_logged);
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

    fn commit(mut self: Box<Self>) -> Result<()> {
        commit(&self.head, &mut self.buffers)
    }

    fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
