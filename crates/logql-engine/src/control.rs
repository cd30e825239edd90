//! The limits of one query: time, bytes, and the wish of whoever asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use platform::{CancelFlag, Clock, MemoryBudget, MemoryPart, MemoryShare};

use crate::statistics::{Statistics, Tally};
use crate::{Error, Result};

/// What one query may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest that it may take.
    pub timeout: Duration,
    /// The most bytes that it may hold in memory.
    pub memory_bytes_max: u64,
    /// The most bytes of lines that it may read.
    pub read_bytes_max: Option<u64>,
    /// The most series that a metric query may give.
    pub series_max: Option<usize>,
    /// On how many threads it runs.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            memory_bytes_max: 256 << 20,
            read_bytes_max: None,
            series_max: Some(500),
            threads: 1,
        }
    }
}

/// What one query may use, and what it uses.
#[derive(Debug)]
pub struct Control {
    clock: Arc<dyn Clock>,
    /// On the clock's monotonic scale.
    deadline: Duration,
    cancel: CancelFlag,
    limits: Limits,
    /// What it holds, beside the other queries.
    memory: MemoryShare,
    read_bytes: AtomicU64,
    tally: Tally,
}

impl Control {
    /// Begins a query: its time runs from now.
    pub fn new(clock: Arc<dyn Clock>, limits: Limits, cancel: CancelFlag, memory: Arc<MemoryBudget>) -> Self {
        let deadline = clock.monotonic().saturating_add(limits.timeout);
        Self {
            clock,
            deadline,
            cancel,
            limits,
            memory: MemoryShare::new(memory, MemoryPart::Queries),
            read_bytes: AtomicU64::new(0),
            tally: Tally::default(),
        }
    }

    /// What the query may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Fails where the query is to end; to be called between blocks and in long loops.
    ///
    /// # Errors
    /// `Canceled`, `TimedOut`.
    pub fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::Canceled);
        }
        if self.clock.monotonic() > self.deadline { Err(Error::TimedOut) } else { Ok(()) }
    }

    /// Counts memory that is taken and kept.
    ///
    /// # Errors
    /// `TooManyBytes`, `OutOfMemory`.
    pub fn take_bytes(&self, bytes: u64) -> Result<()> {
        let now = self.memory.take(bytes);
        if now > self.limits.memory_bytes_max {
            return Err(Error::TooManyBytes { bytes_max: self.limits.memory_bytes_max });
        }
        let budget = self.memory.budget();
        if budget.ends_query_of(now) {
            budget.note_refused_query();
            return Err(Error::OutOfMemory(budget.to_string()));
        }
        Ok(())
    }

    /// Counts memory that is given back.
    pub fn return_bytes(&self, bytes: u64) {
        self.memory.give_back(bytes);
    }

    /// Counts bytes of lines that are about to be read.
    ///
    /// # Errors
    /// `TooManyBytesRead`
    pub fn read_bytes(&self, bytes: u64) -> Result<()> {
        let read = self.read_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        match self.limits.read_bytes_max {
            Some(limit) if read > limit => Err(Error::TooManyBytesRead { read, limit }),
            _ => Ok(()),
        }
    }

    /// Adds to the query's figures.
    pub fn note(&self, figures: &Statistics) {
        self.tally.add(figures);
    }

    /// The query's figures so far.
    pub fn statistics(&self) -> Statistics {
        self.tally.figures()
    }
}
