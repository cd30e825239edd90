//! The part of the disk that is left free: below it no log entries are taken, so that there is room for what makes room.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use platform::Space;
use storage::Error;
use tracing::{info, warn};

use crate::metrics::Metrics;

/// The reserve is at most this part of the file system.
const PART_OF_TOTAL: u64 = 20;
/// Entries are taken again when this part of the reserve is free above it: not now yes, now no.
const MARGIN: u64 = 8;

/// Whether there is room for more entries.
#[derive(Debug, Default)]
pub(crate) struct Reserve {
    is_reached: AtomicBool,
    /// As it was measured the last time, for the error.
    free: AtomicU64,
    reserved: AtomicU64,
}

impl Reserve {
    /// Whether it is reached.
    pub(crate) fn is_reached(&self) -> bool {
        self.is_reached.load(Ordering::Relaxed)
    }

    /// Whether entries may be taken.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the reserve is reached.
    pub(crate) fn check(&self, metrics: &Metrics) -> Result<(), Error> {
        if !self.is_reached() {
            return Ok(());
        }
        metrics.reserve_refusals.inc();
        let (free, reserved) = (self.free.load(Ordering::Relaxed), self.reserved.load(Ordering::Relaxed));
        Err(Error::Unavailable(format!(
            "no log entries are taken: {free} bytes of the disk are free, {reserved} are kept in reserve"
        )))
    }

    /// Takes note of how much is free, of which `bytes` are to stay so.
    pub(crate) fn measure(&self, space: Space, bytes: u64, metrics: &Metrics) {
        let reserved = bytes.min(space.total / PART_OF_TOTAL);
        let was_reached = self.is_reached();
        let needed = if was_reached { reserved.saturating_add(reserved / MARGIN) } else { reserved };
        let is_reached = space.available < needed;
        self.free.store(space.available, Ordering::Relaxed);
        self.reserved.store(reserved, Ordering::Relaxed);
        self.is_reached.store(is_reached, Ordering::Relaxed);
        metrics.reserve_reached.set(f64::from(u8::from(is_reached)));
        match (was_reached, is_reached) {
            (false, true) => {
                warn!(free = space.available, reserved, "disk is nearly full: no more entries are taken");
            }
            (true, false) => info!(free = space.available, "disk has room again: entries are taken"),
            _ => {}
        }
    }
}
