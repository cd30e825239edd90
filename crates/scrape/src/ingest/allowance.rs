//! How many series the targets of a job may have together: beyond it known ones go on, and no new ones are taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The series of all targets of a job.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    taken: AtomicUsize,
    max: Option<usize>,
}

impl Allowance {
    /// At most `max` series; `None` for any number.
    pub(crate) fn new(max: Option<usize>) -> Self {
        Self { taken: AtomicUsize::new(0), max }
    }

    /// How many series there are.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// The part of it that one target has; given back when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Share {
    allowance: Arc<Allowance>,
    taken: usize,
}

impl Share {
    /// Takes the series along to another job's allowance, or the same job's under other settings. They may be more
    /// than it allows: what is known goes on.
    pub(crate) fn join(&mut self, allowance: &Arc<Allowance>) {
        let taken = self.taken;
        self.settle(0);
        self.allowance = Arc::clone(allowance);
        self.settle(taken);
    }

    /// Takes one more series; `false` where there are as many as may be.
    pub(super) fn take(&mut self) -> bool {
        let max = self.allowance.max.unwrap_or(usize::MAX);
        let more = |taken: usize| (taken < max).then_some(taken + 1);
        let taken = self.allowance.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        self.taken += usize::from(taken);
        taken
    }

    /// Has so many series, whatever was taken.
    pub(super) fn settle(&mut self, count: usize) {
        let before = std::mem::replace(&mut self.taken, count);
        if count > before {
            self.allowance.taken.fetch_add(count - before, Ordering::Relaxed);
        } else {
            self.allowance.taken.fetch_sub(before - count, Ordering::Relaxed);
        }
    }

    /// Gives the last one back.
    pub(super) fn give_back(&mut self) {
        self.settle(self.taken.saturating_sub(1));
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.settle(0);
    }
}
