//! The state that the next sample of a chunk is written against.

use super::{DOD_BITS, HEADER_BYTES, Window};
use crate::bits::{BitBuffer, BitWriter, ByteBuffer, fits, write_uvarint, write_varint};
use crate::error::Error;
use crate::xor::decoder::Decoder;

/// Appends floats to a chunk whose bytes lie elsewhere.
///
/// 32 bytes of plain data; the buffer of each call must be the one of the call before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XorAppender {
    pub(super) timestamp: i64,
    pub(super) value: u64,
    pub(super) delta: u64,
    pub(super) count: u16,
    pub(super) window: Window,
    /// Unused bits in the last byte.
    pub(super) free: FreeBits,
}

/// A number from 0 to 7. The values that it does not have leave room for what stands in its place: an enum of which
/// an appender is one variant is no larger than the appender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum FreeBits {
    Zero,
    One,
    Two,
    Three,
    Four,
    Five,
    Six,
    Seven,
}

impl FreeBits {
    /// `bits` modulo 8.
    #[inline]
    pub(super) fn new(bits: u8) -> Self {
        match bits % 8 {
            1 => Self::One,
            2 => Self::Two,
            3 => Self::Three,
            4 => Self::Four,
            5 => Self::Five,
            6 => Self::Six,
            7 => Self::Seven,
            _ => Self::Zero,
        }
    }
}

impl XorAppender {
    /// Starts a chunk: whatever `buffer` holds is cleared.
    pub fn new<B: BitBuffer>(buffer: &mut B) -> Self {
        buffer.clear();
        buffer.extend(&[0; HEADER_BYTES]);
        Self { timestamp: 0, value: 0, delta: 0, count: 0, window: Window::NONE, free: FreeBits::Zero }
    }

    /// Takes up a chunk that was written before; what stands behind its last sample is cut off.
    ///
    /// # Errors
    /// Where the bytes are no chunk.
    pub fn resume<B: ByteBuffer>(buffer: &mut B) -> Result<Self, Error> {
        let mut decoder = Decoder::new(buffer.bytes())?;
        decoder.skip_all()?;
        let (appender, len) = decoder.into_appender();
        buffer.truncate(len);
        Ok(appender)
    }

    /// Appends a sample; the timestamp is any, but only ascending ones make a chunk that others accept.
    ///
    /// # Errors
    /// [`Error::Full`] after 65,535 samples.
    #[inline]
    pub fn append<B: BitBuffer>(&mut self, buffer: &mut B, timestamp: i64, value: f64) -> Result<(), Error> {
        let count = self.count.checked_add(1).ok_or(Error::Full)?;
        let value = value.to_bits();
        let delta = timestamp.wrapping_sub(self.timestamp) as u64;
        let mut writer = BitWriter::new(buffer, self.free as u8);
        match self.count {
            0 => {
                write_varint(&mut writer, timestamp);
                writer.write(value, 64);
            }
            1 => {
                write_uvarint(&mut writer, delta);
                self.window.write(&mut writer, self.value, value);
                self.delta = delta;
            }
            _ => {
                let dod = delta.wrapping_sub(self.delta) as i64;
                match short_dod(dod) {
                    Some((bits, len)) => self.window.write_behind(&mut writer, bits, len, self.value ^ value),
                    None => {
                        write_dod(&mut writer, dod);
                        self.window.write(&mut writer, self.value, value);
                    }
                }
                self.delta = delta;
            }
        }
        self.free = FreeBits::new(writer.finish());
        self.timestamp = timestamp;
        self.value = value;
        self.count = count;
        buffer.set_count(count);
        Ok(())
    }

    /// Number of samples in the chunk.
    pub fn count(&self) -> u16 {
        self.count
    }

    /// Timestamp of the last sample, `None` before the first.
    pub fn last_timestamp(&self) -> Option<i64> {
        (self.count > 0).then_some(self.timestamp)
    }

    /// Value of the last sample, `None` before the first.
    pub fn last_value(&self) -> Option<f64> {
        (self.count > 0).then_some(f64::from_bits(self.value))
    }
}

/// A small difference of differences of timestamps as [`write_dod`] writes it: its bits, and how many they are.
#[inline]
fn short_dod(dod: i64) -> Option<(u64, u32)> {
    let [small, middle, ..] = DOD_BITS;
    let bits = dod as u64;
    if dod == 0 {
        Some((0, 1))
    } else if fits(dod, small) {
        Some((0b10 << small | bits & mask(small), 2 + small))
    } else if fits(dod, middle) {
        Some((0b110 << middle | bits & mask(middle), 3 + middle))
    } else {
        None
    }
}

/// Writes a difference of differences of timestamps.
#[inline]
fn write_dod<B: BitBuffer>(writer: &mut BitWriter<'_, B>, dod: i64) {
    let [small, middle, large, whole] = DOD_BITS;
    let bits = dod as u64;
    if dod == 0 {
        writer.write(0, 1);
    } else if fits(dod, small) {
        writer.write(0b10 << small | bits & mask(small), 2 + small);
    } else if fits(dod, middle) {
        writer.write(0b110 << middle | bits & mask(middle), 3 + middle);
    } else if fits(dod, large) {
        writer.write(0b1110 << large | bits & mask(large), 4 + large);
    } else {
        writer.write(0b1111, 4);
        writer.write(bits, whole);
    }
}

fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}
