//! The files of a block but its chunks.

use std::path::Path;

use index::IndexReader;
use platform::Mapped;
use serde_json::Value;

use super::print::Printer;
use crate::Error;
use crate::block::Tombstones;
use crate::tool::ToolError;

/// `meta.json`: each member of the object.
pub(super) fn meta(bytes: &[u8], path: &Path, printer: &mut Printer<'_>) -> Result<(), ToolError> {
    let reason = |error: serde_json::Error| Error::Meta { path: path.to_owned(), reason: error.to_string() };
    let meta: Value = serde_json::from_slice(bytes).map_err(reason)?;
    let members = meta.as_object().into_iter().flatten();
    let fields: Vec<(&str, Value)> = members.map(|(name, value)| (name.as_str(), value.clone())).collect();
    Ok(printer.item("meta", &fields)?)
}

/// `index`: figures, series with their chunks, and how many series each label pair has.
pub(super) fn index(bytes: Mapped, path: &Path, printer: &mut Printer<'_>) -> Result<(), ToolError> {
    let reader = IndexReader::open(bytes).map_err(Error::index(path))?;
    let all = reader.all_series().map_err(Error::index(path))?;
    let names: Vec<&str> = reader.label_names().collect();
    printer.item(
        "index",
        &[
            ("bytes", reader.file_bytes().into()),
            ("symbols", reader.symbol_count().into()),
            ("series", all.iter().count().into()),
            ("label_names", names.len().into()),
        ],
    )?;
    for number in all.iter() {
        let series = reader.series(number).map_err(Error::index(path))?;
        let labels = series.labels.to_string();
        printer.item(
            "series",
            &[("number", number.into()), ("labels", labels.into()), ("chunks", series.chunks.len().into())],
        )?;
        for chunk in &series.chunks {
            let (segment, offset) = ((chunk.reference >> 32) + 1, chunk.reference & 0xffff_ffff);
            let (start, end) = (chunk.start.into(), chunk.end.into());
            let fields =
                [("start", start), ("end", end), ("segment", segment.into()), ("offset", offset.into())];
            printer.part("chunk", &fields)?;
        }
    }
    for name in names {
        let values = reader.label_values(name).map_err(Error::index(path))?;
        printer.item("label", &[("name", name.into()), ("values", values.len().into())])?;
        for value in values {
            printer.part("value", &[("value", value.into())])?;
        }
    }
    Ok(())
}

/// `tombstones`: each deleted span.
pub(super) fn tombstones(bytes: &[u8], path: &Path, printer: &mut Printer<'_>) -> Result<(), ToolError> {
    let damaged = || Error::Damaged { path: path.to_owned(), what: "tombstones" };
    let tombstones = Tombstones::decode(bytes).ok_or_else(damaged)?;
    printer.item("tombstones", &[("count", tombstones.count().into())])?;
    for (series, intervals) in tombstones.iter() {
        for interval in intervals.iter() {
            printer.part(
                "tombstone",
                &[("series", series.into()), ("start", interval.start.into()), ("end", interval.end.into())],
            )?;
        }
    }
    Ok(())
}
