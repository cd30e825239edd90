//! Float samples, with and without start timestamps.

use model::SeriesRef;

use super::RecordType;
use super::cursor::{Cursor, DecodeError, put_be64, put_float, put_uvarint, put_varint, zigzag};

const NO_START: u8 = 0;
const SAME_START: u8 = 1;
const EXPLICIT_START: u8 = 2;

/// Float samples as columns of equal length.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Samples {
    /// Which series.
    pub refs: Vec<SeriesRef>,
    /// When, in milliseconds since the Unix epoch.
    pub timestamps: Vec<i64>,
    /// Since when the counter has counted; 0 for not known.
    pub start_timestamps: Vec<i64>,
    /// The values.
    pub values: Vec<f64>,
}

impl Samples {
    /// Adds a sample without a start timestamp.
    #[inline]
    pub fn push(&mut self, series: SeriesRef, timestamp: i64, value: f64) {
        self.push_with_start(series, timestamp, 0, value);
    }

    /// Adds a sample.
    #[inline]
    pub fn push_with_start(&mut self, series: SeriesRef, timestamp: i64, start: i64, value: f64) {
        self.refs.push(series);
        self.timestamps.push(timestamp);
        self.start_timestamps.push(start);
        self.values.push(value);
    }

    /// Adds samples without start timestamps: columns of one length.
    #[inline]
    pub fn extend_plain(&mut self, refs: &[SeriesRef], timestamps: &[i64], values: &[f64]) {
        let len = refs.len().min(timestamps.len()).min(values.len());
        self.refs.extend_from_slice(refs.get(..len).unwrap_or_default());
        self.timestamps.extend_from_slice(timestamps.get(..len).unwrap_or_default());
        self.start_timestamps.resize(self.start_timestamps.len() + len, 0);
        self.values.extend_from_slice(values.get(..len).unwrap_or_default());
    }

    /// Makes room for so many more samples.
    pub fn reserve(&mut self, samples: usize) {
        self.refs.reserve(samples);
        self.timestamps.reserve(samples);
        self.start_timestamps.reserve(samples);
        self.values.reserve(samples);
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.refs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.refs.is_empty()
    }

    /// A part of the samples, cut at the end.
    pub fn slice(&self, range: std::ops::Range<usize>) -> SamplesSlice<'_> {
        let end = range.end.min(self.len());
        let range = range.start.min(end)..end;
        SamplesSlice {
            refs: self.refs.get(range.clone()).unwrap_or_default(),
            timestamps: self.timestamps.get(range.clone()).unwrap_or_default(),
            start_timestamps: self.start_timestamps.get(range.clone()).unwrap_or_default(),
            values: self.values.get(range).unwrap_or_default(),
        }
    }

    /// Removes the samples before a time.
    pub fn retain_from(&mut self, min_time: i64) {
        let kept: Vec<bool> = self.timestamps.iter().map(|timestamp| *timestamp >= min_time).collect();
        retain(&mut self.refs, &kept);
        retain(&mut self.timestamps, &kept);
        retain(&mut self.start_timestamps, &kept);
        retain(&mut self.values, &kept);
    }

    /// Removes all samples, keeping the memory.
    pub fn clear(&mut self) {
        self.refs.clear();
        self.timestamps.clear();
        self.start_timestamps.clear();
        self.values.clear();
    }
}

/// A part of [`Samples`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplesSlice<'a> {
    refs: &'a [SeriesRef],
    timestamps: &'a [i64],
    start_timestamps: &'a [i64],
    values: &'a [f64],
}

impl<'a> SamplesSlice<'a> {
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.refs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.refs.is_empty()
    }

    /// Whether one of them has a start timestamp.
    pub(super) fn has_starts(&self) -> bool {
        self.start_timestamps.iter().any(|start| *start != 0)
    }

    pub(super) fn refs(&self) -> &'a [SeriesRef] {
        self.refs
    }

    pub(super) fn timestamps(&self) -> &'a [i64] {
        self.timestamps
    }

    pub(super) fn values(&self) -> &'a [f64] {
        self.values
    }
}

impl<'a> From<&'a Samples> for SamplesSlice<'a> {
    fn from(samples: &'a Samples) -> Self {
        samples.slice(0..samples.len())
    }
}

/// Appends the samples of a record of either version to `out`.
///
/// # Errors
/// [`DecodeError`] where the record makes no sense; the samples before that place were appended.
pub fn decode_samples(record: &[u8], out: &mut Samples) -> Result<(), DecodeError> {
    let mut cursor = Cursor::open(record, &[RecordType::Samples, RecordType::SamplesV2])?;
    if RecordType::of(record) == Some(RecordType::SamplesV2) {
        let mut starts = StartedEntries::default();
        while !cursor.is_empty() {
            let (series, timestamp, start) = starts.next(&mut cursor)?;
            out.push_with_start(series, timestamp, start, cursor.float("a value")?);
        }
    } else if !cursor.is_empty() {
        let base = Base::read(&mut cursor)?;
        while !cursor.is_empty() {
            let (series, timestamp) = base.next(&mut cursor)?;
            out.push(series, timestamp, cursor.float("a value")?);
        }
    }
    Ok(())
}

/// Appends a record of the samples to `out`: of the second version where one of them has a start timestamp,
/// of the first, which all releases read, where none has. Nothing where there is no sample.
pub fn encode_samples<'a>(samples: impl Into<SamplesSlice<'a>>, out: &mut Vec<u8>) {
    let samples = samples.into();
    let Some(base) = Base::of(samples.refs, samples.timestamps) else { return };
    let heads = samples.refs.iter().zip(samples.timestamps);
    if samples.has_starts() {
        out.push(RecordType::SamplesV2.code());
        let mut starts = StartedEntries::default();
        for ((series, timestamp), (start, value)) in
            heads.zip(samples.start_timestamps.iter().zip(samples.values))
        {
            starts.put(out, *series, *timestamp, *start);
            put_float(out, *value);
        }
        return;
    }
    out.push(RecordType::Samples.code());
    base.write(out);
    out.reserve(samples.refs.len() * MODEST_ENTRY_BYTES);
    for ((series, timestamp), value) in heads.zip(samples.values) {
        base.put_sample(out, *series, *timestamp, *value);
    }
}

/// What an entry takes whose series and time are near to those of the first.
const MODEST_ENTRY_BYTES: usize = 11;

/// Keeps the elements that are marked.
pub(super) fn retain<T>(column: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    column.retain(|_| kept.next().copied().unwrap_or(false));
}

/// The reference and time that the entries of a record without start timestamps count from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base {
    series: u64,
    timestamp: i64,
}

impl Base {
    pub(super) fn of(refs: &[SeriesRef], timestamps: &[i64]) -> Option<Self> {
        Some(Self { series: refs.first()?.0, timestamp: *timestamps.first()? })
    }

    pub(super) fn at(series: SeriesRef, timestamp: i64) -> Self {
        Self { series: series.0, timestamp }
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let series = cursor.be64("the first series reference")?;
        let timestamp = cursor.be64("the first timestamp")? as i64;
        Ok(Self { series, timestamp })
    }

    #[inline]
    pub(super) fn next(self, cursor: &mut Cursor<'_>) -> Result<(SeriesRef, i64), DecodeError> {
        let series = self.series.wrapping_add_signed(cursor.varint("a series reference")?);
        let timestamp = self.timestamp.wrapping_add(cursor.varint("a timestamp")?);
        Ok((SeriesRef(series), timestamp))
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        put_be64(out, self.series);
        put_be64(out, self.timestamp as u64);
    }

    /// What a series and a time differ by from those that are counted from.
    #[inline]
    pub(super) fn deltas(self, series: SeriesRef, timestamp: i64) -> (i64, i64) {
        (series.0.wrapping_sub(self.series) as i64, timestamp.wrapping_sub(self.timestamp))
    }

    /// An entry and its value; most are written in one go.
    #[inline]
    fn put_sample(self, out: &mut Vec<u8>, series: SeriesRef, timestamp: i64, value: f64) {
        let series_delta = zigzag(series.0.wrapping_sub(self.series) as i64);
        let time_delta = zigzag(timestamp.wrapping_sub(self.timestamp));
        if series_delta < 0x4000 && time_delta < 0x80 {
            let [a, b, c, d, e, f, g, h] = value.to_bits().to_be_bytes();
            let (low, time) = (series_delta as u8, time_delta as u8);
            if series_delta < 0x80 {
                out.extend_from_slice(&[low, time, a, b, c, d, e, f, g, h]);
            } else {
                out.extend_from_slice(&[low | 0x80, (series_delta >> 7) as u8, time, a, b, c, d, e, f, g, h]);
            }
            return;
        }
        put_uvarint(out, series_delta);
        put_uvarint(out, time_delta);
        put_float(out, value);
    }

    pub(super) fn put(self, out: &mut Vec<u8>, series: SeriesRef, timestamp: i64) {
        put_varint(out, series.0.wrapping_sub(self.series) as i64);
        put_varint(out, timestamp.wrapping_sub(self.timestamp));
    }
}

/// Reads and writes the heads of entries that carry start timestamps.
#[derive(Debug, Default)]
pub(super) struct StartedEntries {
    first: Option<(i64, i64)>,
    previous_series: u64,
    previous_start: i64,
}

impl StartedEntries {
    pub(super) fn next(&mut self, cursor: &mut Cursor<'_>) -> Result<(SeriesRef, i64, i64), DecodeError> {
        let series = self.previous_series.wrapping_add_signed(cursor.varint("a series reference")?);
        let timestamp = cursor.varint("a timestamp")?;
        let (timestamp, start) = match self.first {
            None => {
                let start = cursor.varint("a start timestamp")?;
                self.first = Some((timestamp, start));
                (timestamp, start)
            }
            Some((first, first_start)) => {
                let start = match cursor.byte("a start timestamp marker")? {
                    NO_START => 0,
                    SAME_START => self.previous_start,
                    EXPLICIT_START => first_start.wrapping_add(cursor.varint("a start timestamp")?),
                    marker => return Err(DecodeError::StartMarker(marker)),
                };
                (first.wrapping_add(timestamp), start)
            }
        };
        self.previous_series = series;
        self.previous_start = start;
        Ok((SeriesRef(series), timestamp, start))
    }

    pub(super) fn put(&mut self, out: &mut Vec<u8>, series: SeriesRef, timestamp: i64, start: i64) {
        put_varint(out, series.0.wrapping_sub(self.previous_series) as i64);
        match self.first {
            None => {
                put_varint(out, timestamp);
                put_varint(out, start);
                self.first = Some((timestamp, start));
            }
            Some((first, first_start)) => {
                put_varint(out, timestamp.wrapping_sub(first));
                if start == 0 {
                    out.push(NO_START);
                } else if start == self.previous_start {
                    out.push(SAME_START);
                } else {
                    out.push(EXPLICIT_START);
                    put_varint(out, start.wrapping_sub(first_start));
                }
            }
        }
        self.previous_series = series.0;
        self.previous_start = start;
    }
}
