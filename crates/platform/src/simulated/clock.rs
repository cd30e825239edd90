//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::Clock;

/// A clock that stands still until [`SimulatedClock::advance`] or [`SimulatedClock::set_ms`] moves it.
#[derive(Debug)]
pub struct SimulatedClock {
    origin_ms: i64,
    now_ms: AtomicI64,
}

impl SimulatedClock {
    /// A clock that shows `now_ms` milliseconds since the Unix epoch.
    pub fn new(now_ms: i64) -> Self {
        Self { origin_ms: now_ms, now_ms: AtomicI64::new(now_ms) }
    }

    /// Moves the clock forward, in whole milliseconds.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.now_ms.fetch_add(by, Ordering::SeqCst);
    }

    /// Sets the wall clock; a time before the start leaves the monotonic clock at zero.
    pub fn set_ms(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for SimulatedClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        let passed = self.now_ms().saturating_sub(self.origin_ms);
        Duration::from_millis(u64::try_from(passed).unwrap_or(0))
    }
}
