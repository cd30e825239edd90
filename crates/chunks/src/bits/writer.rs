//! Writing bits behind those that a buffer holds.

use super::BitBuffer;

/// Collects bits in a word and hands them to the buffer by the word.
///
/// It starts from the last, partly used byte of the buffer and puts that byte back in [`BitWriter::finish`]; in
/// between the buffer is incomplete.
pub struct BitWriter<'a, B: BitBuffer> {
    buffer: &'a mut B,
    /// The pending bits, right-aligned.
    word: u64,
    /// Number of pending bits, 0 to 63.
    pending: u32,
}

impl<'a, B: BitBuffer> BitWriter<'a, B> {
    /// Writes behind the bits of `buffer`, whose last byte has `free` unused bits (0 to 7).
    #[inline]
    pub(crate) fn new(buffer: &'a mut B, free: u8) -> Self {
        let mut writer = Self { buffer, word: 0, pending: 0 };
        if free > 0
            && let Some(last) = writer.buffer.pop()
        {
            writer.word = u64::from(last) >> free;
            writer.pending = 8 - u32::from(free);
        }
        writer
    }

    /// Writes the `count` low bits of `bits` (0 to 64); bits above them are ignored.
    #[inline]
    pub(crate) fn write(&mut self, bits: u64, count: u32) {
        let bits = if count < 64 { bits & ((1 << count) - 1) } else { bits };
        let total = self.pending + count;
        if total < 64 {
            self.word = self.word << count | bits;
            self.pending = total;
            return;
        }
        // The word is filled with the upper part of `bits`; the lower part stays pending.
        let left = total - 64;
        let taken = count - left;
        let full = if taken == 64 { bits } else { self.word << taken | bits >> left };
        self.buffer.extend_word(full.to_be_bytes(), 8);
        self.word = if left == 0 { 0 } else { bits & ((1 << left) - 1) };
        self.pending = left;
    }

    /// Writes whole bytes; for headers, where the position is a whole byte.
    pub(crate) fn write_byte(&mut self, byte: u8) {
        self.write(u64::from(byte), 8);
    }

    /// Hands the pending bits over and returns the number of unused bits in the last byte.
    #[inline]
    pub(crate) fn finish(self) -> u8 {
        self.finish_with_buffer().1
    }

    /// As [`BitWriter::finish`], and gives the buffer back.
    #[inline]
    pub(crate) fn finish_with_buffer(self) -> (&'a mut B, u8) {
        if self.pending > 0 {
            let aligned = (self.word << (64 - self.pending)).to_be_bytes();
            let len = self.pending.div_ceil(8) as usize;
            self.buffer.extend_word(aligned, len);
        }
        (self.buffer, (self.pending.next_multiple_of(8) - self.pending) as u8)
    }
}
