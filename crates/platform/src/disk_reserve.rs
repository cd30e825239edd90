//! The part of the disk that is left free: below it nothing is taken, so that there is room for what makes room.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::Space;

/// The reserve is at most this part of the file system.
const PART_OF_TOTAL: u64 = 20;
/// There is room again when this part of the reserve is free above it: not now yes, now no.
const MARGIN: u64 = 8;

/// Whether the disk has room for more, as it was measured the last time.
#[derive(Debug, Default)]
pub struct DiskReserve {
    is_reached: AtomicBool,
    free: AtomicU64,
    reserved: AtomicU64,
}

/// Too little of the disk is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    /// How many bytes are free.
    pub free: u64,
    /// How many are to stay free.
    pub reserved: u64,
}

impl fmt::Display for Shortage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes of the disk are free, {} are kept in reserve", self.free, self.reserved)
    }
}

/// What a measurement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomChange {
    /// There is no room any more.
    Ended,
    /// There is room again.
    Returned,
}

impl DiskReserve {
    /// Whether it is reached.
    pub fn is_reached(&self) -> bool {
        self.is_reached.load(Ordering::Relaxed)
    }

    /// What is missing, where the reserve is reached.
    pub fn shortage(&self) -> Option<Shortage> {
        self.is_reached().then(|| Shortage {
            free: self.free.load(Ordering::Relaxed),
            reserved: self.reserved.load(Ordering::Relaxed),
        })
    }

    /// Takes note of how much is free, of which `bytes` are to stay so.
    pub fn measure(&self, space: Space, bytes: u64) -> Option<RoomChange> {
        let reserved = bytes.min(space.total / PART_OF_TOTAL);
        let was_reached = self.is_reached();
        let needed = if was_reached { reserved.saturating_add(reserved / MARGIN) } else { reserved };
        let is_reached = space.available < needed;
        self.free.store(space.available, Ordering::Relaxed);
        self.reserved.store(reserved, Ordering::Relaxed);
        self.is_reached.store(is_reached, Ordering::Relaxed);
        match (was_reached, is_reached) {
            (false, true) => Some(RoomChange::Ended),
            (true, false) => Some(RoomChange::Returned),
            _ => None,
        }
    }
}
