//! Files of the store as text, for people.

use std::fmt::Write;
use std::path::Path;

use platform::FileSystem;
use wal::{Entry, Segment, SegmentReader};

use crate::Error;
use crate::part::{ColumnKind, day_of, read_index};
use crate::partition::day_name;
use crate::recovery::record::{Names, decode};

/// What a part holds: its streams, frames and blocks.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Io`].
pub fn inspect_part(fs: &dyn FileSystem, path: &Path) -> Result<String, Error> {
    let part = read_index(fs, path)?;
    let index = &part.index;
    let mut text = String::new();
    let rows: u64 = index.blocks.iter().map(|block| u64::from(block.rows)).sum();
    let lines: u64 = index.blocks.iter().map(|block| block.line_bytes).sum();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "part of {}: level {}, log before segment {}, {} bytes, {} streams, {} frames, {} blocks, {rows} rows, {lines} bytes of lines",
        day_name(index.day),
        index.level,
        index.until,
        part.bytes,
        index.streams.len(),
        index.frames.len(),
        index.blocks.len(),
    );
    for name in &index.replaces {
        let _ = writeln!(text, "stands for {name}");
    }
    for (number, frame) in index.frames.iter().enumerate() {
        let _ = write!(
            text,
            "frame {number} at {}: {} rows, filter 2^{} bits{}",
            frame.offset,
            frame.rows,
            frame.filter_log,
            if frame.knows_words { " with words" } else { "" }
        );
        for section in &frame.sections {
            let kind = match &section.kind {
                ColumnKind::Times => "times",
                ColumnKind::Lengths => "lengths",
                ColumnKind::Text => "text",
                ColumnKind::Forms => "forms of times",
                ColumnKind::Metadata(name) => name,
            };
            let _ = write!(text, ", {kind} {}/{}", section.stored.len, section.stored.raw_len);
        }
        text.push('\n');
        let first = frame.first_block as usize;
        for block in index.blocks.get(first..first + frame.blocks as usize).unwrap_or_default() {
            let labels =
                index.streams.get(block.stream as usize).map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(
                text,
                "  block {labels}: {} rows, {} to {}, {} bytes of lines, {} of metadata",
                block.rows, block.start, block.end, block.line_bytes, block.metadata_bytes
            );
        }
    }
    Ok(text)
}

/// What a segment of the log holds: streams and entries of each record, and what is damaged.
///
/// # Errors
/// [`Error::Wal`] where it cannot be read.
pub fn inspect_log(fs: &dyn FileSystem, path: &Path) -> Result<String, Error> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let segment = Segment { number: name.parse().unwrap_or_default(), path: path.to_owned() };
    let mut reader = SegmentReader::open(fs, &segment)?;
    let mut text = String::new();
    let mut names = Names::default();
    while let Some(entry) = reader.next_entry()? {
        match entry {
            Entry::Damage(damage) => {
                let _ = writeln!(text, "damage: {damage}");
            }
            Entry::Record { offset, bytes } => {
                let _ = writeln!(text, "record at {offset}: {} bytes", bytes.len());
                let mut streams: Vec<(String, usize, usize, i64)> = Vec::new();
                let begin = |tenant: &str, labels: model::Labels| format!("{tenant} {labels}");
                let whole = decode(bytes, &mut names, begin, |_, stream, entry| match streams.last_mut() {
                    Some((last, rows, bytes, _)) if last == stream => {
                        *rows += 1;
                        *bytes += entry.line.len();
                    }
                    _ => streams.push((stream.clone(), 1, entry.line.len(), entry.timestamp)),
                });
                for (stream, rows, bytes, first) in streams {
                    let day = day_name(day_of(first));
                    let _ = writeln!(text, "  {stream}: {rows} entries, {bytes} bytes, from {first} ({day})");
                }
                match whole {
                    Some(0) => {}
                    Some(left_out) => {
                        let _ = writeln!(
                            text,
                            "  {left_out} streams that no record before this one tells the labels of"
                        );
                    }
                    None => text.push_str("  means nothing from here on\n"),
                }
            }
        }
    }
    Ok(text)
}
