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

    /// Something that is no record, from its first byte on.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What stands behind the first byte.
    pub(super) fn behind_type(record: &'a [u8]) -> Self {
        Self { rest: record.get(1..).unwrap_or_default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        let (&byte, rest) = self.rest.split_first().ok_or(DecodeError::End(field))?;
        self.rest = rest;
        Ok(byte)
    }

    #[inline]
    pub(super) fn be64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        let (bytes, rest) = self.rest.split_first_chunk::<8>().ok_or(DecodeError::End(field))?;
        self.rest = rest;
        Ok(u64::from_be_bytes(*bytes))
    }

    #[inline]
    pub(super) fn float(&mut self, field: &'static str) -> Result<f64, DecodeError> {
        self.be64(field).map(f64::from_bits)
    }

    #[inline]
    pub(super) fn uvarint(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        match self.rest.split_first() {
            Some((&byte, rest)) if byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(byte))
            }
            _ => self.long_uvarint(field),
        }
    }

    fn long_uvarint(&mut self, field: &'static str) -> Result<u64, DecodeError> {
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

    #[inline]
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
    #[inline]
    pub(super) fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let len = self.count(field, 1)?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(DecodeError::End(field))?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes(field)?).map_err(|_| DecodeError::Text(field))
    }

    /// A label set into `labels`, in the place of the one that they hold; gives its bytes behind the count.
    ///
    /// A label that stands where the set before had the same one is that very slice, and is not looked through again.
    pub(super) fn labels(&mut self, labels: &mut LabelTexts<'a>) -> Result<&'a [u8], DecodeError> {
        let count = self.count("labels", 2)?;
        let whole = self.rest;
        let LabelTexts { pairs, bytes } = labels;
        pairs.truncate(count);
        bytes.truncate(count);
        for place in 0..count {
            let before = self.rest;
            if let Some(rest) = bytes.get(place).and_then(|bytes| before.strip_prefix(*bytes)) {
                self.rest = rest;
                continue;
            }
            let pair = (self.text("a label name")?, self.text("a label value")?);
            let taken = before.get(..before.len() - self.rest.len()).unwrap_or_default();
            match (pairs.get_mut(place), bytes.get_mut(place)) {
                (Some(pair_before), Some(bytes_before)) => (*pair_before, *bytes_before) = (pair, taken),
                _ => {
                    pairs.push(pair);
                    bytes.push(taken);
                }
            }
        }
        Ok(whole.get(..whole.len() - self.rest.len()).unwrap_or_default())
    }

    /// Steps over a label set; gives its bytes, the count included.
    pub(super) fn skip_pairs(&mut self) -> Result<&'a [u8], DecodeError> {
        let whole = self.rest;
        for _ in 0..self.count("labels", 2)? {
            self.bytes("a label name")?;
            self.bytes("a label value")?;
        }
        Ok(whole.get(..whole.len() - self.rest.len()).unwrap_or_default())
    }
}

/// The texts of a label set, read into the place of those of another.
#[derive(Debug, Clone, Default)]
pub struct LabelTexts<'a> {
    pairs: Vec<(&'a str, &'a str)>,
    /// Each pair as it stands in the record; as many as pairs.
    bytes: Vec<&'a [u8]>,
}

impl<'a> LabelTexts<'a> {
    /// Names and values as they stand in the record.
    pub fn pairs(&self) -> &[(&'a str, &'a str)] {
        &self.pairs
    }
}

/// Texts below this length are written alike in records and in packed labels.
const SHORT: usize = 128;

/// Whether the value of a label is written alike in records and in packed labels.
pub fn is_packed_alike(value: &str) -> bool {
    (1..SHORT).contains(&value.len())
}

/// The labels of `pairs` in the packed form of [`Labels`]: `bytes`, as they stand in a record, where that is the
/// same; `None` where it is not.
pub fn packed_alike<'a>(pairs: &[(&str, &str)], bytes: &'a [u8]) -> Option<&'a [u8]> {
    let mut before = None;
    for (name, value) in pairs {
        let is_sorted = before.is_none_or(|before| before < *name);
        if !is_sorted || name.len() >= SHORT || !is_packed_alike(value) {
            return None;
        }
        before = Some(*name);
    }
    Some(bytes)
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
    put_uvarint(out, zigzag(value));
}

/// A signed number as an unsigned one that is small where it is near 0.
pub(super) fn zigzag(value: i64) -> u64 {
    (value << 1) as u64 ^ (value >> 63) as u64
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
