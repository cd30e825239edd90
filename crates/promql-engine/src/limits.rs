//! The limits of one query: time, samples, bytes, and the wish of whoever asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use platform::Clock;

use crate::{Error, Result};

/// Ends a query from outside; clones end the same query.
#[derive(Debug, Clone, Default)]
pub struct CancelFlag(Arc<AtomicBool>);

impl CancelFlag {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the query at its next look.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is set.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one query may use, and what it uses.
#[derive(Debug)]
pub(crate) struct Limits {
    clock: Arc<dyn Clock>,
    /// On the clock's monotonic scale.
    deadline: Duration,
    cancel: CancelFlag,
    bytes_max: usize,
    bytes: AtomicUsize,
    bytes_peak: AtomicUsize,
    samples_max: u64,
    samples: AtomicU64,
}

impl Limits {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        timeout: Duration,
        cancel: CancelFlag,
        bytes_max: usize,
        samples_max: u64,
    ) -> Self {
        let deadline = clock.monotonic().saturating_add(timeout);
        Self {
            clock,
            deadline,
            cancel,
            bytes_max,
            bytes: AtomicUsize::new(0),
            bytes_peak: AtomicUsize::new(0),
            samples_max,
            samples: AtomicU64::new(0),
        }
    }

    /// Fails where the query is to end.
    pub(crate) fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::Canceled);
        }
        if self.clock.monotonic() > self.deadline { Err(Error::TimedOut) } else { Ok(()) }
    }

    /// Counts memory that is taken and kept.
    pub(crate) fn take_bytes(&self, bytes: usize) -> Result<()> {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let now = before.saturating_add(bytes);
        self.bytes_peak.fetch_max(now, Ordering::Relaxed);
        if now > self.bytes_max { Err(Error::TooManyBytes { bytes_max: self.bytes_max }) } else { Ok(()) }
    }

    /// Counts memory that is given back.
    pub(crate) fn return_bytes(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The most bytes that were held at once.
    pub(crate) fn bytes_peak(&self) -> usize {
        self.bytes_peak.load(Ordering::Relaxed)
    }

    /// Counts samples of results that are kept; more than the limit can never be right.
    pub(crate) fn keep_samples(&self, samples: u64) -> Result<()> {
        let before = self.samples.fetch_add(samples, Ordering::Relaxed);
        if before.saturating_add(samples) > self.samples_max { Err(Error::TooManySamples) } else { Ok(()) }
    }
}
