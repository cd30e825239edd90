//! Histogram samples of both kinds, with and without start timestamps.

use std::ops::Range;

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

    /// A part of the histograms: series, time, start time, histogram.
    pub fn part(&self, part: Range<usize>) -> impl Iterator<Item = (SeriesRef, i64, i64, &H)> {
        let heads = self.refs.iter().zip(&self.timestamps).zip(&self.start_timestamps);
        let all = heads.zip(&self.histograms).take(part.end).skip(part.start);
        all.map(|(((series, timestamp), start), histogram)| (*series, *timestamp, *start, histogram))
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

/// A kind of histogram that records hold.
pub trait RecordHistogram: sealed::Sealed {}

impl RecordHistogram for Histogram {}
impl RecordHistogram for FloatHistogram {}

/// What the encoder needs to know of a kind.
mod sealed {
    use super::*;

    pub trait Sealed: Sized {
        const EXPONENTIAL: RecordType;
        const CUSTOM: RecordType;
        const WITH_STARTS: RecordType;
        fn is_custom(&self) -> bool;
        fn put(&self, out: &mut Vec<u8>);
    }

    impl Sealed for Histogram {
        const EXPONENTIAL: RecordType = RecordType::Histograms;
        const CUSTOM: RecordType = RecordType::CustomHistograms;
        const WITH_STARTS: RecordType = RecordType::HistogramsV2;

        fn is_custom(&self) -> bool {
            self.has_custom_buckets()
        }

        fn put(&self, out: &mut Vec<u8>) {
            put(out, self);
        }
    }

    impl Sealed for FloatHistogram {
        const EXPONENTIAL: RecordType = RecordType::FloatHistograms;
        const CUSTOM: RecordType = RecordType::CustomFloatHistograms;
        const WITH_STARTS: RecordType = RecordType::FloatHistogramsV2;

        fn is_custom(&self) -> bool {
            self.has_custom_buckets()
        }

        fn put(&self, out: &mut Vec<u8>) {
            put_float_histogram(out, self);
        }
    }
}

/// Calls `push` with the records of a part of the columns: of the version with start timestamps where one has
/// such, else one of those that all releases read for exponential and one for custom buckets.
///
/// # Errors
/// The first error of `push`.
pub fn encode_histograms<H: RecordHistogram, E>(
    columns: &HistogramColumns<H>,
    part: Range<usize>,
    mut push: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut record = Vec::new();
    let starts = columns.start_timestamps.get(part.clone()).unwrap_or(&columns.start_timestamps);
    if starts.iter().any(|start| *start != 0) {
        put_started(columns, part, &mut record);
        return push(&record);
    }
    for (kind, custom) in [(H::EXPONENTIAL, false), (H::CUSTOM, true)] {
        record.clear();
        let mut base = None;
        for (series, timestamp, _, histogram) in columns.part(part.clone()) {
            if histogram.is_custom() != custom {
                continue;
            }
            let base = *base.get_or_insert_with(|| {
                let base = Base::at(series, timestamp);
                record.push(kind.code());
                base.write(&mut record);
                base
            });
            base.put(&mut record, series, timestamp);
            histogram.put(&mut record);
        }
        if !record.is_empty() {
            push(&record)?;
        }
    }
    Ok(())
}

fn put_started<H: RecordHistogram>(columns: &HistogramColumns<H>, part: Range<usize>, record: &mut Vec<u8>) {
    record.push(H::WITH_STARTS.code());
    let mut starts = StartedEntries::default();
    for (series, timestamp, start, histogram) in columns.part(part) {
        starts.put(record, series, timestamp, start);
        histogram.put(record);
    }
}
