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

    /// Takes the next field where it has this tag (as in [`split_field`]); `None` says nothing.
    #[inline]
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (value, rest) = split_field(tag, self.fields.rest())?;
        self.fields = Fields::new(rest);
        Some(value)
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
    #[inline]
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

/// Takes a field with this tag (number below 16, of bytes) off the front.
#[inline]
pub(super) fn split_field(tag: u8, message: &[u8]) -> Option<(&[u8], &[u8])> {
    match message {
        [first, len, after @ ..] if *first == tag && *len < 0x80 => after.split_at_checked(usize::from(*len)),
        [first, after @ ..] if *first == tag => {
            let (len, after) = split_varint(after).ok()?;
            after.split_at_checked(usize::try_from(len).ok()?)
        }
        _ => None,
    }
}

/// Parts `message` behind the run of fields with this tag (as in [`split_field`]) that it begins with.
#[inline]
pub(super) fn split_run(tag: u8, message: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = message;
    while let Some((_, after)) = split_field(tag, rest) {
        rest = after;
    }
    message.split_at_checked(message.len() - rest.len()).unwrap_or((message, &[]))
}
