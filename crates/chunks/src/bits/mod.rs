//! Strings of bits, most significant bit first, the last byte padded with zeros.

mod buffer;
mod cursor;
mod reader;
mod varbit;
mod varint;
mod writer;

pub use buffer::{BitBuffer, ByteBuffer};
pub(crate) use cursor::BitCursor;
pub(crate) use reader::BitReader;
pub(crate) use varbit::{
    fits, read_varbit_int, read_varbit_uint, signed, write_varbit_int, write_varbit_uint,
};
pub(crate) use varint::{read_uvarint, read_varint, write_uvarint, write_varint};
pub(crate) use writer::BitWriter;

#[cfg(test)]
mod tests;
