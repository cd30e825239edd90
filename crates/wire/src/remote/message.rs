//! Fields of messages with the errors of this module, and the parts of messages that are walked most.

use super::Error;
use crate::proto::{Fields, ProtoError, Value, split_varint};

/// The fields of a message whose kind is known, for the texts of errors.
#[derive(Debug, Clone)]
pub(crate) struct Message<'a> {
    kind: &'static str,
    fields: Fields<'a>,
}

impl<'a> Message<'a> {
    pub(crate) fn new(kind: &'static str, bytes: &'a [u8]) -> Self {
        Self { kind, fields: Fields::new(bytes) }
    }

    /// The next field's number and value, `None` at the end.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, Error> {
        self.fields.next().map_err(|error| Error::of(error, self.kind))
    }
}

impl<'a> Value<'a> {
    /// The bytes of a text or a message.
    pub(crate) fn bytes_of(self, field: &'static str) -> Result<&'a [u8], Error> {
        self.bytes(0).map_err(|_| Error::wrong(field, self))
    }

    /// A whole number.
    pub(crate) fn number_of(self, field: &'static str) -> Result<u64, Error> {
        self.varint(0).map_err(|_| Error::wrong(field, self))
    }

    /// A float of eight bytes.
    pub(crate) fn float_of(self, field: &'static str) -> Result<f64, Error> {
        self.double(0).map_err(|_| Error::wrong(field, self))
    }

    /// Calls `add` with each number of a list, packed or not.
    pub(crate) fn numbers_of(self, field: &'static str, add: impl FnMut(u64)) -> Result<(), Error> {
        self.varints_into(0, add).map_err(|error| self.list_error(field, error))
    }

    /// Adds the floats of a list, packed or not.
    pub(crate) fn floats_of(self, field: &'static str, list: &mut Vec<f64>) -> Result<(), Error> {
        self.doubles_into(0, list).map_err(|error| self.list_error(field, error))
    }

    fn list_error(self, field: &'static str, error: ProtoError) -> Error {
        match error {
            ProtoError::WireType(_) => Error::wrong(field, self),
            error => Error::of(error, field),
        }
    }
}

/// The length of the run of fields with this tag (number below 16, of bytes) that `message` begins with.
#[inline]
pub(super) fn run_of(tag: u8, message: &[u8]) -> usize {
    let mut rest = message;
    loop {
        let after = match rest {
            [first, len, after @ ..] if *first == tag && *len < 0x80 => {
                after.split_at_checked(usize::from(*len)).map(|(_, after)| after)
            }
            [first, after @ ..] if *first == tag => split_varint(after)
                .ok()
                .and_then(|(len, after)| after.split_at_checked(usize::try_from(len).ok()?))
                .map(|(_, after)| after),
            _ => None,
        };
        match after {
            Some(after) => rest = after,
            None => return message.len() - rest.len(),
        }
    }
}
