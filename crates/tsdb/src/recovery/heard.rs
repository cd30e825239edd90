//! Which references the files of a data directory know, whoever's they are.
//!
//! A series that the log names cannot always keep its reference. The one that it gets instead must be none that the
//! rest of the log, or the log of late samples, knows as another's: the next start would take one for the other. So
//! all are heard of first; that is seldom needed.

use std::path::Path;
use std::sync::Arc;

use model::{FloatHistogram, Histogram, SeriesRef};
use platform::FileSystem;
use wal::record::{
    DecodeError, Exemplars, HistogramColumns, RecordType, Samples, decode_exemplars, decode_float_histograms,
    decode_histograms, decode_metadata, decode_mmap_markers, decode_samples, decode_series,
    decode_tombstones,
};
use wal::{Entry, Segment, SegmentReader};

use crate::Error;
use crate::head::RecoveredSeries;

/// The segments of both logs and of the checkpoint.
pub(super) fn files(
    fs: &dyn FileSystem,
    checkpoint: Option<&Segment>,
    segments: &[Segment],
    late: &Path,
) -> Result<Vec<Segment>, Error> {
    let mut files = match checkpoint {
        Some(checkpoint) => wal::segments(fs, &checkpoint.path)?,
        None => Vec::new(),
    };
    files.extend_from_slice(segments);
    files.append(&mut wal::segments(fs, late)?);
    Ok(files)
}

/// Hears of every reference that these segments know.
///
/// # Errors
/// Where one cannot be read. What is damaged is left out.
pub(super) fn hear_all(
    fs: &Arc<dyn FileSystem>,
    segments: &[Segment],
    known: &mut RecoveredSeries<'_, '_>,
) -> Result<(), Error> {
    for segment in segments {
        let mut reader = SegmentReader::open(&**fs, segment)?;
        while let Some(entry) = reader.next_entry()? {
            if let Entry::Record { bytes, .. } = entry {
                // Whoever takes the record tells of what makes no sense in it.
                let _ = references(bytes, &mut |series| known.hear(series));
            }
        }
    }
    Ok(())
}

/// Gives every reference of a record to `hear`, up to where it makes no sense.
fn references(record: &[u8], hear: &mut dyn FnMut(SeriesRef)) -> Result<(), DecodeError> {
    let mut refs = Vec::new();
    let decoded = match RecordType::of(record) {
        Some(RecordType::Series) => return decode_series(record, |series, _| hear(series)),
        Some(RecordType::Samples | RecordType::SamplesV2) => {
            let mut columns = Samples::default();
            let decoded = decode_samples(record, &mut columns);
            refs = columns.refs;
            decoded
        }
        Some(RecordType::Histograms | RecordType::CustomHistograms | RecordType::HistogramsV2) => {
            let mut columns = HistogramColumns::<Histogram>::default();
            let decoded = decode_histograms(record, &mut columns);
            refs = columns.refs;
            decoded
        }
        Some(
            RecordType::FloatHistograms | RecordType::CustomFloatHistograms | RecordType::FloatHistogramsV2,
        ) => {
            let mut columns = HistogramColumns::<FloatHistogram>::default();
            let decoded = decode_float_histograms(record, &mut columns);
            refs = columns.refs;
            decoded
        }
        Some(RecordType::Exemplars) => {
            let mut columns = Exemplars::default();
            let decoded = decode_exemplars(record, &mut columns);
            refs = columns.refs;
            decoded
        }
        Some(RecordType::Tombstones) => {
            let mut tombstones = Vec::new();
            let decoded = decode_tombstones(record, &mut tombstones);
            refs.extend(tombstones.iter().map(|tombstone| tombstone.series));
            decoded
        }
        Some(RecordType::Metadata) => {
            let mut entries = Vec::new();
            let decoded = decode_metadata(record, &mut entries);
            refs.extend(entries.iter().map(|entry| entry.series));
            decoded
        }
        Some(RecordType::MmapMarkers) => {
            let mut markers = Vec::new();
            let decoded = decode_mmap_markers(record, &mut markers);
            refs.extend(markers.iter().map(|marker| marker.series));
            decoded
        }
        None => Ok(()),
    };
    refs.into_iter().for_each(hear);
    decoded
}
