//! The moments at which a target is scraped.

#[cfg(test)]
mod tests;

use std::time::Duration;

/// Moments at a fixed place in each interval of the wall clock.
#[derive(Debug)]
pub(super) struct Schedule {
    interval_ms: i64,
    /// The next moment, in milliseconds since the Unix epoch.
    due: i64,
}

impl Schedule {
    /// The first moment is the next one at `offset_ms` in an interval.
    pub(super) fn new(now: i64, interval: Duration, offset_ms: u64) -> Self {
        let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
        let offset = (offset_ms % interval_ms.unsigned_abs()) as i64;
        let behind = now.saturating_sub(offset).rem_euclid(interval_ms);
        let due = if behind == 0 { now } else { now.saturating_add(interval_ms - behind) };
        Self { interval_ms, due }
    }

    /// How long to wait for the next moment; not at all where it is past.
    pub(super) fn wait(&mut self, now: i64) -> Duration {
        // A clock that was set back must not stop the scrapes until it has caught up.
        if self.due.saturating_sub(now) > self.interval_ms {
            self.due = now.saturating_add(self.interval_ms);
        }
        Duration::from_millis(self.due.saturating_sub(now).max(0).unsigned_abs())
    }

    /// The time that the samples of a scrape that begins `now` get: the moment that was due where it is near
    /// enough, which keeps the times of a series regular.
    pub(super) fn timestamp(&self, now: i64, tolerance: Duration) -> i64 {
        let tolerance =
            (self.interval_ms / 100).min(i64::try_from(tolerance.as_millis()).unwrap_or(i64::MAX));
        if now.abs_diff(self.due) <= tolerance.unsigned_abs() { self.due } else { now }
    }

    /// Goes to the next moment; those that passed meanwhile are left out.
    pub(super) fn advance(&mut self, now: i64) {
        let late = now.saturating_sub(self.due).max(0);
        let steps = (late / self.interval_ms).saturating_add(1);
        self.due = self.due.saturating_add(steps.saturating_mul(self.interval_ms));
    }
}
