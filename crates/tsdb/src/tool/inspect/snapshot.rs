//! Records of chunk snapshots.

use std::io;

use chunks::Encoding;
use chunks::recode;
use serde_json::Value;
use wal::record::{
    Exemplars, LabelTexts, SnapshotChunk, SnapshotRecord, Tombstone, decode_labels, decode_snapshot,
};

use super::chunk::sample_fields;
use super::log::{exemplar_parts, tombstone_parts};
use super::print::Printer;

/// Writes a record with its entries.
pub(super) fn record(offset: u64, record: &[u8], printer: &mut Printer<'_>) -> io::Result<()> {
    let head = |name: &str| {
        vec![("offset", offset.into()), ("type", name.into()), ("bytes", Value::from(record.len()))]
    };
    match decode_snapshot(record) {
        Ok(SnapshotRecord::Series { series, labels, chunk }) => {
            let mut texts = LabelTexts::default();
            let labels = match decode_labels(labels, &mut texts) {
                Ok(_) => model::Labels::from_pairs(texts.pairs().iter().copied()).to_string(),
                Err(error) => error.to_string(),
            };
            let mut fields = head("SnapshotSeries");
            fields.extend([("series", series.0.into()), ("labels", labels.into())]);
            printer.item("record", &fields)?;
            chunk.map_or(Ok(()), |chunk| open_chunk(&chunk, printer))
        }
        Ok(SnapshotRecord::Tombstones(tombstones)) => {
            with_tombstones(head("Tombstones"), &tombstones, printer)
        }
        Ok(SnapshotRecord::Exemplars(exemplars)) => with_exemplars(head("Exemplars"), &exemplars, printer),
        Err(error) => {
            let mut fields = head("unknown");
            fields.push(("error", error.to_string().into()));
            printer.item("record", &fields)
        }
    }
}

fn open_chunk(chunk: &SnapshotChunk<'_>, printer: &mut Printer<'_>) -> io::Result<()> {
    let encoding = Encoding::from_id(chunk.encoding);
    let mut samples = Vec::new();
    let decoded = encoding.as_ref().ok().map(|encoding| recode::decode(*encoding, chunk.data, &mut samples));
    let name =
        encoding.map_or_else(|_| format!("unknown {}", chunk.encoding), |known| known.name().to_owned());
    let mut fields = vec![
        ("start", chunk.start.into()),
        ("end", chunk.end.into()),
        ("encoding", name.into()),
        ("bytes", chunk.data.len().into()),
        ("samples", samples.len().into()),
    ];
    if let Some(Err(error)) = decoded {
        fields.push(("error", error.to_string().into()));
    }
    printer.part("chunk", &fields)?;
    samples.iter().try_for_each(|sample| printer.part("  sample", &sample_fields(sample)))
}

fn with_tombstones(
    head: Vec<(&str, Value)>,
    tombstones: &[Tombstone],
    printer: &mut Printer<'_>,
) -> io::Result<()> {
    printer.item("record", &head)?;
    tombstone_parts(tombstones).iter().try_for_each(|(kind, fields)| printer.part(kind, fields))
}

fn with_exemplars(
    head: Vec<(&str, Value)>,
    exemplars: &Exemplars,
    printer: &mut Printer<'_>,
) -> io::Result<()> {
    printer.item("record", &head)?;
    exemplar_parts(exemplars).iter().try_for_each(|(kind, fields)| printer.part(kind, fields))
}
