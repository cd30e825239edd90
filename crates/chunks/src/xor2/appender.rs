//! The state that the next sample of a chunk is written against.

use model::sample::STALE_NAN_BITS;

use super::decoder::Decoder;
use super::{DOD_BITS, HEADER_BYTES};
use crate::bits::{BitWriter, ByteBuffer, write_uvarint, write_varint};
use crate::error::Error;
use crate::start::StartTimes;
use crate::xor::Window;

/// Appends floats with start times to a chunk whose bytes lie elsewhere.
///
/// The buffer of each call must be the one of the call before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Xor2Appender {
    pub(super) timestamp: i64,
    /// The last value that is no staleness marker.
    pub(super) baseline: u64,
    pub(super) delta: u64,
    pub(super) starts: StartTimes,
    pub(super) count: u16,
    pub(super) window: Window,
    /// Unused bits in the last byte.
    pub(super) free: u8,
    /// Whether the last value was a staleness marker.
    pub(super) stale: bool,
}

impl Xor2Appender {
    /// Before the first sample of a chunk.
    pub(super) const EMPTY: Self = Self {
        timestamp: 0,
        baseline: 0,
        delta: 0,
        starts: StartTimes::NONE,
        count: 0,
        window: Window::NONE,
        free: 0,
        stale: false,
    };

    /// Starts a chunk: whatever `buffer` holds is cleared.
    pub fn new<B: ByteBuffer>(buffer: &mut B) -> Self {
        buffer.truncate(0);
        buffer.extend(&[0; HEADER_BYTES]);
        Self::EMPTY
    }

    /// Takes up a chunk that was written before; what stands behind its last sample is cut off.
    ///
    /// # Errors
    /// Where the bytes are no chunk.
    pub fn resume<B: ByteBuffer>(buffer: &mut B) -> Result<Self, Error> {
        let mut decoder = Decoder::new(buffer.bytes())?;
        decoder.for_each(|_, _, _| {})?;
        let (appender, len) = decoder.into_appender();
        buffer.truncate(len);
        Ok(appender)
    }

    /// Appends a sample; a start time of 0 is none.
    ///
    /// # Errors
    /// [`Error::Full`] after 65,535 samples.
    pub fn append<B: ByteBuffer>(
        &mut self,
        buffer: &mut B,
        (timestamp, start): (i64, i64),
        value: f64,
    ) -> Result<(), Error> {
        let count = self.count.checked_add(1).ok_or(Error::Full)?;
        let value = value.to_bits();
        let before = self.timestamp;
        let delta = timestamp.wrapping_sub(before) as u64;
        let mut writer = BitWriter::new(buffer, self.free);
        match self.count {
            0 => {
                write_varint(&mut writer, timestamp);
                writer.write(value, 64);
            }
            1 => {
                write_uvarint(&mut writer, delta);
                self.write_value(&mut writer, value);
                self.delta = delta;
            }
            _ => {
                self.write_joint(&mut writer, delta.wrapping_sub(self.delta) as i64, value);
                self.delta = delta;
            }
        }
        self.starts.write(&mut writer, self.count, (before, timestamp), start);
        self.free = writer.finish();
        self.timestamp = timestamp;
        self.keep_value(value);
        self.count = count;
        let [high, low] = count.to_be_bytes();
        if let Some(header) = buffer.bytes_mut().first_chunk_mut() {
            *header = [high, low, self.starts.header()];
        }
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
        let bits = if self.stale { STALE_NAN_BITS } else { self.baseline };
        (self.count > 0).then_some(f64::from_bits(bits))
    }

    /// Keeps a value as the last one.
    #[inline]
    pub(super) fn keep_value(&mut self, value: u64) {
        self.stale = value == STALE_NAN_BITS;
        if !self.stale {
            self.baseline = value;
        }
    }

    fn write_joint<B: ByteBuffer>(&mut self, writer: &mut BitWriter<'_, B>, dod: i64, value: u64) {
        let [small, middle, whole] = DOD_BITS;
        if dod != 0 {
            let bits = dod as u64;
            if fits(dod, small) {
                writer.write(0b110 << small | bits & mask(small), 3 + small);
            } else if fits(dod, middle) {
                writer.write(0b1110 << middle | bits & mask(middle), 4 + middle);
            } else {
                writer.write(0b11110, 5);
                writer.write(bits, whole);
            }
            self.write_value(writer, value);
        } else if value == self.baseline {
            writer.write(0, 1);
        } else if value == STALE_NAN_BITS {
            writer.write(0b11111, 5);
        } else {
            writer.write(0b10, 2);
            self.window.write_changed(writer, value ^ self.baseline);
        }
    }

    fn write_value<B: ByteBuffer>(&mut self, writer: &mut BitWriter<'_, B>, value: u64) {
        let delta = value ^ self.baseline;
        if delta == 0 {
            writer.write(0, 1);
        } else if value == STALE_NAN_BITS {
            writer.write(0b111, 3);
        } else if self.window.holds_delta(delta) {
            writer.write(0b10, 2);
            self.window.write_reused(writer, delta);
        } else {
            writer.write(0b110, 3);
            self.window.write_new(writer, delta);
        }
    }
}

/// Whether `value` can be told in `bits` bits of two's complement.
fn fits(value: i64, bits: u32) -> bool {
    let half = 1_i64 << (bits - 1);
    (-half..half).contains(&value)
}

fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}
