//! Whole chunks into columns.

use model::sample::STALE_NAN_BITS;

use super::{DOD_BITS, HEADER_BYTES, Xor2Appender};
use crate::bits::{BitReader, read_uvarint, read_varint};
use crate::error::Error;
use crate::start::StartTimes;

/// Decodes a whole chunk behind what the columns hold, and returns the number of samples; a start time of 0 is
/// none.
///
/// # Errors
/// Where the bytes are no chunk; the columns then are as they were before.
pub fn decode(
    bytes: &[u8],
    timestamps: &mut Vec<i64>,
    values: &mut Vec<f64>,
    starts: &mut Vec<i64>,
) -> Result<usize, Error> {
    let before = (timestamps.len(), values.len(), starts.len());
    let mut decoder = Decoder::new(bytes)?;
    let count = usize::from(decoder.state.count);
    timestamps.reserve(count);
    values.reserve(count);
    starts.reserve(count);
    let decoded = decoder.for_each(|timestamp, start, value| {
        timestamps.push(timestamp);
        values.push(f64::from_bits(value));
        starts.push(start);
    });
    if let Err(error) = decoded {
        timestamps.truncate(before.0);
        values.truncate(before.1);
        starts.truncate(before.2);
        return Err(error);
    }
    Ok(count)
}

/// The least number of bits that the first and the second sample take, and any other one.
const SAMPLE_BITS_MIN: [usize; 3] = [8 + 64, 8 + 1, 1];

/// A chunk on its way into samples.
pub(super) struct Decoder<'a> {
    len: usize,
    reader: BitReader<'a>,
    state: Xor2Appender,
}

impl<'a> Decoder<'a> {
    /// Reads the header, and refuses one that announces more samples than there can be.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let (header, body) =
            bytes.split_first_chunk::<HEADER_BYTES>().ok_or(Error::NoHeader { len: bytes.len() })?;
        let [high, low, start_header] = *header;
        let count = u16::from_be_bytes([high, low]);
        let samples = usize::from(count);
        let [first, second, other] = SAMPLE_BITS_MIN;
        let least = match samples {
            0 => 0,
            1 => first,
            more => first + second + (more - 2) * other,
        };
        if body.len() * 8 < least {
            return Err(Error::Truncated { len: bytes.len(), samples });
        }
        let starts = StartTimes::of_header(start_header);
        let state = Xor2Appender { count, starts, ..Xor2Appender::EMPTY };
        Ok(Self { len: bytes.len(), reader: BitReader::new(body), state })
    }

    /// Decodes every sample and calls `visit` with its time, its start time and the bits of its value.
    #[inline]
    pub(super) fn for_each(&mut self, mut visit: impl FnMut(i64, i64, u64)) -> Result<(), Error> {
        let Self { len, reader, state } = self;
        for number in 0..state.count {
            let before = state.timestamp;
            let value = match number {
                0 => {
                    state.timestamp = read_varint(reader)?;
                    reader.read(64)
                }
                1 => {
                    state.delta = read_uvarint(reader)?;
                    state.timestamp = before.wrapping_add(state.delta as i64);
                    read_value(reader, state)
                }
                _ => {
                    let (dod, value) = read_joint(reader, state);
                    state.delta = state.delta.wrapping_add(dod as u64);
                    state.timestamp = before.wrapping_add(state.delta as i64);
                    value
                }
            };
            state.keep_value(value);
            state.starts.read(reader, number, (before, state.timestamp))?;
            visit(state.timestamp, state.starts.start(), value);
        }
        if reader.overran() {
            return Err(Error::Truncated { len: *len, samples: usize::from(state.count) });
        }
        Ok(())
    }

    /// The state behind the last sample, and the number of bytes up to there.
    pub(super) fn into_appender(self) -> (Xor2Appender, usize) {
        let bits = self.reader.position();
        let free = (bits.next_multiple_of(8) - bits) as u8;
        (Xor2Appender { free, ..self.state }, HEADER_BYTES + bits.div_ceil(8))
    }
}

/// The difference of differences and the bits of the value.
#[inline]
fn read_joint(reader: &mut BitReader<'_>, state: &mut Xor2Appender) -> (i64, u64) {
    let [small, middle, whole] = DOD_BITS;
    reader.refill();
    let ones = (!reader.window()).leading_zeros();
    let dod = match ones {
        0 => {
            reader.skip(1);
            return (0, state.baseline);
        }
        1 => {
            reader.skip(2);
            return (0, state.baseline ^ state.window.read_changed(reader));
        }
        2 => {
            reader.skip(3);
            signed(reader.take(small), small)
        }
        3 => {
            reader.skip(4);
            signed(reader.take(middle), middle)
        }
        4 => {
            reader.skip(5);
            reader.read(whole) as i64
        }
        _ => {
            reader.skip(5);
            return (0, STALE_NAN_BITS);
        }
    };
    (dod, read_value(reader, state))
}

/// The bits of a value behind a difference that is not 0.
#[inline]
fn read_value(reader: &mut BitReader<'_>, state: &mut Xor2Appender) -> u64 {
    reader.refill();
    match (!reader.window()).leading_zeros() {
        0 => {
            reader.skip(1);
            state.baseline
        }
        1 => {
            reader.skip(2);
            state.baseline ^ state.window.read_reused(reader)
        }
        2 => {
            reader.skip(3);
            state.baseline ^ state.window.read_new(reader)
        }
        _ => {
            reader.skip(3);
            STALE_NAN_BITS
        }
    }
}

/// The value that `bits` bits of two's complement stand for.
fn signed(value: u64, bits: u32) -> i64 {
    ((value << (64 - bits)) as i64) >> (64 - bits)
}
