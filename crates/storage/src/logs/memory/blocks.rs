//! The entries of the store in memory as blocks.

use std::sync::Arc;

use model::Labels;

use super::Entry;
use crate::logs::{
    BlockHeader, BlockSet, Columns, EntryColumns, EntryRange, MISSING, MetadataColumn, MetadataValues,
    MetadataWanted, Needle,
};
use crate::{Error, Result};

/// Blocks of copied entries.
pub(super) struct MemoryBlocks {
    streams: Vec<Labels>,
    headers: Vec<BlockHeader>,
    /// The entries of each block, by the position of its header.
    entries: Vec<Vec<Entry>>,
    range: EntryRange,
}

impl MemoryBlocks {
    pub(super) fn new(
        streams: impl Iterator<Item = (Labels, Vec<Entry>)>,
        range: EntryRange,
        block_rows: usize,
    ) -> Self {
        let mut labels = Vec::new();
        let mut blocks = Vec::new();
        for (stream, (of_stream, entries)) in streams.enumerate() {
            labels.push(of_stream);
            for rows in entries.chunks(block_rows) {
                let header = header(stream, rows);
                if range.overlaps(header.start, header.end) {
                    blocks.push((header, rows.to_vec()));
                }
            }
        }
        blocks.sort_by_key(|(header, _)| (header.start, header.stream));
        let (headers, entries) = blocks.into_iter().unzip();
        Self { streams: labels, headers, entries, range }
    }
}

fn header(stream: usize, rows: &[Entry]) -> BlockHeader {
    let metadata = |entry: &Entry| {
        entry.metadata.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum::<u64>()
    };
    BlockHeader {
        stream,
        start: rows.first().map_or(0, |entry| entry.timestamp),
        end: rows.last().map_or(0, |entry| entry.timestamp),
        rows: rows.len(),
        line_bytes: rows.iter().map(|entry| entry.line.len() as u64).sum(),
        metadata_bytes: rows.iter().map(metadata).sum(),
        stored_bytes: 0,
        exact: true,
    }
}

impl BlockSet for MemoryBlocks {
    fn streams(&self) -> &[Labels] {
        &self.streams
    }

    fn blocks(&self) -> &[BlockHeader] {
        &self.headers
    }

    fn excludes(&self, block: usize, groups: &[Vec<Needle>]) -> bool {
        let Some(entries) = self.entries.get(block) else { return true };
        let has = |line: &[u8], needle: &Needle| {
            line.windows(needle.bytes.len().max(1)).any(|window| {
                if needle.any_case {
                    window.eq_ignore_ascii_case(&needle.bytes)
                } else {
                    window == needle.bytes
                }
            }) || needle.bytes.is_empty()
        };
        !entries
            .iter()
            .any(|entry| groups.iter().all(|group| group.iter().any(|needle| has(&entry.line, needle))))
    }

    fn read(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        let entries =
            self.entries.get(block).ok_or_else(|| Error::internal(format!("there is no block {block}")))?;
        let rows: Vec<&Entry> = entries.iter().filter(|entry| self.range.contains(entry.timestamp)).collect();
        out.clear();
        out.rows = rows.len();
        for entry in &rows {
            if columns.timestamps {
                out.timestamps.push(entry.timestamp);
            }
            if columns.lines {
                out.push_line(&entry.line);
            }
        }
        out.metadata = metadata(&rows, &columns.metadata);
        Ok(())
    }
}

fn metadata(rows: &[&Entry], wanted: &MetadataWanted) -> Vec<MetadataColumn> {
    let mut names: Vec<&str> =
        rows.iter().flat_map(|entry| entry.metadata.iter().map(|(name, _)| name.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| wanted.wants(name));
    names
        .into_iter()
        .map(|name| MetadataColumn { name: Arc::from(name), values: values(rows, name) })
        .collect()
}

fn values(rows: &[&Entry], name: &str) -> MetadataValues {
    let of =
        |entry: &Entry| entry.metadata.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
    let mut values: Vec<Arc<str>> = rows.iter().filter_map(|entry| of(entry)).map(Arc::from).collect();
    values.sort_unstable();
    values.dedup();
    let number = |value: String| values.iter().position(|other| **other == *value);
    let numbers = rows
        .iter()
        .map(|entry| {
            of(entry).and_then(number).and_then(|number| u32::try_from(number).ok()).unwrap_or(MISSING)
        })
        .collect();
    MetadataValues::Dictionary { values, numbers }
}
