//! Series records: references and the labels they stand for.

use model::SeriesRef;

use super::RecordType;
use super::cursor::{Cursor, DecodeError, LabelTexts, put_be64, put_text, put_uvarint};

/// Calls `visit` with each series of a record: its reference and its labels as they stand there.
///
/// # Errors
/// [`DecodeError`] at the first series that makes no sense; those before it were visited.
pub fn decode_series<'a>(
    record: &'a [u8],
    mut visit: impl FnMut(SeriesRef, &[(&'a str, &'a str)]),
) -> Result<(), DecodeError> {
    decode_series_bytes(record, |series, pairs, _| visit(series, pairs))
}

/// As [`decode_series`], with the bytes of the labels too. A text that is the same as in the same place of the series
/// before is that very slice.
///
/// # Errors
/// Those of [`decode_series`].
pub fn decode_series_bytes<'a>(
    record: &'a [u8],
    mut visit: impl FnMut(SeriesRef, &[(&'a str, &'a str)], &'a [u8]),
) -> Result<(), DecodeError> {
    let mut cursor = Cursor::open(record, &[RecordType::Series])?;
    let mut labels = LabelTexts::default();
    while !cursor.is_empty() {
        let series = SeriesRef(cursor.be64("a series reference")?);
        let bytes = cursor.labels(&mut labels)?;
        visit(series, labels.pairs(), bytes);
    }
    Ok(())
}

/// Builds a series record.
#[derive(Debug, Default, Clone)]
pub struct SeriesEncoder {
    bytes: Vec<u8>,
}

impl SeriesEncoder {
    /// Adds a series; `labels` are sorted by name.
    pub fn push<'a>(&mut self, series: SeriesRef, labels: impl ExactSizeIterator<Item = (&'a str, &'a str)>) {
        if self.bytes.is_empty() {
            self.bytes.push(RecordType::Series.code());
        }
        put_be64(&mut self.bytes, series.0);
        put_uvarint(&mut self.bytes, labels.len() as u64);
        for (name, value) in labels {
            put_text(&mut self.bytes, name);
            put_text(&mut self.bytes, value);
        }
    }

    /// The record, empty where no series was added.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Removes all series, keeping the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
}
