//! Memory that the process holds and does not need: what the allocator keeps of what was freed, and the program's code
//! that only the start needed.

#[cfg(test)]
mod tests;

use std::time::Duration;

use platform::real::{allocated_bytes, anonymous_bytes, give_back_freed, give_back_program};
use telemetry::Registry;
use tokio_util::sync::CancellationToken;

/// How often the allocator is asked what it keeps: it counts what is free, piece by piece.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// So many looks behind the start a server has done for the first time what it does all the time.
const LOOKS_UNTIL_SETTLED: u32 = 12;
/// Less is not worth the pages that are touched anew at once.
const KEPT_BYTES_MIN: u64 = 4 << 20;
/// Nor is less than this part of what is in use.
const KEPT_PARTS: u64 = 16;
/// What is kept for a minute is given back where it is as much.
const LASTING_BYTES_MIN: u64 = 1 << 20;
const LASTING_LOOKS: u32 = 12;

/// Gives memory back to the system that is of no use here, from the end of the start until `stop`, and shows how much is
/// of use.
pub(in crate::server) async fn give_back(registry: Registry, stop: CancellationToken) {
    let allocated = registry.gauge(
        "lapwing_memory_allocated_bytes",
        "Bytes that the allocator has handed out and that were not freed, as they were some seconds ago.",
    );
    let (mut ticks, mut kept, mut looks) = (tokio::time::interval(LOOK_INTERVAL), Kept::default(), 0_u32);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if looks == LOOKS_UNTIL_SETTLED {
            give_back_program();
        }
        looks = looks.saturating_add(1);
        let looked = tokio::task::spawn_blocking(move || {
            kept.look(measure, give_back_freed);
            kept
        });
        // It panics at nothing; whatever it was, the next look begins anew.
        kept = looked.await.unwrap_or_default();
        allocated.set(kept.used as f64);
    }
}

/// The bytes that the process holds, and those that the allocator has handed out.
fn measure() -> Option<(u64, u64)> {
    Some((anonymous_bytes()?, allocated_bytes()?))
}

/// What the process holds beyond what is in use.
#[derive(Debug, Default)]
struct Kept {
    /// What is in use.
    used: u64,
    /// What could not be given back the last time: gaps between pieces in use, stacks, mappings of others.
    left: u64,
    /// Looks since then.
    looks: u32,
}

impl Kept {
    /// Has memory given back where much of it is kept, or some for long.
    fn look(&mut self, measure: impl Fn() -> Option<(u64, u64)>, give_back: impl Fn()) {
        let Some((held, used)) = measure() else { return };
        let kept = held.saturating_sub(used);
        *self = Self { used, left: self.left.min(kept), looks: self.looks + 1 };
        let free = kept - self.left;
        let is_lasting = self.looks >= LASTING_LOOKS && free >= LASTING_BYTES_MIN;
        if !is_lasting && free < KEPT_BYTES_MIN.max(used / KEPT_PARTS) {
            return;
        }
        give_back();
        if let Some((held, used)) = measure() {
            *self = Self { used, left: held.saturating_sub(used), looks: 0 };
        }
    }
}
