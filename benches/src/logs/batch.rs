//! Entries that go out together.

use super::corpus::Entry;

/// An entry in a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) stream: u32,
    pub(super) timestamp: i64,
    start: u32,
    end: u32,
}

/// Entries that go out together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: Vec<Place>,
    text: Vec<u8>,
}

impl Batch {
    pub(super) fn push(&mut self, entry: &Entry<'_>) {
        let start = self.text.len() as u32;
        self.text.extend_from_slice(entry.line);
        let end = self.text.len() as u32;
        self.entries.push(Place { stream: entry.stream as u32, timestamp: entry.timestamp, start, end });
    }

    /// Bytes of the lines.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts the entries of each stream together, in their order.
    pub(super) fn by_stream(&mut self) {
        self.entries.sort_by_key(|entry| entry.stream);
    }

    pub(super) fn entries(&self) -> &[Place] {
        &self.entries
    }

    pub(super) fn line(&self, entry: &Place) -> &[u8] {
        self.text.get(entry.start as usize..entry.end as usize).unwrap_or_default()
    }
}
