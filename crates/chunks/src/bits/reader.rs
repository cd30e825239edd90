//! Reading bits through a 64-bit window.

/// Reads bits through a window of at least 57 bits that is refilled without a branch on the bit position.
///
/// Behind the end it reads zeros and counts on, so that the hot loops need no check per field: who decodes
/// asks [`BitReader::overran`] in the end (or now and then), and bounds its loops by a count.
#[derive(Debug, Clone)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    /// Next byte to be loaded.
    next: usize,
    /// Bits not yet taken, left-aligned.
    word: u64,
    /// Number of bits in `word` that were loaded and not taken.
    loaded: u32,
}

impl<'a> BitReader<'a> {
    /// Reads from the start of `bytes`.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, next: 0, word: 0, loaded: 0 }
    }

    /// Makes the window hold at least 56 bits.
    #[inline]
    pub(crate) fn refill(&mut self) {
        let word = match self.bytes.get(self.next..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(eight) => u64::from_be_bytes(*eight),
            None => self.tail(),
        };
        self.word |= word >> self.loaded;
        let taken = (63 - self.loaded) >> 3;
        self.next += taken as usize;
        self.loaded += taken * 8;
    }

    /// The last few bytes, with zeros behind them.
    #[cold]
    fn tail(&self) -> u64 {
        let mut eight = [0; 8];
        let rest = self.bytes.get(self.next..).unwrap_or_default();
        for (to, from) in eight.iter_mut().zip(rest) {
            *to = *from;
        }
        u64::from_be_bytes(eight)
    }

    /// The window: the bits to come, left-aligned. At least 56 of them are there right after a refill.
    #[inline]
    pub(crate) fn window(&self) -> u64 {
        self.word
    }

    /// Takes `count` bits (at most those that the window holds) without looking at them.
    #[inline]
    pub(crate) fn skip(&mut self, count: u32) {
        self.word <<= count;
        self.loaded -= count;
    }

    /// Takes `count` bits (1 to 56, at most those that the window holds).
    #[inline]
    pub(crate) fn take(&mut self, count: u32) -> u64 {
        let bits = self.word >> (64 - count);
        self.skip(count);
        bits
    }

    /// Refills and takes `count` bits (1 to 64).
    #[inline]
    pub(crate) fn read(&mut self, count: u32) -> u64 {
        self.refill();
        if count <= 56 {
            return self.take(count);
        }
        let upper = self.take(count - 32);
        self.refill();
        upper << 32 | self.take(32)
    }

    /// Bits taken so far, those behind the end included.
    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.next * 8 - self.loaded as usize
    }

    /// Bits that are still to come.
    pub(crate) fn bits_left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.position())
    }

    /// Whether more bits were taken than there are.
    #[inline]
    pub(crate) fn overran(&self) -> bool {
        self.position() > self.bytes.len() * 8
    }
}
