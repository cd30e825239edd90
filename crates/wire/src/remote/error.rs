//! What can be wrong with the bytes of a request.

use crate::proto::{ProtoError, Value};

/// Why a request cannot be read; the texts are the original's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not in Snappy's block format.
    #[error("snappy: corrupt input")]
    Snappy,
    /// The bytes stand for more than may be read.
    #[error("snappy: decoded length {len} exceeds limit {max}")]
    TooLarge {
        /// Length that the bytes announce.
        len: usize,
        /// The most that is read.
        max: usize,
    },
    /// A message ends within a field.
    #[error("unexpected EOF")]
    Truncated,
    /// A number is longer than it may be.
    #[error("proto: integer overflow")]
    Overflow,
    /// A field without a number.
    #[error("proto: {message}: illegal tag 0 (wire type {wire_type})")]
    IllegalTag {
        /// The kind of message.
        message: &'static str,
        /// The field's encoding.
        wire_type: u8,
    },
    /// A field in an encoding that is not used any more.
    #[error("proto: illegal wireType {wire_type}")]
    IllegalWireType {
        /// The encoding.
        wire_type: u8,
    },
    /// A field in another encoding than its kind has.
    #[error("proto: wrong wireType = {wire_type} for field {field}")]
    WireType {
        /// The encoding.
        wire_type: u8,
        /// The field.
        field: &'static str,
    },
    /// More of something than any sender has to send.
    #[error("proto: too many {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
    },
}

impl Error {
    /// An error of the encoding, in a message of this kind.
    pub(super) fn of(error: ProtoError, message: &'static str) -> Self {
        match error {
            ProtoError::Truncated => Self::Truncated,
            ProtoError::Overflow => Self::Overflow,
            ProtoError::Tag(tag) if tag >> 3 == 0 => Self::IllegalTag { message, wire_type: (tag & 7) as u8 },
            ProtoError::Tag(tag) => Self::IllegalWireType { wire_type: (tag & 7) as u8 },
            ProtoError::WireType(_) => Self::IllegalWireType { wire_type: 0 },
        }
    }

    /// A value that does not suit a field.
    pub(crate) fn wrong(field: &'static str, value: Value<'_>) -> Self {
        let wire_type = match value {
            Value::Varint(_) => 0,
            Value::Fixed64(_) => 1,
            Value::Bytes(_) => 2,
            Value::Fixed32(_) => 5,
        };
        Self::WireType { wire_type, field }
    }
}
