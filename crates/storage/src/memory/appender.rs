//! Batches of the in-memory store.

use std::sync::Arc;

use model::labels::METRIC_NAME;
use model::{Exemplar, FloatHistogram, Labels, Metadata, SeriesRef};

use super::{MemoryStore, hints, position};
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
    exemplars: Vec<(SeriesRef, Exemplar)>,
}

impl MemoryAppender {
    pub(super) fn new(store: MemoryStore) -> Self {
        Self { store, pending: Vec::new(), exemplars: Vec::new() }
    }

    fn check_series(&self, series: SeriesRef) -> Result<()> {
        let known = position(series).is_some_and(|position| position < self.store.series_count());
        if known { Ok(()) } else { Err(Error::UnknownSeries(series.0)) }
    }

    fn push(&mut self, series: SeriesRef, timestamp: i64, start_timestamp: i64, value: Value) -> Result<()> {
        self.check_series(series)?;
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
            HistogramSample::Int(histogram) => histogram.validate().map(|()| histogram.to_float()),
            HistogramSample::Float(histogram) => histogram.validate().map(|()| histogram.clone()),
        };
        let histogram = histogram.map_err(|error| Error::InvalidHistogram(error.to_string()))?;
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

    fn append_exemplar(&mut self, series: SeriesRef, timestamp: i64, exemplar: &Exemplar) -> Result<()> {
        self.check_series(series)?;
        let timestamp = Some(exemplar.timestamp.unwrap_or(timestamp));
        self.exemplars.push((series, Exemplar { timestamp, ..exemplar.clone() }));
        Ok(())
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
        for (series, exemplar) in self.exemplars {
            let exemplars = state.exemplars.entry(series).or_default();
            if !exemplars.contains(&exemplar) {
                let place = exemplars.partition_point(|other| other.timestamp <= exemplar.timestamp);
                exemplars.insert(place, exemplar);
            }
        }
        Ok(())
    }

    fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// Puts a sample where it belongs; at a time that is taken, by whichever kind, the later one stays.
fn insert(columns: &mut SampleColumns, timestamp: i64, start_timestamp: i64, value: Value) {
    let histograms = &mut columns.histograms;
    match value {
        Value::Float(value) => {
            let column = (&mut columns.timestamps, &mut columns.start_timestamps, &mut columns.values);
            put(column, timestamp, start_timestamp, value);
            remove(
                (&mut histograms.timestamps, &mut histograms.start_timestamps, &mut histograms.values),
                timestamp,
            );
        }
        Value::Histogram(value) => {
            let column =
                (&mut histograms.timestamps, &mut histograms.start_timestamps, &mut histograms.values);
            put(column, timestamp, start_timestamp, value);
            remove((&mut columns.timestamps, &mut columns.start_timestamps, &mut columns.values), timestamp);
        }
    }
    // What is known of resets may have changed for the histogram at this time and for the one behind it.
    let place = columns.histograms.timestamps.partition_point(|time| *time < timestamp);
    hints::refresh(columns, place);
    hints::refresh(columns, place + 1);
}

/// Times, start times (none, or one for each time) and values of one kind.
type Column<'a, T> = (&'a mut Vec<i64>, &'a mut Vec<i64>, &'a mut Vec<T>);

fn put<T>((timestamps, starts, values): Column<'_, T>, timestamp: i64, start_timestamp: i64, value: T) {
    if start_timestamp != 0 && starts.is_empty() {
        starts.resize(timestamps.len(), 0);
    }
    let has_starts = start_timestamp != 0 || !starts.is_empty();
    match timestamps.binary_search(&timestamp) {
        Ok(place) => {
            values[place] = value;
            if has_starts {
                starts[place] = start_timestamp;
            }
        }
        Err(place) => {
            timestamps.insert(place, timestamp);
            values.insert(place, value);
            if has_starts {
                starts.insert(place, start_timestamp);
            }
        }
    }
}

fn remove<T>((timestamps, starts, values): Column<'_, T>, timestamp: i64) {
    if let Ok(place) = timestamps.binary_search(&timestamp) {
        timestamps.remove(place);
        values.remove(place);
        if !starts.is_empty() {
            starts.remove(place);
        }
    }
}
