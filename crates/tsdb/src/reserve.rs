//! What the store says and counts when the disk is nearly full; [`DiskReserve`] knows whether it is.

use platform::{DiskReserve, RoomChange, Space};
use storage::Error;
use tracing::{info, warn};

use crate::metrics::DiskMetrics;

/// Whether samples may be taken.
///
/// # Errors
/// [`Error::Unavailable`] where the reserve is reached.
pub(crate) fn check(reserve: &DiskReserve, metrics: &DiskMetrics) -> Result<(), Error> {
    let Some(shortage) = reserve.shortage() else { return Ok(()) };
    metrics.reserve_refusals.inc();
    Err(Error::Unavailable(format!("no samples are taken: {shortage}")))
}

/// Takes note of how much is free, of which `bytes` are to stay so.
pub(crate) fn measure(reserve: &DiskReserve, space: Space, bytes: u64, metrics: &DiskMetrics) {
    let change = reserve.measure(space, bytes);
    metrics.reserve_reached.set(f64::from(u8::from(reserve.is_reached())));
    match change {
        Some(RoomChange::Ended) => {
            warn!(free = space.available, "disk is nearly full: no more samples are taken");
        }
        Some(RoomChange::Returned) => {
            info!(free = space.available, "disk has room again: samples are taken");
        }
        None => {}
    }
}
