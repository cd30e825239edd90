//! Records of a chunk snapshot: what each series was when it was taken.
//!
//! They stand in the frames of a log of their own, and their types are their own.

use model::{FloatHistogram, Histogram, SeriesRef};

use super::cursor::{
    Cursor, DecodeError, LabelTexts, put_be64, put_float, put_text, put_uvarint, put_varint,
};
use super::histogram;
use super::{Exemplars, RecordType, Tombstone, decode_exemplars, encode_exemplars};

const SERIES: u8 = 1;
const TOMBSTONES: u8 = 2;
const EXEMPLARS: u8 = 3;
/// The version that deleted ranges begin with.
const TOMBSTONES_VERSION: u8 = 1;
/// Times and values that stand before a series' newest float, where the original once had four samples.
const PADDING: [u8; 56] = [0; 56];

/// The open chunk of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotChunk<'a> {
    /// Time of its first sample.
    pub start: i64,
    /// Time of its last sample.
    pub end: i64,
    /// How it is encoded, as files say it.
    pub encoding: u8,
    /// The encoded samples.
    pub data: &'a [u8],
}

/// The newest sample of an open chunk. It stands in the chunk too; the original wants it apart.
#[derive(Debug, Clone, PartialEq)]
pub enum LastSample {
    /// A float.
    Float(f64),
    /// A histogram with whole counts.
    Histogram(Histogram),
    /// A histogram with fractional counts.
    FloatHistogram(FloatHistogram),
}

/// What a record of a chunk snapshot holds.
#[derive(Debug, Clone, PartialEq)]
pub enum SnapshotRecord<'a> {
    /// A series.
    Series {
        /// Its reference.
        series: SeriesRef,
        /// Its labels as they stand there, not looked at yet: for [`decode_labels`].
        labels: &'a [u8],
        /// Its open chunk.
        chunk: Option<SnapshotChunk<'a>>,
    },
    /// Deleted ranges.
    Tombstones(Vec<Tombstone>),
    /// Exemplars.
    Exemplars(Exemplars),
}

/// Appends the record of a series to `out`; `labels` are sorted by name.
pub fn encode_snapshot_series<'a>(
    series: SeriesRef,
    labels: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
    chunk: Option<(SnapshotChunk<'_>, &LastSample)>,
    out: &mut Vec<u8>,
) {
    out.push(SERIES);
    put_be64(out, series.0);
    put_uvarint(out, labels.len() as u64);
    for (name, value) in labels {
        put_text(out, name);
        put_text(out, value);
    }
    // The range of chunks, which readers ignore.
    put_be64(out, 0);
    put_uvarint(out, u64::from(chunk.is_some()));
    let Some((chunk, last)) = chunk else { return };
    put_be64(out, chunk.start as u64);
    put_be64(out, chunk.end as u64);
    out.push(chunk.encoding);
    put_uvarint(out, chunk.data.len() as u64);
    out.extend_from_slice(chunk.data);
    match last {
        LastSample::Float(value) => {
            out.extend_from_slice(&PADDING);
            put_float(out, *value);
        }
        LastSample::Histogram(last) => histogram::put(out, last),
        LastSample::FloatHistogram(last) => histogram::put_float_histogram(out, last),
    }
}

/// Appends a record of deleted ranges to `out`, also where there is none: it ends the series.
pub fn encode_snapshot_tombstones(tombstones: &[Tombstone], out: &mut Vec<u8>) {
    let mut ranges = vec![TOMBSTONES_VERSION];
    for tombstone in tombstones {
        put_uvarint(&mut ranges, tombstone.series.0);
        put_varint(&mut ranges, tombstone.min_time);
        put_varint(&mut ranges, tombstone.max_time);
    }
    out.push(TOMBSTONES);
    put_uvarint(out, ranges.len() as u64);
    out.extend_from_slice(&ranges);
}

/// Appends a record of exemplars to `out`; nothing where there is none.
pub fn encode_snapshot_exemplars(exemplars: &Exemplars, out: &mut Vec<u8>) {
    let start = out.len();
    encode_exemplars(exemplars, out);
    if let Some(code) = out.get_mut(start) {
        *code = EXEMPLARS;
    }
}

/// Reads a record.
///
/// # Errors
/// [`DecodeError`] where the record makes no sense, or is of a type that is not known.
pub fn decode_snapshot(record: &[u8]) -> Result<SnapshotRecord<'_>, DecodeError> {
    match record.first() {
        Some(&SERIES) => decode_series(record),
        Some(&TOMBSTONES) => decode_tombstones(record),
        Some(&EXEMPLARS) => {
            let mut copy = record.to_vec();
            if let Some(code) = copy.first_mut() {
                *code = RecordType::Exemplars.code();
            }
            let mut exemplars = Exemplars::default();
            decode_exemplars(&copy, &mut exemplars)?;
            Ok(SnapshotRecord::Exemplars(exemplars))
        }
        Some(&code) => Err(DecodeError::RecordType(code)),
        None => Err(DecodeError::End("the record type")),
    }
}

fn decode_series(record: &[u8]) -> Result<SnapshotRecord<'_>, DecodeError> {
    let mut cursor = Cursor::behind_type(record);
    let series = SeriesRef(cursor.be64("a series reference")?);
    let labels = cursor.skip_pairs()?;
    cursor.be64("a chunk range")?;
    if cursor.uvarint("whether there is a chunk")? == 0 {
        return Ok(SnapshotRecord::Series { series, labels, chunk: None });
    }
    let start = cursor.be64("a chunk's start")? as i64;
    let end = cursor.be64("a chunk's end")? as i64;
    let encoding = cursor.byte("a chunk's encoding")?;
    let data = cursor.bytes("a chunk")?;
    let chunk = SnapshotChunk { start, end, encoding, data };
    // The newest sample follows; the chunk ends with it.
    Ok(SnapshotRecord::Series { series, labels, chunk: Some(chunk) })
}

/// Reads the labels of a series into `texts`, in the place of those that they hold; gives their bytes behind the
/// count. A text that stands where the labels before had the same one is that very slice.
///
/// # Errors
/// [`DecodeError`] where they make no sense.
pub fn decode_labels<'a>(labels: &'a [u8], texts: &mut LabelTexts<'a>) -> Result<&'a [u8], DecodeError> {
    Cursor::new(labels).labels(texts)
}

fn decode_tombstones(record: &[u8]) -> Result<SnapshotRecord<'_>, DecodeError> {
    let mut cursor = Cursor::behind_type(record);
    let ranges = cursor.bytes("deleted ranges")?;
    let mut cursor = match ranges.first() {
        Some(&TOMBSTONES_VERSION) => Cursor::behind_type(ranges),
        _ => return Err(DecodeError::Number("the version of deleted ranges")),
    };
    let mut tombstones = Vec::new();
    while !cursor.is_empty() {
        let series = SeriesRef(cursor.uvarint("a series reference")?);
        let min_time = cursor.varint("the start of a range")?;
        let max_time = cursor.varint("the end of a range")?;
        tombstones.push(Tombstone { series, min_time, max_time });
    }
    Ok(SnapshotRecord::Tombstones(tombstones))
}
