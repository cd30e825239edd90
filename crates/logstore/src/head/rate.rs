//! A token bucket.

use std::time::Duration;

use storage::logs::StreamRate;

/// What is left of a stream's allowance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    tokens: f64,
    at: Duration,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(rate: StreamRate, now: Duration) -> Self {
        Self { tokens: rate.burst as f64, at: now }
    }

    /// Takes so many bytes out, if they are there.
    pub(crate) fn take(&mut self, bytes: usize, rate: StreamRate, now: Duration) -> bool {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * rate.per_second).min(rate.burst as f64);
        self.at = now;
        let fits = bytes as f64 <= self.tokens;
        if fits {
            self.tokens -= bytes as f64;
        }
        fits
    }

    /// Puts bytes back that were taken for nothing.
    pub(crate) fn give_back(&mut self, bytes: usize) {
        self.tokens += bytes as f64;
    }
}
