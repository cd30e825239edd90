//! Strings of bits, most significant bit first, the last byte padded with zeros.

mod buffer;
mod reader;
mod varint;
mod writer;

pub use buffer::ByteBuffer;
pub(crate) use reader::BitReader;
pub(crate) use varint::{read_uvarint, read_varint, write_uvarint, write_varint};
pub(crate) use writer::BitWriter;

#[cfg(test)]
mod tests;
