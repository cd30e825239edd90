//! Reads and writes the numbers and texts that records are made of.

use model::Labels;

/// Why the body of a record makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The record is of another type than asked for.
    #[error("record of type {0}")]
    RecordType(u8),
    /// The record ends within a field.
    #[error("the record ends within {0}")]
    End(&'static str),
    /// A number is longer than it may be.
    #[error("number too large in {0}")]
    Number(&'static str),
    /// A count is larger than what the record can hold.
    #[error("count {count} of {field} with {left} bytes left")]
    Count {
        /// Of what.
        field: &'static str,
        /// The count.
        count: u64,
        /// What is left of the record.
        left: usize,
    },
    /// A text is not UTF-8.
    #[error("text that is not UTF-8 in {0}")]
    Text(&'static str),
    /// Start-timestamp marker that means nothing.
    #[error("unknown start timestamp marker {0}")]
    StartMarker(u8),
    /// Spans and buckets of a histogram do not match.
    #[error("histogram with {buckets} buckets and spans for {spans}")]
    Buckets {
        /// Buckets that are there.
        buckets: usize,
        /// Buckets that the spans lay out.
        spans: u64,
    },
}

/// The rest of a record.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Opens a record of the given type behind its first byte.
    pub(super) fn open(record: &'a [u8], types: &[super::RecordType]) -> Result<Self, DecodeError> {
        match record.split_first() {
            Some((&code, rest)) if types.iter().any(|kind| kind.code() == code) => Ok(Self { rest }),
            Some((&code, _)) => Err(DecodeError::RecordType(code)),
            None => Err(DecodeError::End("the record type")),
        }
    }

    /// What stands behind the first byte.
    pub(super) fn behind_type(record: &'a [u8]) -> Self {
        Self { rest: record.get(1..).unwrap_or_default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        let (&byte, rest) = self.rest.split_first().ok_or(DecodeError::End(field))?;
        self.rest = rest;
        Ok(byte)
    }

    pub(super) fn be64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        let (bytes, rest) = self.rest.split_first_chunk::<8>().ok_or(DecodeError::End(field))?;
        self.rest = rest;
        Ok(u64::from_be_bytes(*bytes))
    }

    pub(super) fn float(&mut self, field: &'static str) -> Result<f64, DecodeError> {
        self.be64(field).map(f64::from_bits)
    }

    pub(super) fn uvarint(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        let mut value: u64 = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte(field)?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(DecodeError::Number(field));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
            if shift > 63 {
                return Err(DecodeError::Number(field));
            }
        }
    }

    pub(super) fn varint(&mut self, field: &'static str) -> Result<i64, DecodeError> {
        let value = self.uvarint(field)?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A count of things that each take at least `each` bytes.
    pub(super) fn count(&mut self, field: &'static str, each: usize) -> Result<usize, DecodeError> {
        let count = self.uvarint(field)?;
        let left = self.rest.len();
        match usize::try_from(count) {
            Ok(fits) if fits.checked_mul(each).is_some_and(|bytes| bytes <= left) => Ok(fits),
            _ => Err(DecodeError::Count { field, count, left }),
        }
    }

    /// A length and so many bytes.
    pub(super) fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let len = self.count(field, 1)?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(DecodeError::End(field))?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes(field)?).map_err(|_| DecodeError::Text(field))
    }

    /// A label set into `pairs`, which are emptied first.
    pub(super) fn pairs(&mut self, pairs: &mut Vec<(&'a str, &'a str)>) -> Result<(), DecodeError> {
        pairs.clear();
        for _ in 0..self.count("labels", 2)? {
            pairs.push((self.text("a label name")?, self.text("a label value")?));
        }
        Ok(())
    }
}

/// Packs pairs as they were read, which a sound writer has sorted.
pub fn pack_labels(pairs: &[(&str, &str)]) -> Labels {
    let sorted = pairs.iter().zip(pairs.iter().skip(1)).all(|((a, _), (b, _))| a < b);
    if sorted && pairs.iter().all(|(_, value)| !value.is_empty()) {
        Labels::from_sorted(pairs.iter().copied())
    } else {
        Labels::from_pairs(pairs.iter().copied())
    }
}

pub(super) fn put_uvarint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_varint(out: &mut Vec<u8>, value: i64) {
    put_uvarint(out, (value << 1) as u64 ^ (value >> 63) as u64);
}

pub(super) fn put_be64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_be_bytes());
}

pub(super) fn put_float(out: &mut Vec<u8>, value: f64) {
    put_be64(out, value.to_bits());
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_uvarint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_labels(out: &mut Vec<u8>, labels: &Labels) {
    put_uvarint(out, labels.len() as u64);
    for (name, value) in labels {
        put_text(out, name);
        put_text(out, value);
    }
}
