//! Batches of the in-memory store.

use std::sync::Arc;

use model::labels::METRIC_NAME;
use model::{Exemplar, FloatHistogram, Labels, Metadata, SeriesRef};

use super::{MemoryStore, position};
use crate::{Appender, Error, HistogramSample, Result, SampleColumns};

enum Value {
    Float(f64),
    Histogram(FloatHistogram),
}

struct Pending {
    series: SeriesRef,
    timestamp: i64,
    start_timestamp: i64,
    value: Value,
}

pub(super) struct MemoryAppender {
    store: MemoryStore,
    pending: Vec<Pending>,
}

impl MemoryAppender {
    pub(super) fn new(store: MemoryStore) -> Self {
        Self { store, pending: Vec::new() }
    }

    fn push(&mut self, series: SeriesRef, timestamp: i64, start_timestamp: i64, value: Value) -> Result<()> {
        let known = position(series).is_some_and(|position| position < self.store.series_count());
        if !known {
            return Err(Error::UnknownSeries(series.0));
        }
        self.pending.push(Pending { series, timestamp, start_timestamp, value });
        Ok(())
    }
}

impl Appender for MemoryAppender {
    fn series(&mut self, labels: &Labels) -> Result<SeriesRef> {
        if labels.get(METRIC_NAME).is_none() && labels.is_empty() {
            return Err(Error::InvalidLabels("empty labelset: invalid sample".to_owned()));
        }
        let mut state = self.store.state.write();
        if let Some(series) = state.by_labels.get(labels) {
            return Ok(*series);
        }
        state.series.push(Arc::default());
        let series = SeriesRef(state.series.len() as u64);
        state.by_labels.insert(labels.clone(), series);
        Ok(series)
    }

    fn append(&mut self, series: SeriesRef, timestamp: i64, start_timestamp: i64, value: f64) -> Result<()> {
        self.push(series, timestamp, start_timestamp, Value::Float(value))
    }

    fn append_histogram(
        &mut self,
        series: SeriesRef,
        timestamp: i64,
        start_timestamp: i64,
        histogram: HistogramSample<'_>,
    ) -> Result<()> {
        let histogram = match histogram {
            HistogramSample::Int(histogram) => histogram.to_float(),
            HistogramSample::Float(histogram) => histogram.clone(),
        };
        self.push(series, timestamp, start_timestamp, Value::Histogram(histogram))
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
        let value = match like {
            None => Value::Float(0.0),
            Some(_) => Value::Histogram(FloatHistogram::default()),
        };
        self.push(series, start_timestamp, 0, value)
    }

    fn append_exemplar(&mut self, _series: SeriesRef, _exemplar: &Exemplar) -> Result<()> {
        Err(Error::ExemplarsDisabled)
    }

    fn update_metadata(&mut self, _series: SeriesRef, _metadata: &Metadata) -> Result<()> {
        Err(Error::Unsupported("metadata"))
    }

    fn commit(self: Box<Self>) -> Result<()> {
        let mut state = self.store.state.write();
        for sample in self.pending {
            let columns = position(sample.series).and_then(|position| state.series.get_mut(position));
            let Some(columns) = columns else { return Err(Error::UnknownSeries(sample.series.0)) };
            insert(Arc::make_mut(columns), sample.timestamp, sample.start_timestamp, sample.value);
        }
        Ok(())
    }

    fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// Puts a sample where it belongs; at a time that is taken the later one stays.
fn insert(columns: &mut SampleColumns, timestamp: i64, start_timestamp: i64, value: Value) {
    let (timestamps, starts) = match value {
        Value::Float(_) => (&mut columns.timestamps, &mut columns.start_timestamps),
        Value::Histogram(_) => (&mut columns.histograms.timestamps, &mut columns.histograms.start_timestamps),
    };
    if start_timestamp != 0 && starts.is_empty() {
        starts.resize(timestamps.len(), 0);
    }
    let has_starts = !starts.is_empty() || start_timestamp != 0;
    let found = timestamps.binary_search(&timestamp);
    let (Ok(place) | Err(place)) = found;
    if found.is_err() {
        timestamps.insert(place, timestamp);
        if has_starts {
            starts.insert(place, start_timestamp);
        }
    } else if let Some(start) = starts.get_mut(place) {
        *start = start_timestamp;
    }
    match value {
        Value::Float(value) => put(&mut columns.values, place, value, found.is_ok()),
        Value::Histogram(value) => put(&mut columns.histograms.values, place, value, found.is_ok()),
    }
}

fn put<T>(values: &mut Vec<T>, place: usize, value: T, replace: bool) {
    match values.get_mut(place) {
        Some(present) if replace => *present = value,
        _ => values.insert(place, value),
    }
}
