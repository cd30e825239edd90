//! Deleted ranges, and where the write-behind log's chunks were mapped.

use model::SeriesRef;

use super::RecordType;
use super::cursor::{Cursor, DecodeError, put_be64, put_varint};

/// A deleted range of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tombstone {
    /// Which series.
    pub series: SeriesRef,
    /// The first deleted millisecond.
    pub min_time: i64,
    /// The last deleted millisecond.
    pub max_time: i64,
}

/// Says that a series' out-of-order samples so far stand in a mapped chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MmapMarker {
    /// Which series.
    pub series: SeriesRef,
    /// The chunk: file number in the high half, offset in the low one.
    pub chunk: u64,
}

/// Appends the deleted ranges of a record to `out`.
///
/// # Errors
/// [`DecodeError`] where the record makes no sense; the ranges before that place were appended.
pub fn decode_tombstones(record: &[u8], out: &mut Vec<Tombstone>) -> Result<(), DecodeError> {
    let mut cursor = Cursor::open(record, &[RecordType::Tombstones])?;
    while !cursor.is_empty() {
        let series = SeriesRef(cursor.be64("a series reference")?);
        let min_time = cursor.varint("the start of a range")?;
        let max_time = cursor.varint("the end of a range")?;
        out.push(Tombstone { series, min_time, max_time });
    }
    Ok(())
}

/// Appends a record of the ranges to `out`; nothing where there is none.
pub fn encode_tombstones(tombstones: &[Tombstone], out: &mut Vec<u8>) {
    if !tombstones.is_empty() {
        out.push(RecordType::Tombstones.code());
    }
    for tombstone in tombstones {
        put_be64(out, tombstone.series.0);
        put_varint(out, tombstone.min_time);
        put_varint(out, tombstone.max_time);
    }
}

/// Appends the markers of a record to `out`.
///
/// # Errors
/// [`DecodeError`] where the record makes no sense; the markers before that place were appended.
pub fn decode_mmap_markers(record: &[u8], out: &mut Vec<MmapMarker>) -> Result<(), DecodeError> {
    let mut cursor = Cursor::open(record, &[RecordType::MmapMarkers])?;
    while !cursor.is_empty() {
        let series = SeriesRef(cursor.be64("a series reference")?);
        out.push(MmapMarker { series, chunk: cursor.be64("a chunk reference")? });
    }
    Ok(())
}

/// Appends a record of the markers to `out`; nothing where there is none.
pub fn encode_mmap_markers(markers: &[MmapMarker], out: &mut Vec<u8>) {
    if !markers.is_empty() {
        out.push(RecordType::MmapMarkers.code());
    }
    for marker in markers {
        put_be64(out, marker.series.0);
        put_be64(out, marker.chunk);
    }
}
