//! Histogram samples of both kinds, with and without start timestamps.

use model::{FloatHistogram, Histogram, SeriesRef};

use super::RecordType;
use super::cursor::{Cursor, DecodeError};
use super::histogram::{put, put_float_histogram, read, read_float};
use super::samples::{Base, StartedEntries, retain};

/// Histograms as columns of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramColumns<H> {
    /// Which series.
    pub refs: Vec<SeriesRef>,
    /// When, in milliseconds since the Unix epoch.
    pub timestamps: Vec<i64>,
    /// Since when the histogram has counted; 0 for not known.
    pub start_timestamps: Vec<i64>,
    /// The histograms.
    pub histograms: Vec<H>,
}

impl<H> Default for HistogramColumns<H> {
    fn default() -> Self {
        let (refs, timestamps, start_timestamps) = (Vec::new(), Vec::new(), Vec::new());
        Self { refs, timestamps, start_timestamps, histograms: Vec::new() }
    }
}

impl<H> HistogramColumns<H> {
    /// Adds a histogram; a start timestamp of 0 for one that is not known.
    pub fn push(&mut self, series: SeriesRef, timestamp: i64, start: i64, histogram: H) {
        self.refs.push(series);
        self.timestamps.push(timestamp);
        self.start_timestamps.push(start);
        self.histograms.push(histogram);
    }

    /// The number of histograms.
    pub fn len(&self) -> usize {
        self.refs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.refs.is_empty()
    }

    /// Removes the histograms before a time.
    pub fn retain_from(&mut self, min_time: i64) {
        let kept: Vec<bool> = self.timestamps.iter().map(|timestamp| *timestamp >= min_time).collect();
        retain(&mut self.refs, &kept);
        retain(&mut self.timestamps, &kept);
        retain(&mut self.start_timestamps, &kept);
        retain(&mut self.histograms, &kept);
    }

    /// Removes all histograms, keeping the memory.
    pub fn clear(&mut self) {
        self.refs.clear();
        self.timestamps.clear();
        self.start_timestamps.clear();
        self.histograms.clear();
    }
}

/// Appends the histograms of a record with whole counts to `out`.
///
/// # Errors
/// [`DecodeError`] where the record makes no sense; the histograms before that place were appended.
pub fn decode_histograms(record: &[u8], out: &mut HistogramColumns<Histogram>) -> Result<(), DecodeError> {
    let types = [RecordType::Histograms, RecordType::CustomHistograms, RecordType::HistogramsV2];
    decode(record, &types, RecordType::HistogramsV2, out, read)
}

/// Appends the histograms of a record with fractional counts to `out`.
///
/// # Errors
/// As [`decode_histograms`].
pub fn decode_float_histograms(
    record: &[u8],
    out: &mut HistogramColumns<FloatHistogram>,
) -> Result<(), DecodeError> {
    let types =
        [RecordType::FloatHistograms, RecordType::CustomFloatHistograms, RecordType::FloatHistogramsV2];
    decode(record, &types, RecordType::FloatHistogramsV2, out, read_float)
}

fn decode<H>(
    record: &[u8],
    types: &[RecordType],
    with_starts: RecordType,
    out: &mut HistogramColumns<H>,
    read: impl Fn(&mut Cursor<'_>) -> Result<H, DecodeError>,
) -> Result<(), DecodeError> {
    let mut cursor = Cursor::open(record, types)?;
    if RecordType::of(record) == Some(with_starts) {
        let mut starts = StartedEntries::default();
        while !cursor.is_empty() {
            let (series, timestamp, start) = starts.next(&mut cursor)?;
            out.push(series, timestamp, start, read(&mut cursor)?);
        }
    } else if !cursor.is_empty() {
        let base = Base::read(&mut cursor)?;
        while !cursor.is_empty() {
            let (series, timestamp) = base.next(&mut cursor)?;
            out.push(series, timestamp, 0, read(&mut cursor)?);
        }
    }
    Ok(())
}

/// Appends a record of histograms with whole counts to `out`; nothing where there is none.
///
/// The record is of the version with start timestamps where one has such, and of the ones that all releases read
/// where none has; for those either all histograms have custom buckets or none has, since readers expect two
/// records.
pub fn encode_histograms(columns: &HistogramColumns<Histogram>, out: &mut Vec<u8>) {
    let custom = columns.histograms.first().is_some_and(Histogram::has_custom_buckets);
    let kind = if custom { RecordType::CustomHistograms } else { RecordType::Histograms };
    encode(columns, kind, RecordType::HistogramsV2, out, put);
}

/// Appends a record of histograms with fractional counts to `out`, as [`encode_histograms`] does.
pub fn encode_float_histograms(columns: &HistogramColumns<FloatHistogram>, out: &mut Vec<u8>) {
    let custom = columns.histograms.first().is_some_and(FloatHistogram::has_custom_buckets);
    let kind = if custom { RecordType::CustomFloatHistograms } else { RecordType::FloatHistograms };
    encode(columns, kind, RecordType::FloatHistogramsV2, out, put_float_histogram);
}

fn encode<H>(
    columns: &HistogramColumns<H>,
    kind: RecordType,
    with_starts: RecordType,
    out: &mut Vec<u8>,
    put: impl Fn(&mut Vec<u8>, &H),
) {
    let Some(base) = Base::of(&columns.refs, &columns.timestamps) else { return };
    let heads = columns.refs.iter().zip(&columns.timestamps);
    if columns.start_timestamps.iter().any(|start| *start != 0) {
        out.push(with_starts.code());
        let mut starts = StartedEntries::default();
        for ((series, timestamp), (start, histogram)) in
            heads.zip(columns.start_timestamps.iter().zip(&columns.histograms))
        {
            starts.put(out, *series, *timestamp, *start);
            put(out, histogram);
        }
        return;
    }
    out.push(kind.code());
    base.write(out);
    for ((series, timestamp), histogram) in heads.zip(&columns.histograms) {
        base.put(out, *series, *timestamp);
        put(out, histogram);
    }
}
