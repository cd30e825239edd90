//! Looking at bits from a place that is a plain number.

/// A place among bits: every look loads anew from there, so that no look has to wait for the bits of the one before.
///
/// Behind the end there are zeros, and the place counts on: who decodes asks [`BitCursor::overran`] in the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BitCursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> BitCursor<'a> {
    /// At the bit `position` of `bytes`.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }

    /// The bits to come, left-aligned; at least [`BitCursor::LOOK_BITS`] of them are true.
    #[inline(always)]
    pub(crate) fn look(&self) -> u64 {
        let word = match self.bytes.get(self.position / 8..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(eight) => u64::from_be_bytes(*eight),
            None => self.tail(),
        };
        word << (self.position % 8)
    }

    /// What a look shows at least.
    pub(crate) const LOOK_BITS: u32 = 57;

    /// The last few bytes, with zeros behind them.
    #[cold]
    #[inline(never)]
    fn tail(&self) -> u64 {
        let mut eight = [0; 8];
        let rest = self.bytes.get(self.position / 8..).unwrap_or_default();
        for (to, from) in eight.iter_mut().zip(rest) {
            *to = *from;
        }
        u64::from_be_bytes(eight)
    }

    /// Steps over bits.
    #[inline(always)]
    pub(crate) fn skip(&mut self, count: u32) {
        self.position += count as usize;
    }

    /// Takes `count` bits (1 to 64).
    #[inline(always)]
    pub(crate) fn take(&mut self, count: u32) -> u64 {
        let bits = self.look() >> (64 - count);
        self.skip(count);
        if count <= Self::LOOK_BITS {
            return bits;
        }
        // Of more bits than a look shows the lowest are in the next one.
        let missing = count - Self::LOOK_BITS;
        let last = Self { bytes: self.bytes, position: self.position - missing as usize };
        (bits >> missing) << missing | last.look() >> (64 - missing)
    }

    /// The number of bits ahead.
    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Whether more bits were taken than there are.
    #[inline]
    pub(crate) fn overran(&self) -> bool {
        self.position > self.bytes.len() * 8
    }
}
