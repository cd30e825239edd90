//! Encoding 4: floats with start times; the difference of differences and "the same value" share a prefix.
//!
//! `[count u16][start header u8]`, two samples as in [`crate::xor`], then per sample one of
//!
//! | prefix | timestamp | value |
//! |---|---|---|
//! | `0` | as far as before | the same |
//! | `10` | as far as before | in the window (`0`) or a new one (`1`) |
//! | `110` | 13 bits | see below |
//! | `1110` | 20 bits | see below |
//! | `11110` | 64 bits | see below |
//! | `11111` | as far as before | the staleness marker |
//!
//! Where it says "see below", and with the second sample: `0` the same value, `10` in the window, `110` a new
//! window, `111` the staleness marker. The marker never becomes the value that others are written against.

mod appender;
mod decoder;

pub use appender::Xor2Appender;
pub use decoder::decode;

#[cfg(test)]
mod tests;

/// Bytes before the first sample.
const HEADER_BYTES: usize = 3;
/// Widths of a difference of differences behind the prefixes `110`, `1110` and `11110`, in two's complement.
const DOD_BITS: [u32; 3] = [13, 20, 64];
