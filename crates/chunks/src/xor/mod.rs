//! Encoding 1: floats, timestamps as differences of differences, values as XOR with the one before.
//!
//! `[count u16][t0 varint][v0 64 bits]`, then `[t1 − t0 uvarint][v1]`, then per sample the difference of
//! differences in 1 to 68 bits and the value in 1 to 77 bits.

mod appender;
mod decoder;
mod window;

pub use appender::XorAppender;
pub use decoder::{decode, decode_until};
pub(crate) use window::Window;

#[cfg(test)]
mod tests;

/// Bytes before the first sample.
const HEADER_BYTES: usize = 2;
/// Widths of a difference of differences behind the prefixes `10`, `110`, `1110` and `1111`.
const DOD_BITS: [u32; 4] = [14, 17, 20, 64];
