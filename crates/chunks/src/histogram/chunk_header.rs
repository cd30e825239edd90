//! The bytes before a chunk's layout: the number of samples, the counter reset, the place of start times.

use model::CounterResetHint;

use crate::bits::ByteBuffer;
use crate::error::Error;

/// What a chunk says of a counter reset between the chunk before and its own first sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ResetHeader {
    /// It must be looked for.
    Unknown = 0b00,
    /// There was none.
    NotReset = 0b01,
    /// There was one.
    Reset = 0b10,
    /// The samples are gauges.
    Gauge = 0b11,
}

impl ResetHeader {
    fn from_bits(bits: u8) -> Self {
        match bits & 0b11 {
            0b01 => Self::NotReset,
            0b10 => Self::Reset,
            0b11 => Self::Gauge,
            _ => Self::Unknown,
        }
    }

    /// What a sample's own hint says when nothing is before it.
    pub fn of_hint(hint: CounterResetHint) -> Self {
        match hint {
            CounterResetHint::Gauge => Self::Gauge,
            CounterResetHint::Reset => Self::Reset,
            CounterResetHint::Unknown | CounterResetHint::NotReset => Self::Unknown,
        }
    }
}

/// Three bytes, in one of two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkHeader {
    pub(super) count: u16,
    pub(super) reset: ResetHeader,
    /// `None` in the encodings without start times.
    pub(super) start_byte: Option<u8>,
}

/// Length of either form.
pub(super) const HEADER_BYTES: usize = 3;
/// With start times the count shares its bytes with the reset header.
const COUNT_MAX_WITH_STARTS: u16 = (1 << 14) - 1;

impl ChunkHeader {
    pub(super) fn read(bytes: &[u8], with_starts: bool) -> Result<(Self, &[u8]), Error> {
        let (header, body) =
            bytes.split_first_chunk::<HEADER_BYTES>().ok_or(Error::NoHeader { len: bytes.len() })?;
        let [high, low, third] = *header;
        let count = u16::from_be_bytes([high, low]);
        let header = if with_starts {
            let reset = ResetHeader::from_bits(high >> 6);
            Self { count: count & COUNT_MAX_WITH_STARTS, reset, start_byte: Some(third) }
        } else {
            Self { count, reset: ResetHeader::from_bits(third >> 6), start_byte: None }
        };
        Ok((header, body))
    }

    /// Writes the header over the first bytes of a buffer.
    pub(super) fn write<B: ByteBuffer>(self, buffer: &mut B) {
        let [mut high, low] = self.count.to_be_bytes();
        let reset = (self.reset as u8) << 6;
        let third = match self.start_byte {
            Some(start_byte) => {
                high |= reset;
                start_byte
            }
            None => reset,
        };
        if let Some(header) = buffer.bytes_mut().first_chunk_mut() {
            *header = [high, low, third];
        }
    }

    /// The count after one more sample.
    pub(super) fn next_count(self) -> Result<u16, Error> {
        let max = if self.start_byte.is_some() { COUNT_MAX_WITH_STARTS } else { u16::MAX };
        if self.count < max { Ok(self.count + 1) } else { Err(Error::Full) }
    }
}
