//! Whole chunks into columns.

use super::appender::FreeBits;
use super::{DOD_BITS, HEADER_BYTES, Window, XorAppender};
use crate::bits::{BitCursor, BitReader, read_uvarint, read_varint, signed};
use crate::error::Error;

/// Decodes a whole chunk behind what `timestamps` and `values` hold, and returns the number of samples.
///
/// # Errors
/// Where the bytes are no chunk; the columns then are as they were before.
pub fn decode(bytes: &[u8], timestamps: &mut Vec<i64>, values: &mut Vec<f64>) -> Result<usize, Error> {
    decode_until(bytes, i64::MAX, timestamps, values)
}

/// As [`decode`], but of the samples behind the time `last` some or all are left out.
///
/// # Errors
/// As [`decode`], where what is read is no chunk.
pub fn decode_until(
    bytes: &[u8],
    last: i64,
    timestamps: &mut Vec<i64>,
    values: &mut Vec<f64>,
) -> Result<usize, Error> {
    let (timestamps_before, values_before) = (timestamps.len(), values.len());
    let mut decoder = Decoder::new(bytes)?;
    let count = decoder.left;
    timestamps.resize(timestamps_before + count, 0);
    values.resize(values_before + count, 0.0);
    let new_timestamps = timestamps.get_mut(timestamps_before..).unwrap_or_default();
    let new_values = values.get_mut(values_before..).unwrap_or_default();
    let decoded = decoder.decode_into(last, Places(new_timestamps.iter_mut().zip(new_values)));
    let kept = decoded.as_ref().map_or(0, |left| count - left);
    timestamps.truncate(timestamps_before + kept);
    values.truncate(values_before + kept);
    decoded.map(|_| kept)
}

/// Where samples go.
trait Sink {
    /// Takes a sample, its value as bits.
    fn put(&mut self, timestamp: i64, value: u64);

    /// Takes samples of one value, each `delta` behind the one before, the first `delta` behind `timestamp`.
    fn put_same(&mut self, count: u32, timestamp: i64, delta: u64, value: u64);
}

/// The places of samples in columns.
struct Places<'a>(std::iter::Zip<std::slice::IterMut<'a, i64>, std::slice::IterMut<'a, f64>>);

impl Sink for Places<'_> {
    #[inline(always)]
    fn put(&mut self, timestamp: i64, value: u64) {
        if let Some(place) = self.0.next() {
            *place.0 = timestamp;
            *place.1 = f64::from_bits(value);
        }
    }

    #[inline(always)]
    fn put_same(&mut self, count: u32, mut timestamp: i64, delta: u64, value: u64) {
        for place in self.0.by_ref().take(count as usize) {
            timestamp = timestamp.wrapping_add(delta as i64);
            *place.0 = timestamp;
            *place.1 = f64::from_bits(value);
        }
    }
}

/// Takes samples and keeps none.
struct Nowhere;

impl Sink for Nowhere {
    fn put(&mut self, _timestamp: i64, _value: u64) {}

    fn put_same(&mut self, _count: u32, _timestamp: i64, _delta: u64, _value: u64) {}
}

/// The least number of bits that the first and the second sample take, and any other one.
const SAMPLE_BITS_MIN: [usize; 3] = [8 + 64, 8 + 1, 2];

/// A chunk on its way into samples.
pub(super) struct Decoder<'a> {
    len: usize,
    body: &'a [u8],
    /// Bits of the body that were taken.
    position: usize,
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
        let state = XorAppender {
            timestamp: 0,
            value: 0,
            delta: 0,
            count,
            window: Window::NONE,
            free: FreeBits::Zero,
        };
        Ok(Self { len: bytes.len(), body, position: 0, left, state })
    }

    /// Decodes the samples up to the time `last`, maybe more, and returns how many are left.
    #[inline]
    fn decode_into(&mut self, last: i64, mut sink: impl Sink) -> Result<usize, Error> {
        let samples = std::mem::take(&mut self.left);
        let state = &mut self.state;
        let mut reader = BitReader::new(self.body);
        if samples > 0 {
            state.timestamp = read_varint(&mut reader)?;
            state.value = reader.read(64);
            sink.put(state.timestamp, state.value);
        }
        if samples > 1 {
            state.delta = read_uvarint(&mut reader)?;
            state.timestamp = state.timestamp.wrapping_add(state.delta as i64);
            state.value = state.window.read(&mut reader, state.value);
            sink.put(state.timestamp, state.value);
        }
        let mut cursor = BitCursor::new(self.body, reader.position());
        let left = decode_rest(&mut cursor, samples.saturating_sub(2), last, state, sink);
        self.position = cursor.position();
        if cursor.overran() {
            return Err(Error::Truncated { len: self.len, samples });
        }
        Ok(left)
    }

    /// Decodes every sample for the state behind the last.
    pub(super) fn skip_all(&mut self) -> Result<(), Error> {
        self.decode_into(i64::MAX, Nowhere).map(drop)
    }

    /// The state behind the last sample, and the number of bytes up to there.
    pub(super) fn into_appender(self) -> (XorAppender, usize) {
        let bits = self.position;
        let free = FreeBits::new((bits.next_multiple_of(8) - bits) as u8);
        (XorAppender { free, ..self.state }, HEADER_BYTES + bits.div_ceil(8))
    }
}

/// Decodes the samples behind the second.
///
/// What mostly comes is known from three bits: samples as far apart as before with the same value (a run of them at
/// once), or with another value in the same window or in a new one.
#[inline]
fn decode_rest(
    cursor: &mut BitCursor<'_>,
    mut left: usize,
    last: i64,
    state: &mut XorAppender,
    mut sink: impl Sink,
) -> usize {
    let XorAppender { mut timestamp, mut value, mut delta, mut window, .. } = *state;
    while left > 0 && timestamp <= last {
        let mut bits = cursor.look();
        let mut known = BitCursor::LOOK_BITS;
        let mut ahead = 1;
        if bits >> 62 == 0 {
            let run = (bits.leading_zeros() / 2).min(known / 2).min(u32::try_from(left).unwrap_or(u32::MAX));
            sink.put_same(run, timestamp, delta, value);
            timestamp = timestamp.wrapping_add(delta.wrapping_mul(u64::from(run)) as i64);
            left -= run as usize;
            cursor.skip(2 * run);
            continue;
        }
        left -= 1;
        if bits >> 63 != 0 {
            delta = delta.wrapping_add(take_dod(cursor, bits) as u64);
            bits = cursor.look();
            ahead = 0;
        }
        timestamp = timestamp.wrapping_add(delta as i64);
        bits <<= ahead;
        known -= ahead;
        if bits >> 63 == 0 {
            cursor.skip(ahead + 1);
        } else {
            let mut header = 2;
            if bits >> 62 != 0b10 {
                window = Window::from_header((bits >> 51 & 0x7FF) as u32);
                header = 2 + Window::HEADER_BITS;
            }
            let significant = window.significant_or_all();
            if header + significant <= known {
                value ^= (bits << header >> (64 - significant)) << window.trailing();
                cursor.skip(ahead + header + significant);
            } else {
                cursor.skip(ahead + header);
                value ^= cursor.take(significant) << window.trailing();
            }
        }
        sink.put(timestamp, value);
    }
    *state = XorAppender { timestamp, value, delta, window, ..*state };
    left
}

/// Takes a difference of differences that is not 0, `bits` being those to come.
#[inline]
fn take_dod(cursor: &mut BitCursor<'_>, bits: u64) -> i64 {
    let [small, middle, large, whole] = DOD_BITS;
    let (prefix, width) = match (!bits).leading_zeros() {
        1 => (2, small),
        2 => (3, middle),
        3 => (4, large),
        _ => {
            cursor.skip(4);
            return cursor.take(whole) as i64;
        }
    };
    cursor.skip(prefix + width);
    signed(bits << prefix >> (64 - width), width)
}
