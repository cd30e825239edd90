//! Protocol buffers, walked without copying: fields of a message one by one over the bytes.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>

#[cfg(test)]
mod tests;

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProtoError {
    /// A number or field ends behind the message.
    #[error("proto: unexpected EOF")]
    Truncated,
    /// A number of more than ten bytes.
    #[error("proto: integer overflow")]
    Overflow,
    /// A field of a kind that is not used any more, or of number 0.
    #[error("proto: illegal tag {0}")]
    Tag(u64),
    /// A field of another kind than its number has.
    #[error("proto: wrong wire type for field {0}")]
    WireType(u32),
}

/// The value of a field, as far as the encoding tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// The fields of a message, in the order of the bytes.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The bytes of the fields that are still to come.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next field's number and value, `None` at the end.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, ProtoError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number));
        let number = number.ok_or(ProtoError::Tag(tag))?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let len = usize::try_from(self.varint()?).map_err(|_| ProtoError::Truncated)?;
                let (bytes, rest) = self.rest.split_at_checked(len).ok_or(ProtoError::Truncated)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(ProtoError::Tag(tag)),
        };
        Ok(Some((number, value)))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, ProtoError> {
        let (value, rest) = split_varint(self.rest)?;
        self.rest = rest;
        Ok(value)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ProtoError> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or(ProtoError::Truncated)?;
        self.rest = rest;
        Ok(*bytes)
    }
}

/// Takes a number of variable length off the front.
#[inline]
pub(crate) fn split_varint(bytes: &[u8]) -> Result<(u64, &[u8]), ProtoError> {
    // Tags and lengths have one byte, references to symbols one or two, nearly all of them.
    match bytes {
        [byte, rest @ ..] if *byte < 0x80 => Ok((u64::from(*byte), rest)),
        [low, high, rest @ ..] if *high < 0x80 => Ok((u64::from(*low & 0x7F) | u64::from(*high) << 7, rest)),
        _ => split_long_varint(bytes),
    }
}

fn split_long_varint(bytes: &[u8]) -> Result<(u64, &[u8]), ProtoError> {
    let word = bytes.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
    if let Some(word) = word.or_else(|| short_word(bytes)) {
        let ends = !word & 0x8080_8080_8080_8080;
        if ends != 0 {
            let len = ends.trailing_zeros() / 8 + 1;
            let bits = word & (u64::MAX >> (64 - 8 * len)) & 0x7F7F_7F7F_7F7F_7F7F;
            // Eight groups of seven bits become four of 14, then two of 28, then one.
            let bits = bits & 0x007F_007F_007F_007F | (bits & 0x7F00_7F00_7F00_7F00) >> 1;
            let bits = bits & 0x0000_3FFF_0000_3FFF | (bits & 0x3FFF_0000_3FFF_0000) >> 2;
            let value = bits & 0x0FFF_FFFF | (bits & 0x0FFF_FFFF_0000_0000) >> 4;
            return Ok((value, bytes.get(len as usize..).unwrap_or_default()));
        }
    }
    let mut value: u64 = 0;
    let mut rest = bytes;
    for shift in (0..70).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(ProtoError::Truncated)?;
        rest = after;
        let bits = u64::from(byte & 0x7F);
        // The tenth byte has room for one bit.
        if shift == 63 && bits > 1 {
            return Err(ProtoError::Overflow);
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok((value, rest));
        }
    }
    Err(ProtoError::Overflow)
}

/// Four to seven bytes as the low ones of a word; no number ends in what fills it up.
///
/// The time of a sample has six bytes, and ends its message.
#[inline]
fn short_word(bytes: &[u8]) -> Option<u64> {
    let low = u32::from_le_bytes(*bytes.first_chunk()?);
    let high = u32::from_le_bytes(*bytes.last_chunk()?);
    let bits = 8 * u32::try_from(bytes.len()).ok().filter(|len| *len < 8)?;
    Some(u64::from(low) | u64::from(high) << (bits - 32) | u64::MAX << bits)
}

/// A number whose sign stands in its last bit.
pub(crate) const fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

impl<'a> Value<'a> {
    /// The bytes of a text, message or packed list.
    pub(crate) fn bytes(self, field: u32) -> Result<&'a [u8], ProtoError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(ProtoError::WireType(field)),
        }
    }

    /// A whole number without zigzag.
    pub(crate) fn varint(self, field: u32) -> Result<u64, ProtoError> {
        match self {
            Self::Varint(value) => Ok(value),
            _ => Err(ProtoError::WireType(field)),
        }
    }

    /// A float of eight bytes.
    pub(crate) fn double(self, field: u32) -> Result<f64, ProtoError> {
        match self {
            Self::Fixed64(bits) => Ok(f64::from_bits(bits)),
            _ => Err(ProtoError::WireType(field)),
        }
    }

    /// Adds a whole number, or a packed list of them, to a list.
    #[inline]
    pub(crate) fn varints_into(self, field: u32, mut add: impl FnMut(u64)) -> Result<(), ProtoError> {
        match self {
            Self::Varint(value) => add(value),
            Self::Bytes(mut packed) => {
                while !packed.is_empty() {
                    let (value, rest) = split_varint(packed)?;
                    packed = rest;
                    add(value);
                }
            }
            _ => return Err(ProtoError::WireType(field)),
        }
        Ok(())
    }

    /// Adds a float, or a packed list of them, to a list.
    pub(crate) fn doubles_into(self, field: u32, list: &mut Vec<f64>) -> Result<(), ProtoError> {
        match self {
            Self::Fixed64(bits) => list.push(f64::from_bits(bits)),
            Self::Bytes(packed) => {
                let (whole, rest) = packed.as_chunks::<8>();
                if !rest.is_empty() {
                    return Err(ProtoError::Truncated);
                }
                list.extend(whole.iter().map(|bytes| f64::from_le_bytes(*bytes)));
            }
            _ => return Err(ProtoError::WireType(field)),
        }
        Ok(())
    }
}
