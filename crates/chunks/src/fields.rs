//! One number of a histogram from sample to sample.

use crate::bits::{BitBuffer, BitReader, BitWriter, read_varbit_int, write_varbit_int};
use crate::xor::Window;

/// A number that is written against the same number of the sample before.
pub trait Field: Copy + std::fmt::Debug + PartialEq {
    /// The number.
    type Value: Copy + PartialEq;

    /// The field with the value of the first sample.
    fn new(value: Self::Value) -> Self;

    /// The value of the last sample.
    fn value(&self) -> Self::Value;

    /// Writes the value of the first sample.
    fn write_first<B: BitBuffer>(&self, writer: &mut BitWriter<'_, B>);

    /// Writes the value of another sample and keeps it.
    fn write_next<B: BitBuffer>(&mut self, writer: &mut BitWriter<'_, B>, value: Self::Value);

    /// Reads the value of the first sample.
    fn read_first(reader: &mut BitReader<'_>) -> Self;

    /// Reads the value of another sample and keeps it.
    fn read_next(&mut self, reader: &mut BitReader<'_>);
}

/// A whole number, as difference of differences. (The second sample's is a plain difference: the one before is 0.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntField {
    pub(crate) value: i64,
    pub(crate) delta: i64,
}

impl Field for IntField {
    type Value = i64;

    fn new(value: i64) -> Self {
        Self { value, delta: 0 }
    }

    fn value(&self) -> i64 {
        self.value
    }

    fn write_first<B: BitBuffer>(&self, writer: &mut BitWriter<'_, B>) {
        write_varbit_int(writer, self.value);
    }

    #[inline]
    fn write_next<B: BitBuffer>(&mut self, writer: &mut BitWriter<'_, B>, value: i64) {
        let delta = value.wrapping_sub(self.value);
        write_varbit_int(writer, delta.wrapping_sub(self.delta));
        *self = Self { value, delta };
    }

    fn read_first(reader: &mut BitReader<'_>) -> Self {
        Self::new(read_varbit_int(reader))
    }

    #[inline]
    fn read_next(&mut self, reader: &mut BitReader<'_>) {
        self.delta = self.delta.wrapping_add(read_varbit_int(reader));
        self.value = self.value.wrapping_add(self.delta);
    }
}

/// A float, as XOR; the value is its bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloatField {
    value: u64,
    window: Window,
}

impl Field for FloatField {
    type Value = u64;

    fn new(value: u64) -> Self {
        Self { value, window: Window::NONE }
    }

    fn value(&self) -> u64 {
        self.value
    }

    fn write_first<B: BitBuffer>(&self, writer: &mut BitWriter<'_, B>) {
        writer.write(self.value, 64);
    }

    #[inline]
    fn write_next<B: BitBuffer>(&mut self, writer: &mut BitWriter<'_, B>, value: u64) {
        self.window.write(writer, self.value, value);
        self.value = value;
    }

    fn read_first(reader: &mut BitReader<'_>) -> Self {
        Self::new(reader.read(64))
    }

    #[inline]
    fn read_next(&mut self, reader: &mut BitReader<'_>) {
        self.value = self.window.read(reader, self.value);
    }
}
