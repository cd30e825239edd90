//! Integers of one to ten bytes: seven bits each, the lowest first, the top bit set where more follow.

use super::{BitBuffer, BitReader, BitWriter};
use crate::Error;

/// Writes an unsigned integer.
pub(crate) fn write_uvarint<B: BitBuffer>(writer: &mut BitWriter<'_, B>, mut value: u64) {
    while value >= 0x80 {
        writer.write_byte(value as u8 | 0x80);
        value >>= 7;
    }
    writer.write_byte(value as u8);
}

/// Writes a signed integer, its sign in the lowest bit.
pub(crate) fn write_varint<B: BitBuffer>(writer: &mut BitWriter<'_, B>, value: i64) {
    write_uvarint(writer, (value << 1 ^ value >> 63) as u64);
}

/// Reads an unsigned integer.
///
/// # Errors
/// [`Error::Overflow`] where it has more than 64 bits.
pub(crate) fn read_uvarint(reader: &mut BitReader<'_>) -> Result<u64, Error> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let byte = reader.read(8);
        let bits = byte & 0x7F;
        if shift == 63 && bits > 1 {
            break;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Error::Overflow)
}

/// Reads a signed integer.
///
/// # Errors
/// [`Error::Overflow`] where it has more than 64 bits.
pub(crate) fn read_varint(reader: &mut BitReader<'_>) -> Result<i64, Error> {
    let value = read_uvarint(reader)?;
    Ok((value >> 1) as i64 ^ -((value & 1) as i64))
}
