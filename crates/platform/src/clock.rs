//! Time as the stores and engines see it.

use std::fmt;
use std::time::Duration;

/// Where the time comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Wall-clock time in milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Time since an arbitrary fixed point, never going back: for durations and deadlines.
    fn monotonic(&self) -> Duration;
}
