//! Series of another store, held as they came.

use std::sync::Arc;

use chunks::Encoding;
use chunks::recode::{self, Sample, Value};
use model::{Annotations, Labels};
use storage::merge::merge_columns;
use storage::{EncodedChunk, Error, Result, SampleColumns, SeriesSet, TimeRange};

/// The samples of a series.
#[derive(Debug, Clone)]
pub(super) enum Held {
    /// As columns.
    Columns(SampleColumns),
    /// As chunks, sorted by time; they may overlap.
    Chunks(Vec<EncodedChunk>),
}

/// Series that a store has answered with, or the word that it has not.
pub(super) struct RemoteSeries {
    labels: Arc<[Labels]>,
    held: Vec<Held>,
    range: TimeRange,
    annotations: Annotations,
}

impl RemoteSeries {
    pub(super) fn new(series: Vec<(Labels, Held)>, range: TimeRange) -> Self {
        let (labels, held): (Vec<Labels>, Vec<Held>) = series.into_iter().unzip();
        Self { labels: labels.into(), held, range, annotations: Annotations::new() }
    }

    /// No series, and why.
    pub(super) fn failed(warning: String) -> Self {
        let mut annotations = Annotations::new();
        annotations.warn(warning);
        Self { labels: Arc::new([]), held: Vec::new(), range: TimeRange::ALL, annotations }
    }

    fn within(&self, range: TimeRange) -> TimeRange {
        TimeRange::new(range.start.max(self.range.start), range.end.min(self.range.end))
    }
}

impl SeriesSet for RemoteSeries {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn labels(&self, position: usize) -> Labels {
        self.labels.get(position).cloned().unwrap_or_default()
    }

    fn all_labels(&self) -> Result<Arc<[Labels]>> {
        Ok(Arc::clone(&self.labels))
    }

    fn read(&self, position: usize, range: TimeRange, out: &mut SampleColumns) -> Result<()> {
        let range = self.within(range);
        match self.held.get(position) {
            Some(Held::Columns(columns)) => push_within(columns, range, out),
            Some(Held::Chunks(chunks)) => {
                let mut all = SampleColumns::new();
                for chunk in
                    chunks.iter().filter(|chunk| chunk.start <= range.end && range.start <= chunk.end)
                {
                    merge_columns(&mut all, decoded(chunk)?);
                }
                push_within(&all, range, out);
            }
            None => {}
        }
        Ok(())
    }

    fn chunks(&self, position: usize, range: TimeRange) -> Result<Vec<EncodedChunk>> {
        let range = self.within(range);
        match self.held.get(position) {
            Some(Held::Chunks(chunks)) => {
                let within = |chunk: &&EncodedChunk| chunk.start <= range.end && range.start <= chunk.end;
                Ok(chunks.iter().filter(within).cloned().collect())
            }
            Some(Held::Columns(columns)) => encoded(columns, range),
            None => Ok(Vec::new()),
        }
    }

    fn annotations(&self) -> Annotations {
        self.annotations.clone()
    }
}

/// The samples of a chunk as columns.
fn decoded(chunk: &EncodedChunk) -> Result<SampleColumns> {
    let damaged = |error: chunks::Error| Error::Corrupt(format!("chunk of remote read: {error}"));
    let encoding = Encoding::from_id(chunk.encoding).map_err(damaged)?;
    let mut out = SampleColumns::new();
    if encoding.holds_floats() {
        let mut starts = Vec::new();
        chunks::decode_floats(encoding, &chunk.data, &mut out.timestamps, &mut out.values, &mut starts)
            .map_err(damaged)?;
        if starts.iter().any(|start| *start != 0) {
            out.start_timestamps = starts;
        }
    } else {
        chunks::histogram::decode_as_float(encoding, &chunk.data, |time, start, histogram| {
            out.push_histogram(time, start, histogram);
        })
        .map_err(damaged)?;
    }
    Ok(out)
}

fn push_within(columns: &SampleColumns, range: TimeRange, out: &mut SampleColumns) {
    let starts = columns.start_timestamps.iter().copied().chain(std::iter::repeat(0));
    for ((time, value), start) in columns.timestamps.iter().zip(&columns.values).zip(starts) {
        if range.contains(*time) {
            out.push_float(*time, start, *value);
        }
    }
    let column = &columns.histograms;
    let starts = column.start_timestamps.iter().copied().chain(std::iter::repeat(0));
    for ((time, value), start) in column.timestamps.iter().zip(&column.values).zip(starts) {
        if range.contains(*time) {
            out.push_histogram(*time, start, value.clone());
        }
    }
}

fn encoded(columns: &SampleColumns, range: TimeRange) -> Result<Vec<EncodedChunk>> {
    let mut samples: Vec<Sample> = Vec::with_capacity(columns.len());
    let mut add = |timestamp: i64, value: Value| {
        if range.contains(timestamp) {
            samples.push(Sample { timestamp, start: 0, value });
        }
    };
    for (time, value) in columns.timestamps.iter().zip(&columns.values) {
        add(*time, Value::Float(*value));
    }
    for (time, value) in columns.histograms.timestamps.iter().zip(&columns.histograms.values) {
        add(*time, Value::FloatHistogram(Box::new(value.clone())));
    }
    samples.sort_by_key(|sample| sample.timestamp);
    let chunks = recode::encode(&samples).map_err(Error::internal)?;
    let made = chunks.into_iter().map(|chunk| EncodedChunk {
        start: chunk.start,
        end: chunk.end,
        encoding: chunk.encoding.id(),
        data: chunk.data.into_owned(),
    });
    Ok(made.collect())
}
