//! Metadata of metrics: type, unit, help.

use model::{Metadata, MetricType, SeriesRef};

use super::RecordType;
use super::cursor::{Cursor, DecodeError, put_text, put_uvarint};

const UNIT: &str = "UNIT";
const HELP: &str = "HELP";

/// The metadata of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataEntry {
    /// Which series.
    pub series: SeriesRef,
    /// Its metadata.
    pub metadata: Metadata,
}

/// Appends the metadata of a record to `out`; fields of other names are stepped over.
///
/// # Errors
/// [`DecodeError`] where the record makes no sense; the entries before that place were appended.
pub fn decode_metadata(record: &[u8], out: &mut Vec<MetadataEntry>) -> Result<(), DecodeError> {
    let mut cursor = Cursor::open(record, &[RecordType::Metadata])?;
    while !cursor.is_empty() {
        let series = SeriesRef(cursor.uvarint("a series reference")?);
        let metric_type = MetricType::from_wal_code(cursor.byte("a metric type")?);
        let mut metadata = Metadata { metric_type, ..Metadata::default() };
        for _ in 0..cursor.count("metadata fields", 2)? {
            let name = cursor.text("a metadata field")?;
            let value = cursor.text("a metadata field")?;
            match name {
                UNIT => value.clone_into(&mut metadata.unit),
                HELP => value.clone_into(&mut metadata.help),
                _ => {}
            }
        }
        out.push(MetadataEntry { series, metadata });
    }
    Ok(())
}

/// Appends a record of the entries to `out`; nothing where there is none.
pub fn encode_metadata<'a>(entries: impl IntoIterator<Item = (SeriesRef, &'a Metadata)>, out: &mut Vec<u8>) {
    for (position, (series, metadata)) in entries.into_iter().enumerate() {
        if position == 0 {
            out.push(RecordType::Metadata.code());
        }
        put_uvarint(out, series.0);
        out.push(metadata.metric_type.wal_code());
        put_uvarint(out, 2);
        for (name, value) in [(UNIT, &metadata.unit), (HELP, &metadata.help)] {
            put_text(out, name);
            put_text(out, value);
        }
    }
}
