//! Whole chunks into columns.

use super::{DOD_BITS, HEADER_BYTES, Window, XorAppender};
use crate::bits::{BitReader, read_uvarint, read_varint, signed};
use crate::error::Error;

/// Decodes a whole chunk behind what `timestamps` and `values` hold, and returns the number of samples.
///
/// # Errors
/// Where the bytes are no chunk; the columns then are as they were before.
pub fn decode(bytes: &[u8], timestamps: &mut Vec<i64>, values: &mut Vec<f64>) -> Result<usize, Error> {
    let (timestamps_before, values_before) = (timestamps.len(), values.len());
    let mut decoder = Decoder::new(bytes)?;
    let count = decoder.left;
    timestamps.reserve(count);
    values.reserve(count);
    let decoded = decoder.for_each(|timestamp, value| {
        timestamps.push(timestamp);
        values.push(f64::from_bits(value));
    });
    if let Err(error) = decoded {
        timestamps.truncate(timestamps_before);
        values.truncate(values_before);
        return Err(error);
    }
    Ok(count)
}

/// The least number of bits that the first and the second sample take, and any other one.
const SAMPLE_BITS_MIN: [usize; 3] = [8 + 64, 8 + 1, 2];

/// A chunk on its way into samples.
pub(super) struct Decoder<'a> {
    len: usize,
    reader: BitReader<'a>,
    /// Samples that are still to come.
    left: usize,
    state: XorAppender,
}

impl<'a> Decoder<'a> {
    /// Reads the header, and refuses one that announces more samples than there can be.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let (header, body) =
            bytes.split_first_chunk::<HEADER_BYTES>().ok_or(Error::NoHeader { len: bytes.len() })?;
        let count = u16::from_be_bytes(*header);
        let left = usize::from(count);
        let [first, second, other] = SAMPLE_BITS_MIN;
        let least = match left {
            0 => 0,
            1 => first,
            more => first + second + (more - 2) * other,
        };
        if body.len() * 8 < least {
            return Err(Error::Truncated { len: bytes.len(), samples: left });
        }
        Ok(Self {
            len: bytes.len(),
            reader: BitReader::new(body),
            left,
            state: XorAppender { timestamp: 0, value: 0, delta: 0, count, window: Window::NONE, free: 0 },
        })
    }

    /// Decodes every sample and calls `visit` with its timestamp and the bits of its value.
    #[inline]
    fn for_each(&mut self, mut visit: impl FnMut(i64, u64)) -> Result<(), Error> {
        let samples = self.left;
        let Self { reader, state, .. } = self;
        let mut timestamp = 0;
        let mut delta = 0;
        let mut value = 0;
        let mut window = Window::NONE;
        if samples > 0 {
            timestamp = read_varint(reader)?;
            value = reader.read(64);
            visit(timestamp, value);
        }
        if samples > 1 {
            delta = read_uvarint(reader)?;
            timestamp = timestamp.wrapping_add(delta as i64);
            value = window.read(reader, value);
            visit(timestamp, value);
        }
        for _ in 2..samples {
            reader.refill();
            let bits = reader.window();
            if bits >> 63 == 0 {
                reader.skip(1);
            } else {
                delta = delta.wrapping_add(read_dod(reader) as u64);
            }
            // A refill gives 56 bits; short differences and the head of a value need 24 + 13 of them.
            timestamp = timestamp.wrapping_add(delta as i64);
            if reader.window() >> 63 == 0 {
                reader.skip(1);
            } else {
                reader.skip(1);
                value ^= window.read_changed(reader);
            }
            visit(timestamp, value);
        }
        *state = XorAppender { timestamp, value, delta, count: state.count, window, free: 0 };
        self.left = 0;
        if self.reader.overran() {
            return Err(Error::Truncated { len: self.len, samples });
        }
        Ok(())
    }

    /// Decodes every sample for the state behind the last.
    pub(super) fn skip_all(&mut self) -> Result<(), Error> {
        self.for_each(|_, _| {})
    }

    /// The state behind the last sample, and the number of bytes up to there.
    pub(super) fn into_appender(self) -> (XorAppender, usize) {
        let bits = self.reader.position();
        let free = (bits.next_multiple_of(8) - bits) as u8;
        (XorAppender { free, ..self.state }, HEADER_BYTES + bits.div_ceil(8))
    }
}

/// Reads a difference of differences that is not 0; the reader was refilled, and holds at least 32 bits after.
#[inline]
fn read_dod(reader: &mut BitReader<'_>) -> i64 {
    let [small, middle, large, whole] = DOD_BITS;
    match (!reader.window()).leading_zeros() {
        1 => {
            reader.skip(2);
            signed(reader.take(small), small)
        }
        2 => {
            reader.skip(3);
            signed(reader.take(middle), middle)
        }
        3 => {
            reader.skip(4);
            signed(reader.take(large), large)
        }
        _ => {
            reader.skip(4);
            let dod = reader.read(whole) as i64;
            reader.refill();
            dod
        }
    }
}
