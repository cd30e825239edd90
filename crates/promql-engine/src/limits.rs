//! The limits of one query: time, samples, bytes, and the wish of whoever asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::matcher::Interrupt;
use platform::{CancelFlag, Clock, MemoryBudget, MemoryPart, MemoryShare};
use storage::SampleColumns;

use crate::account::points;
use crate::{Error, Result};

/// Columns of so many steps are small beside what a query reads.
const MODEST_STEPS: usize = 64 * 1024;

/// What one query may use, and what it uses.
#[derive(Debug)]
pub(crate) struct Limits {
    clock: Arc<dyn Clock>,
    /// On the clock's monotonic scale.
    deadline: Duration,
    cancel: CancelFlag,
    bytes_max: usize,
    /// What it holds, beside the other queries.
    bytes: MemoryShare,
    bytes_peak: AtomicU64,
    samples_max: u64,
    read: AtomicU64,
    series_samples_max: AtomicU64,
    histogram_points_max: AtomicU64,
}

impl Limits {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        timeout: Duration,
        cancel: CancelFlag,
        (bytes_max, samples_max): (usize, u64),
        memory: Arc<MemoryBudget>,
    ) -> Self {
        let deadline = clock.monotonic().saturating_add(timeout);
        Self {
            clock,
            deadline,
            cancel,
            bytes_max,
            bytes: MemoryShare::new(memory, MemoryPart::Queries),
            bytes_peak: AtomicU64::new(0),
            samples_max,
            read: AtomicU64::new(0),
            series_samples_max: AtomicU64::new(0),
            histogram_points_max: AtomicU64::new(0),
        }
    }

    /// The time on the clock's monotonic scale.
    pub(crate) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Fails where the query is to end.
    pub(crate) fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::Canceled);
        }
        if self.clock.monotonic() > self.deadline { Err(Error::TimedOut) } else { Ok(()) }
    }

    /// Ends searches where the query is to end.
    pub(crate) fn interrupt(&self) -> Interrupt {
        let (cancel, clock, deadline) = (self.cancel.clone(), Arc::clone(&self.clock), self.deadline);
        Interrupt::new(move || cancel.is_cancelled() || clock.monotonic() > deadline)
    }

    /// Counts memory that is taken and kept.
    pub(crate) fn take_bytes(&self, bytes: usize) -> Result<()> {
        let now = self.bytes.take(bytes as u64);
        self.bytes_peak.fetch_max(now, Ordering::Relaxed);
        if now > self.bytes_max as u64 {
            return Err(Error::TooManyBytes { bytes_max: self.bytes_max });
        }
        let budget = self.bytes.budget();
        if budget.ends_query_of(now) {
            budget.note_refused_query();
            return Err(Error::OutOfMemory(budget.to_string()));
        }
        Ok(())
    }

    /// Counts the column of an operator that has a value at so many steps, before it is made: a subquery asks for as
    /// many as it likes. Those that a request has anyway are too few to be counted one by one.
    pub(crate) fn take_steps(&self, steps: usize) -> Result<()> {
        if steps <= MODEST_STEPS {
            return Ok(());
        }
        let bytes = steps.saturating_mul(size_of::<f64>());
        if bytes > self.bytes_max {
            return Err(Error::TooManyBytes { bytes_max: self.bytes_max });
        }
        self.take_bytes(bytes)
    }

    /// Counts memory that is given back.
    pub(crate) fn return_bytes(&self, bytes: usize) {
        self.bytes.give_back(bytes as u64);
    }

    /// The most bytes that were held at once.
    pub(crate) fn bytes_peak(&self) -> usize {
        self.bytes_peak.load(Ordering::Relaxed) as usize
    }

    /// The most samples that the query may hold at once, as the original counts them.
    pub(crate) fn samples_max(&self) -> u64 {
        self.samples_max
    }

    /// Notes that a series was read from the store.
    pub(crate) fn note_read(&self, samples: &SampleColumns) {
        self.read.fetch_add(samples.len() as u64, Ordering::Relaxed);
        let histograms = samples.histograms.values.iter().map(points).max();
        if let Some(points) = histograms {
            self.histogram_points_max.fetch_max(points, Ordering::Relaxed);
        }
        let len = samples.len() as u64;
        // Mostly it is as much as it was: no other thread is to wait for a write then.
        if len > self.series_samples_max() {
            self.series_samples_max.fetch_max(len, Ordering::Relaxed);
        }
    }

    /// Forgets what was used, but for the time: the query is evaluated anew.
    pub(crate) fn begin_again(&self) {
        self.bytes.give_back(u64::MAX);
        self.read.store(0, Ordering::Relaxed);
    }

    /// The number of samples read from the store.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The most samples read of one series.
    pub(crate) fn series_samples_max(&self) -> u64 {
        self.series_samples_max.load(Ordering::Relaxed)
    }

    /// What the largest histogram read counts for; 1 without histograms.
    pub(crate) fn histogram_points_max(&self) -> u64 {
        self.histogram_points_max.load(Ordering::Relaxed).max(1)
    }
}
