//! Integers in 1 to 72 bits: a prefix of ones tells how many bits follow.

use super::{BitBuffer, BitReader, BitWriter};

/// Bits that follow a prefix of 1, 2, … ones; 0 has the prefix without any.
const WIDTHS: [u32; 8] = [3, 6, 9, 12, 18, 25, 56, 64];
/// The longest prefix, which alone has no zero behind its ones.
const ONES_MAX: u32 = 8;

/// Writes a signed integer, small ones in few bits.
#[inline]
pub(crate) fn write_varbit_int<B: BitBuffer>(writer: &mut BitWriter<'_, B>, value: i64) {
    // One more value on the positive side, other than in two's complement: see `fits`.
    let magnitude = if value > 0 { (value - 1) as u64 } else { value.wrapping_neg() as u64 };
    let bits = 65 - magnitude.leading_zeros();
    write_in(writer, value as u64, value == 0, bits);
}

/// Writes an unsigned integer, small ones in few bits.
#[inline]
pub(crate) fn write_varbit_uint<B: BitBuffer>(writer: &mut BitWriter<'_, B>, value: u64) {
    write_in(writer, value, value == 0, 64 - value.leading_zeros());
}

/// Writes `value` in the narrowest width that has room for `bits` bits.
#[inline]
fn write_in<B: BitBuffer>(writer: &mut BitWriter<'_, B>, value: u64, zero: bool, bits: u32) {
    if zero {
        writer.write(0, 1);
        return;
    }
    for (ones, width) in (1..).zip(WIDTHS) {
        if bits <= width || ones == ONES_MAX {
            let prefix_bits = (ones + 1).min(ONES_MAX);
            let prefix = ((1_u64 << ones) - 1) << (prefix_bits - ones);
            if prefix_bits + width <= 64 {
                let low = value & ((1_u64 << width) - 1);
                writer.write(prefix << width | low, prefix_bits + width);
            } else {
                writer.write(prefix, prefix_bits);
                writer.write(value, width);
            }
            return;
        }
    }
}

/// Reads what [`write_varbit_int`] wrote.
#[inline]
pub(crate) fn read_varbit_int(reader: &mut BitReader<'_>) -> i64 {
    let (value, width) = read_raw(reader);
    signed(value, width)
}

/// Reads what [`write_varbit_uint`] wrote.
#[inline]
pub(crate) fn read_varbit_uint(reader: &mut BitReader<'_>) -> u64 {
    read_raw(reader).0
}

/// The bits behind the prefix, and how many there are.
#[inline]
fn read_raw(reader: &mut BitReader<'_>) -> (u64, u32) {
    reader.refill();
    let ones = (!reader.window()).leading_zeros().min(ONES_MAX);
    if ones == 0 {
        reader.skip(1);
        return (0, 1);
    }
    let width = WIDTHS.get(ones as usize - 1).copied().unwrap_or(64);
    reader.skip((ones + 1).min(ONES_MAX));
    (reader.read(width), width)
}

/// Whether `value` can be told in `bits` bits: one more value on the positive side, other than in two's complement.
pub(crate) fn fits(value: i64, bits: u32) -> bool {
    let half = 1_i64 << (bits - 1);
    -half < value && value <= half
}

/// The value that `bits` bits stand for, see [`fits`].
#[inline]
pub(crate) fn signed(value: u64, bits: u32) -> i64 {
    let value = value as i64;
    if bits < 64 && value > 1 << (bits - 1) { value - (1 << bits) } else { value }
}
