//! The record of the log that holds entries; format: `docs/formats/log-wal.md`.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use model::Labels;

use crate::bytes::{Cursor, put_sized, put_uvarint, put_varint};
use crate::head::{Chunk, Place};

/// The first byte of a record that tells the labels of all of its streams, as they were once written: none that metrics use.
const NAMED: u8 = 0x41;
/// The same of a record whose streams have numbers: their labels are told ever more seldom in an epoch.
const NUMBERED: u8 = 0x42;
/// A record is ended at this size: damage costs no more than it has to.
const RECORD_BYTES: usize = 256 * 1024;
/// Room for a record and the entry that makes it long, so that it does not move while it grows.
const RECORD_BYTES_ABOUT: usize = RECORD_BYTES + 16 * 1024;

/// A stream on its way into the log.
pub(crate) struct Numbered<'s> {
    /// What its tenant calls it.
    pub(crate) number: u32,
    pub(crate) labels: &'s Labels,
    pub(crate) told: &'s mut Told,
}

/// What the log says of a stream by its number.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Told {
    epoch: u64,
    /// Records of this epoch with entries of the stream.
    records: u32,
}

impl Told {
    /// Counts one more record, and says whether it tells the labels: the first, the second, the fourth and so on do. What is
    /// damaged costs no record that stands elsewhere, and a long damage at most as many as stood before it.
    fn counts_one(&mut self, epoch: u64) -> bool {
        if self.epoch != epoch {
            *self = Self { epoch, records: 0 };
        }
        self.records = self.records.saturating_add(1);
        self.records.is_power_of_two()
    }
}

/// Entries of one tenant on their way into the log.
#[derive(Debug)]
pub(crate) struct RecordWriter<'a> {
    tenant: &'a str,
    epoch: u64,
    bytes: Vec<u8>,
    /// Where the length of the present stream's part stands.
    stream: Option<usize>,
    last: i64,
}

impl<'a> RecordWriter<'a> {
    /// Records in which the numbers of streams mean what they do in others of an epoch (never 0).
    pub(crate) fn new(tenant: &'a str, epoch: u64) -> Self {
        Self { tenant, epoch, bytes: Vec::with_capacity(RECORD_BYTES_ABOUT), stream: None, last: 0 }
    }

    /// Adds an entry; [`RecordWriter::end_stream`] must have been called if its stream is not that of the last.
    pub(crate) fn push(&mut self, stream: Numbered<'_>, timestamp: i64, chunk: &Chunk, place: Place) {
        let (line, set) = (chunk.line(place), chunk.set(place.set));
        if self.stream.is_none() {
            self.begin_stream(stream);
        }
        put_varint(&mut self.bytes, timestamp.wrapping_sub(self.last));
        self.last = timestamp;
        put_uvarint(&mut self.bytes, line.len() as u64);
        put_sized(&mut self.bytes, set);
        self.bytes.extend_from_slice(line);
    }

    fn begin_stream(&mut self, stream: Numbered<'_>) {
        if self.bytes.is_empty() {
            self.bytes.push(NUMBERED);
            put_sized(&mut self.bytes, self.tenant.as_bytes());
            put_uvarint(&mut self.bytes, self.epoch);
        }
        self.stream = Some(self.bytes.len());
        self.bytes.extend_from_slice(&[0; 4]);
        put_uvarint(&mut self.bytes, u64::from(stream.number));
        if stream.told.counts_one(self.epoch) {
            let labels = stream.labels.as_bytes();
            put_uvarint(&mut self.bytes, labels.len() as u64 + 1);
            self.bytes.extend_from_slice(labels);
        } else {
            put_uvarint(&mut self.bytes, 0);
        }
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

/// Streams that records have told the labels of, by tenant, epoch and number: records of two epochs stand mixed where one ended
/// while pushes ran.
#[derive(Debug)]
pub(crate) struct Names<S>(HashMap<String, HashMap<u64, Numbers<S>>>);

/// The streams of a tenant in an epoch.
type Numbers<S> = HashMap<u32, S, foldhash::fast::FixedState>;

impl<S> Default for Names<S> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<S> Names<S> {
    fn of(&mut self, tenant: &str, epoch: u64) -> &mut Numbers<S> {
        self.0.entry(tenant.to_owned()).or_default().entry(epoch).or_default()
    }
}

/// Reads a record: `begin` is told tenant and labels of a stream, `entry` what `begin` gave and each entry. Gives how many
/// streams were left out, since no record that was read tells their labels; `None` where the record means nothing from some
/// place on.
pub(crate) fn decode<'a, S: Clone>(
    record: &'a [u8],
    names: &mut Names<S>,
    mut begin: impl FnMut(&'a str, Labels) -> S,
    mut entry: impl FnMut(&'a str, &S, LoggedEntry<'a>),
) -> Option<u64> {
    let mut cursor = Cursor::new(record);
    let kind = cursor.byte()?;
    let tenant = cursor.text()?;
    let mut numbers = match kind {
        NAMED => None,
        NUMBERED => Some(names.of(tenant, cursor.uvarint()?)),
        _ => return None,
    };
    let mut left_out = 0;
    while !cursor.is_empty() {
        let len = cursor.le32()? as usize;
        let mut of_stream = Cursor::new(cursor.take(len)?);
        let stream = match &mut numbers {
            None => begin(tenant, Labels::from_bytes(of_stream.sized()?)?),
            Some(numbers) => {
                let number = u32::try_from(of_stream.uvarint()?).ok()?;
                match of_stream.uvarint()?.checked_sub(1) {
                    Some(len) => {
                        let labels = of_stream.take(usize::try_from(len).ok()?)?;
                        let stream = begin(tenant, Labels::from_bytes(labels)?);
                        numbers.insert(number, stream.clone());
                        stream
                    }
                    None => match numbers.get(&number) {
                        Some(stream) => stream.clone(),
                        None => {
                            left_out += 1;
                            continue;
                        }
                    },
                }
            }
        };
        let mut timestamp = 0_i64;
        while !of_stream.is_empty() {
            timestamp = timestamp.wrapping_add(of_stream.varint()?);
            let len = usize::try_from(of_stream.uvarint()?).ok()?;
            let set = of_stream.sized()?;
            let line = of_stream.take(len)?;
            entry(tenant, &stream, LoggedEntry { timestamp, line, set });
        }
    }
    Some(left_out)
}
