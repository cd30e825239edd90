//! The record of the log that holds entries; format: `docs/formats/log-wal.md`.

use model::Labels;

use crate::bytes::{Cursor, put_sized, put_uvarint, put_varint};
use crate::head::{Chunk, Place};

/// The first byte of the record: none that metrics use.
const ENTRIES: u8 = 0x41;
/// A record is ended at this size: damage costs no more than it has to.
const RECORD_BYTES: usize = 256 * 1024;

/// Entries of one tenant on their way into the log.
#[derive(Debug)]
pub(crate) struct RecordWriter<'a> {
    tenant: &'a str,
    bytes: Vec<u8>,
    /// Where the length of the present stream's part stands.
    stream: Option<usize>,
    last: i64,
}

impl<'a> RecordWriter<'a> {
    pub(crate) fn new(tenant: &'a str) -> Self {
        Self { tenant, bytes: Vec::new(), stream: None, last: 0 }
    }

    /// Adds an entry; [`RecordWriter::end_stream`] must have been called if its stream is not that of the last.
    pub(crate) fn push(&mut self, labels: &Labels, timestamp: i64, chunk: &Chunk, place: Place) {
        let (line, set) = (chunk.line(place), chunk.set(place.set));
        if self.stream.is_none() {
            self.begin_stream(labels);
        }
        put_varint(&mut self.bytes, timestamp.wrapping_sub(self.last));
        self.last = timestamp;
        put_uvarint(&mut self.bytes, line.len() as u64);
        put_sized(&mut self.bytes, set);
        self.bytes.extend_from_slice(line);
    }

    fn begin_stream(&mut self, labels: &Labels) {
        if self.bytes.is_empty() {
            self.bytes.push(ENTRIES);
            put_sized(&mut self.bytes, self.tenant.as_bytes());
        }
        self.stream = Some(self.bytes.len());
        self.bytes.extend_from_slice(&[0; 4]);
        put_sized(&mut self.bytes, labels.as_bytes());
        self.last = 0;
    }

    /// Ends the entries of a stream.
    pub(crate) fn end_stream(&mut self) {
        if let Some(place) = self.stream.take() {
            let len = (self.bytes.len() - place - 4) as u32;
            if let Some(field) = self.bytes.get_mut(place..place + 4) {
                field.copy_from_slice(&len.to_le_bytes());
            }
        }
    }

    /// Whether the record is as long as it should become.
    pub(crate) fn is_long(&self) -> bool {
        self.bytes.len() >= RECORD_BYTES
    }

    /// The record as it stands, after [`RecordWriter::end_stream`].
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins the next record.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.stream = None;
    }
}

/// An entry of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoggedEntry<'a> {
    pub(crate) timestamp: i64,
    pub(crate) line: &'a [u8],
    /// Packed metadata.
    pub(crate) set: &'a [u8],
}

/// Reads a record: `stream` is told tenant and labels, and takes the entries that follow; `None` where the record
/// means nothing from some place on.
pub(crate) fn decode<'a, S>(
    record: &'a [u8],
    mut begin: impl FnMut(&'a str, Labels) -> S,
    mut entry: impl FnMut(&mut S, LoggedEntry<'a>),
) -> Option<()> {
    let mut cursor = Cursor::new(record);
    if cursor.byte()? != ENTRIES {
        return None;
    }
    let tenant = cursor.text()?;
    while !cursor.is_empty() {
        let len = cursor.le32()? as usize;
        let mut of_stream = Cursor::new(cursor.take(len)?);
        let mut stream = begin(tenant, Labels::from_bytes(of_stream.sized()?)?);
        let mut timestamp = 0_i64;
        while !of_stream.is_empty() {
            timestamp = timestamp.wrapping_add(of_stream.varint()?);
            let len = usize::try_from(of_stream.uvarint()?).ok()?;
            let set = of_stream.sized()?;
            let line = of_stream.take(len)?;
            entry(&mut stream, LoggedEntry { timestamp, line, set });
        }
    }
    Some(())
}
