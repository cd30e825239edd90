//! Segments of the write-ahead log, of the write-behind log and of checkpoints.

use std::io;
use std::path::Path;

use model::{FloatHistogram, Histogram, Labels, SeriesRef};
use platform::FileSystem;
use serde_json::Value;
use wal::record::{
    DecodeError, Exemplars, HistogramColumns, RecordType, Samples, Tombstone, decode_exemplars,
    decode_float_histograms, decode_histograms, decode_metadata, decode_mmap_markers, decode_samples,
    decode_series, decode_tombstones,
};
use wal::{Entry, Segment, SegmentReader};

use super::chunk::float;
use super::print::Printer;
use super::snapshot;
use crate::Error;
use crate::tool::ToolError;

/// An entry of a record: what it is, and its fields.
pub(super) type Part = (&'static str, Vec<(&'static str, Value)>);

/// Writes the records of a segment with their entries.
pub(super) fn segment(fs: &dyn FileSystem, path: &Path, printer: &mut Printer<'_>) -> Result<(), ToolError> {
    let number = path.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0);
    let segment = Segment { number, path: path.to_owned() };
    let mut reader = SegmentReader::open(fs, &segment).map_err(Error::from)?;
    printer.item("log", &[("segment", number.into()), ("bytes", reader.len().into())])?;
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let is_snapshot = folder.is_some_and(|name| name.starts_with("chunk_snapshot."));
    while let Some(entry) = reader.next_entry().map_err(Error::from)? {
        match entry {
            Entry::Record { offset, bytes } if is_snapshot => snapshot::record(offset, bytes, printer)?,
            Entry::Record { offset, bytes } => record(offset, bytes, printer)?,
            Entry::Damage(damage) => {
                let reason = damage.reason.to_string();
                printer.item("damage", &[("offset", damage.offset.into()), ("reason", reason.into())])?;
            }
        }
    }
    Ok(())
}

fn record(offset: u64, record: &[u8], printer: &mut Printer<'_>) -> io::Result<()> {
    let kind = RecordType::of(record);
    let name = match kind {
        Some(kind) => format!("{kind:?}"),
        None => format!("unknown {}", record.first().copied().unwrap_or(0)),
    };
    let mut parts = Vec::new();
    let decoded = kind.map_or(Ok(()), |kind| decode(kind, record, &mut parts));
    let mut fields = vec![
        ("offset", offset.into()),
        ("type", name.into()),
        ("bytes", record.len().into()),
        ("entries", parts.len().into()),
    ];
    if let Err(error) = decoded {
        fields.push(("error", error.to_string().into()));
    }
    printer.item("record", &fields)?;
    parts.iter().try_for_each(|(kind, fields)| printer.part(kind, fields))
}

fn decode(kind: RecordType, record: &[u8], parts: &mut Vec<Part>) -> Result<(), DecodeError> {
    match kind {
        RecordType::Series => decode_series(record, |series, pairs| {
            let labels = model::Labels::from_pairs(pairs.iter().copied()).to_string();
            parts.push(("series", vec![("series", series.0.into()), ("labels", labels.into())]));
        }),
        RecordType::Samples | RecordType::SamplesV2 => {
            let mut samples = Samples::default();
            let decoded = decode_samples(record, &mut samples);
            let times = samples.timestamps.iter().zip(&samples.start_timestamps);
            for ((series, (timestamp, start)), value) in samples.refs.iter().zip(times).zip(&samples.values) {
                parts.push(("sample", sample(series.0, *timestamp, *start, ("value", float(*value)))));
            }
            decoded
        }
        RecordType::Histograms | RecordType::CustomHistograms | RecordType::HistogramsV2 => {
            let mut columns = HistogramColumns::default();
            let decoded = decode_histograms(record, &mut columns);
            histograms(&columns, |histogram: &Histogram| histogram.to_float().to_string(), parts);
            decoded
        }
        RecordType::FloatHistograms | RecordType::CustomFloatHistograms | RecordType::FloatHistogramsV2 => {
            let mut columns = HistogramColumns::default();
            let decoded = decode_float_histograms(record, &mut columns);
            histograms(&columns, FloatHistogram::to_string, parts);
            decoded
        }
        RecordType::Exemplars => exemplars(record, parts),
        RecordType::Tombstones | RecordType::MmapMarkers | RecordType::Metadata => {
            decode_marks(kind, record, parts)
        }
    }
}

fn decode_marks(kind: RecordType, record: &[u8], parts: &mut Vec<Part>) -> Result<(), DecodeError> {
    match kind {
        RecordType::Tombstones => {
            let mut tombstones = Vec::new();
            let decoded = decode_tombstones(record, &mut tombstones);
            parts.extend(tombstone_parts(&tombstones));
            decoded
        }
        RecordType::MmapMarkers => {
            let mut markers = Vec::new();
            let decoded = decode_mmap_markers(record, &mut markers);
            parts.extend(markers.iter().map(|marker| {
                let (file, offset) = ((marker.chunk >> 32).into(), (marker.chunk & 0xffff_ffff).into());
                ("marker", vec![("series", marker.series.0.into()), ("file", file), ("offset", offset)])
            }));
            decoded
        }
        _ => {
            let mut entries = Vec::new();
            let decoded = decode_metadata(record, &mut entries);
            parts.extend(entries.into_iter().map(|entry| {
                let metadata = entry.metadata;
                let fields = vec![
                    ("series", entry.series.0.into()),
                    ("type", metadata.metric_type.as_str().into()),
                    ("unit", metadata.unit.into()),
                    ("help", metadata.help.into()),
                ];
                ("metadata", fields)
            }));
            decoded
        }
    }
}

fn histograms<H>(columns: &HistogramColumns<H>, text: impl Fn(&H) -> String, parts: &mut Vec<Part>) {
    let times = columns.timestamps.iter().zip(&columns.start_timestamps);
    for ((series, (timestamp, start)), histogram) in columns.refs.iter().zip(times).zip(&columns.histograms) {
        let value = ("histogram", text(histogram).into());
        parts.push(("sample", sample(series.0, *timestamp, *start, value)));
    }
}

fn sample(
    series: u64,
    timestamp: i64,
    start: i64,
    value: (&'static str, Value),
) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("series", series.into()), ("timestamp", timestamp.into())];
    if start != 0 {
        fields.push(("start_timestamp", start.into()));
    }
    fields.push(value);
    fields
}

fn exemplars(record: &[u8], parts: &mut Vec<Part>) -> Result<(), DecodeError> {
    let mut columns = Exemplars::default();
    let decoded = decode_exemplars(record, &mut columns);
    parts.extend(exemplar_parts(&columns));
    decoded
}

pub(super) fn exemplar_parts(columns: &Exemplars) -> Vec<Part> {
    let heads = columns.refs.iter().zip(&columns.timestamps);
    let bodies = columns.values.iter().zip(&columns.labels);
    let part = |((series, timestamp), (value, labels)): ((&SeriesRef, &i64), (&f64, &Labels))| {
        let fields = vec![
            ("series", series.0.into()),
            ("timestamp", (*timestamp).into()),
            ("value", float(*value)),
            ("labels", labels.to_string().into()),
        ];
        ("exemplar", fields)
    };
    heads.zip(bodies).map(part).collect()
}

pub(super) fn tombstone_parts(tombstones: &[Tombstone]) -> Vec<Part> {
    let part = |tombstone: &Tombstone| {
        let (start, end) = (tombstone.min_time.into(), tombstone.max_time.into());
        ("tombstone", vec![("series", tombstone.series.0.into()), ("start", start), ("end", end)])
    };
    tombstones.iter().map(part).collect()
}
