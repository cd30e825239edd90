//! Floats of either encoding.

use crate::{Encoding, Error, xor, xor2};

/// Decodes a whole chunk of floats behind what the columns hold, and returns the number of samples.
///
/// `starts` gets the start times, 0 for none; it stays as it is with the encoding that has none.
///
/// # Errors
/// Where the bytes are no chunk of floats; the columns then are as they were before.
pub fn decode_floats(
    encoding: Encoding,
    bytes: &[u8],
    timestamps: &mut Vec<i64>,
    values: &mut Vec<f64>,
    starts: &mut Vec<i64>,
) -> Result<usize, Error> {
    match encoding {
        Encoding::Xor => xor::decode(bytes, timestamps, values),
        Encoding::Xor2 => xor2::decode(bytes, timestamps, values, starts),
        _ => Err(Error::WrongEncoding(encoding)),
    }
}
