//! Files of chunks: those of blocks, and those of the head.

use std::io;
use std::path::Path;

use chunks::Encoding;
use chunks::recode::{self, Sample, Value as SampleValue};
use serde_json::Value;

use super::print::Printer;
use crate::Error;
use crate::block::bytes::{crc32c, take_uvarint};
use crate::head::entry;
use crate::tool::ToolError;

/// Bytes of magic, version and padding of both kinds of files.
const HEADER_BYTES: usize = 8;

/// A float as a value of JSON, which has no word for some of them.
pub(super) fn float(value: f64) -> Value {
    serde_json::Number::from_f64(value)
        .map_or_else(|| Value::from(model::number::format_general(value)), Value::Number)
}

/// A segment of a block.
pub(super) fn segment(bytes: &[u8], path: &Path, printer: &mut Printer<'_>) -> Result<(), ToolError> {
    header("segment", bytes, printer)?;
    let mut at = HEADER_BYTES;
    while let Some(mut rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let offset = at;
        let before = rest.len();
        let found = take_uvarint(&mut rest)
            .and_then(|len| usize::try_from(len).ok())
            .and_then(|len| rest.split_at_checked(len.checked_add(1)?))
            .and_then(|(checked, rest)| {
                rest.split_first_chunk::<4>().map(|(crc, rest)| (checked, crc, rest))
            });
        let Some((checked, crc, rest)) = found else {
            return Err(Error::Damaged { path: path.to_owned(), what: "end of a chunk file" }.into());
        };
        at += before - rest.len();
        let is_sound = crc32c(checked) == u32::from_be_bytes(*crc);
        let (id, data) = checked.split_first().map_or((0, checked), |(id, data)| (*id, data));
        let place = [("offset", offset.into()), ("sound", is_sound.into())];
        chunk(&place, id, data, printer)?;
    }
    Ok(())
}

/// A file of head chunks.
pub(super) fn head_chunks(bytes: &[u8], printer: &mut Printer<'_>) -> Result<(), ToolError> {
    header("head_chunks", bytes, printer)?;
    let mut at = HEADER_BYTES;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = match entry::decode(rest) {
            Ok(Some(found)) => found,
            Ok(None) => break,
            Err(fault) => {
                let reason = fault.to_string();
                printer.item("damage", &[("offset", at.into()), ("reason", reason.into())])?;
                break;
            }
        };
        let head = found.head;
        let place = [
            ("offset", at.into()),
            ("series", head.series.0.into()),
            ("start", head.start.into()),
            ("end", head.end.into()),
            ("out_of_order", head.out_of_order.into()),
        ];
        let data = rest.get(found.data.clone()).unwrap_or_default();
        chunk(&place, head.encoding.map_or(0, Encoding::id), data, printer)?;
        at += found.end;
    }
    let rest = bytes.len().saturating_sub(at);
    Ok(printer.item("end", &[("offset", at.into()), ("bytes_behind", rest.into())])?)
}

fn header(kind: &str, bytes: &[u8], printer: &mut Printer<'_>) -> io::Result<()> {
    let version = bytes.get(4).copied();
    printer.item(kind, &[("bytes", bytes.len().into()), ("version", version.into())])
}

/// Writes a chunk and, if wanted, its samples.
fn chunk(place: &[(&str, Value)], id: u8, data: &[u8], printer: &mut Printer<'_>) -> Result<(), ToolError> {
    let mut fields = place.to_vec();
    let encoding = Encoding::from_id(id).ok();
    let name = encoding.map_or_else(|| format!("unknown {id}"), |encoding| encoding.name().to_owned());
    fields.push(("encoding", name.into()));
    fields.push(("bytes", data.len().into()));
    let mut samples = Vec::new();
    match encoding.map(|encoding| recode::decode(encoding, data, &mut samples)) {
        Some(Ok(())) => fields.push(("samples", samples.len().into())),
        Some(Err(error)) => fields.push(("error", error.to_string().into())),
        None => {}
    }
    printer.item("chunk", &fields)?;
    for sample in &samples {
        printer.part("sample", &sample_fields(sample))?;
    }
    Ok(())
}

/// What is told of a sample.
pub(super) fn sample_fields(sample: &Sample) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("timestamp", sample.timestamp.into())];
    if sample.start != 0 {
        fields.push(("start_timestamp", sample.start.into()));
    }
    fields.push(match &sample.value {
        SampleValue::Float(value) => ("value", float(*value)),
        SampleValue::Histogram(histogram) => ("histogram", histogram.to_float().to_string().into()),
        SampleValue::FloatHistogram(histogram) => ("histogram", histogram.to_string().into()),
    });
    fields
}
