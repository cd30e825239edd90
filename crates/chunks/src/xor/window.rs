//! A float as the XOR with the one before: only the bits between the outer zeros are written.

use crate::bits::{BitBuffer, BitReader, BitWriter};

/// The place of the significant bits of the last value that told its own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Zeros above, at most [`LEADING_MAX`]; [`NO_WINDOW`] before the first.
    leading: u8,
    /// Zeros below.
    trailing: u8,
}

/// Five bits tell the zeros above.
const LEADING_MAX: u32 = 31;
/// Stands for "there is no window yet"; no value has so many zeros above.
const NO_WINDOW: u8 = 0xFF;

impl Window {
    /// Before any changed value.
    pub(crate) const NONE: Self = Self { leading: NO_WINDOW, trailing: 0 };

    /// Writes the change from `old` to `new`, both as the bits of floats.
    #[inline]
    pub(crate) fn write<B: BitBuffer>(&mut self, writer: &mut BitWriter<'_, B>, old: u64, new: u64) {
        if old == new {
            writer.write(0, 1);
        } else {
            writer.write(1, 1);
            self.write_changed(writer, old ^ new);
        }
    }

    /// Writes `before`, `len` bits and at most 20, and a change as [`Window::write`] writes it, in as few pieces as
    /// can be; `delta` is the change's bits, 0 for none.
    #[inline]
    pub(crate) fn write_behind<B: BitBuffer>(
        &mut self,
        writer: &mut BitWriter<'_, B>,
        before: u64,
        len: u32,
        delta: u64,
    ) {
        if delta == 0 {
            writer.write(before << 1, len + 1);
            return;
        }
        let leading = delta.leading_zeros().min(LEADING_MAX);
        let trailing = delta.trailing_zeros();
        if self.holds(leading, trailing) {
            writer.write(before << 2 | 0b10, len + 2);
        } else {
            *self = Self { leading: leading as u8, trailing: trailing as u8 };
            let header = u64::from(leading << 6 | self.significant() & 63);
            writer.write((before << 2 | 0b11) << Self::HEADER_BITS | header, len + 2 + Self::HEADER_BITS);
        }
        self.write_reused(writer, delta);
    }

    /// Writes a change that is known to be one (`delta` is not 0): `0` and the bits in the window as it is, or
    /// `1`, a new window and the bits in it.
    #[inline]
    pub(crate) fn write_changed<B: BitBuffer>(&mut self, writer: &mut BitWriter<'_, B>, delta: u64) {
        let leading = delta.leading_zeros().min(LEADING_MAX);
        let trailing = delta.trailing_zeros();
        if self.holds(leading, trailing) {
            writer.write(0, 1);
            writer.write(delta >> self.trailing, self.significant());
        } else {
            writer.write(1, 1);
            self.write_new(writer, delta);
        }
    }

    /// Writes a new window and the bits in it.
    #[inline]
    pub(crate) fn write_new<B: BitBuffer>(&mut self, writer: &mut BitWriter<'_, B>, delta: u64) {
        let leading = delta.leading_zeros().min(LEADING_MAX);
        let trailing = delta.trailing_zeros();
        *self = Self { leading: leading as u8, trailing: trailing as u8 };
        let significant = self.significant();
        // Six bits tell 1 to 64: 64 is written as 0.
        writer.write(u64::from(leading << 6 | significant & 63), 11);
        writer.write(delta >> trailing, significant);
    }

    /// Whether bits with so many zeros above and below lie in the window.
    #[inline]
    fn holds(self, leading: u32, trailing: u32) -> bool {
        self.leading != NO_WINDOW
            && leading >= u32::from(self.leading)
            && trailing >= u32::from(self.trailing)
    }

    /// Whether the significant bits of `delta` (not 0) lie in the window.
    #[inline]
    pub(crate) fn holds_delta(self, delta: u64) -> bool {
        self.holds(delta.leading_zeros().min(LEADING_MAX), delta.trailing_zeros())
    }

    /// Writes the bits of `delta` that lie in the window.
    #[inline]
    pub(crate) fn write_reused<B: BitBuffer>(self, writer: &mut BitWriter<'_, B>, delta: u64) {
        writer.write(delta >> self.trailing, self.significant());
    }

    /// Number of bits in the window.
    #[inline]
    fn significant(self) -> u32 {
        64 - u32::from(self.leading) - u32::from(self.trailing)
    }

    /// Bits that tell a window.
    pub(crate) const HEADER_BITS: u32 = 11;

    /// The window that [`Window::HEADER_BITS`] bits tell.
    #[inline(always)]
    pub(crate) fn from_header(header: u32) -> Self {
        let leading = header >> 6;
        let significant = match header & 63 {
            0 => 64,
            significant => significant,
        };
        // Only damaged bytes tell more than 64 bits in all.
        let trailing = 64_u32.saturating_sub(leading + significant);
        Self { leading: leading as u8, trailing: trailing as u8 }
    }

    /// Number of bits that a value in the window is told in.
    ///
    /// Only damaged bytes reuse a window before there is one; all 64 bits stand for it, as in the original.
    #[inline(always)]
    pub(crate) fn significant_or_all(self) -> u32 {
        if self.leading == NO_WINDOW { 64 } else { self.significant() }
    }

    /// Zeros below the bits in the window.
    #[inline(always)]
    pub(crate) fn trailing(self) -> u32 {
        u32::from(self.trailing)
    }

    /// Reads what [`Window::write`] wrote.
    #[inline]
    pub(crate) fn read(&mut self, reader: &mut BitReader<'_>, old: u64) -> u64 {
        reader.refill();
        let window = reader.window();
        if window >> 63 == 0 {
            reader.skip(1);
            return old;
        }
        reader.skip(1);
        old ^ self.read_changed(reader)
    }

    /// Reads what [`Window::write_changed`] wrote; the window of the reader holds at least 12 bits.
    #[inline]
    pub(crate) fn read_changed(&mut self, reader: &mut BitReader<'_>) -> u64 {
        let renewed = reader.window() >> 63 != 0;
        reader.skip(1);
        if renewed { self.read_new(reader) } else { self.read_reused(reader) }
    }

    /// Reads what [`Window::write_new`] wrote; the window of the reader holds at least 11 bits.
    #[inline]
    pub(crate) fn read_new(&mut self, reader: &mut BitReader<'_>) -> u64 {
        *self = Self::from_header(reader.take(Self::HEADER_BITS) as u32);
        self.read_reused(reader)
    }

    /// Reads what [`Window::write_reused`] wrote.
    #[inline]
    pub(crate) fn read_reused(self, reader: &mut BitReader<'_>) -> u64 {
        reader.read(self.significant_or_all()) << self.trailing
    }
}
