//! Records of one append, compressed by the appender so that the writer only frames them.

use crate::compression::{Compression, RECORD_BYTES_MAX, compress};
use crate::error::Error;
use crate::frame::Flags;
use crate::record::{SamplesSlice, encode_samples, pack_samples};

/// Records that are written together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    compression: Compression,
    bytes: Vec<u8>,
    /// End of each record in `bytes`, and how it is compressed.
    ends: Vec<(usize, Flags)>,
    /// Length of the records before compression.
    raw_len: usize,
}

impl Batch {
    /// An empty batch whose records are compressed in this way.
    pub fn new(compression: Compression) -> Self {
        Self { compression, ..Self::default() }
    }

    /// How its records are compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Adds a record; an empty one is left out.
    ///
    /// # Errors
    /// [`Error::RecordTooLarge`] above [`RECORD_BYTES_MAX`].
    pub fn push(&mut self, record: &[u8]) -> Result<(), Error> {
        if record.len() > RECORD_BYTES_MAX {
            return Err(Error::RecordTooLarge { len: record.len() });
        }
        if !record.is_empty() {
            let flags = compress(self.compression, record, &mut self.bytes);
            self.ends.push((self.bytes.len(), flags));
            self.raw_len += record.len();
        }
        Ok(())
    }

    /// Adds a record of float samples; `room` is memory for it.
    ///
    /// # Errors
    /// As [`Batch::push`].
    pub fn push_samples(&mut self, samples: SamplesSlice<'_>, room: &mut Vec<u8>) -> Result<(), Error> {
        if self.compression == Compression::Snappy
            && let Some(raw_len) = pack_samples(samples, &mut self.bytes)
        {
            self.ends.push((self.bytes.len(), Flags::SNAPPY));
            self.raw_len += raw_len;
            return Ok(());
        }
        room.clear();
        encode_samples(samples, room);
        self.push(room)
    }

    /// Removes all records, keeping the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.raw_len = 0;
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The length of the records, compressed.
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes compression has saved.
    pub fn saved_bytes(&self) -> usize {
        self.raw_len.saturating_sub(self.bytes.len())
    }

    /// The records as they are framed.
    pub(crate) fn records(&self) -> impl Iterator<Item = (Flags, &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |&(end, flags)| {
            let record = self.bytes.get(start..end).unwrap_or_default();
            start = end;
            (flags, record)
        })
    }
}
