//! Which addresses are surely not those of samples: asked at every free, without a lock.

use std::sync::atomic::{AtomicU32, Ordering};

const CELLS_BITS: u32 = 16;
/// 2^64 divided by the golden ratio: spreads neighbouring numbers.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Counts addresses by parts of them.
pub(super) struct Filter([AtomicU32; 1 << CELLS_BITS]);

impl Filter {
    pub(super) const fn new() -> Self {
        Self([const { AtomicU32::new(0) }; 1 << CELLS_BITS])
    }

    /// Whether the address may be among those that were added; `false` is certain for whoever was handed the address
    /// after it was added or left out.
    pub(super) fn may_hold(&self, address: usize) -> bool {
        self.cell(address).is_some_and(|cell| cell.load(Ordering::Relaxed) != 0)
    }

    pub(super) fn add(&self, address: usize) {
        if let Some(cell) = self.cell(address) {
            cell.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn remove(&self, address: usize) {
        if let Some(cell) = self.cell(address) {
            cell.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn cell(&self, address: usize) -> Option<&AtomicU32> {
        self.0.get(((address as u64).wrapping_mul(SPREAD) >> (u64::BITS - CELLS_BITS)) as usize)
    }
}
