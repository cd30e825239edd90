//! Memory that scrapes use one after the other: few are at work at the same time, however many targets there are.

use http_client::Body;
use parking_lot::Mutex;
use storage::FloatBatch;

/// Pieces of memory that wait to be used again.
#[derive(Debug)]
pub(crate) struct Spare<T>(Mutex<Vec<T>>);

/// So many are kept.
const KEPT: usize = 4;
/// Larger ones are given back.
const KEPT_BYTES_MAX: usize = 4 << 20;

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Memory> Spare<T> {
    /// The one that was used last, which the processor is most likely to have at hand.
    pub(crate) fn take(&self) -> T {
        self.0.lock().pop().unwrap_or_default()
    }

    /// Takes one back.
    pub(crate) fn give(&self, piece: T) {
        let mut kept = self.0.lock();
        if kept.len() < KEPT && piece.bytes() <= KEPT_BYTES_MAX {
            kept.push(piece);
        }
    }
}

/// Something that is worth keeping for its memory.
pub(crate) trait Memory: Default {
    /// How much it has.
    fn bytes(&self) -> usize;
}

impl Memory for Body {
    fn bytes(&self) -> usize {
        self.capacity()
    }
}

impl Memory for FloatBatch {
    fn bytes(&self) -> usize {
        3 * size_of::<f64>() * self.values.capacity()
    }
}
