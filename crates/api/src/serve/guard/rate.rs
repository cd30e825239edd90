//! How many requests may come.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Requests that may still come, which grow back with time.
#[derive(Default)]
pub(crate) struct Rate {
    /// When there were so many, and how many.
    state: Mutex<Option<(Instant, f64)>>,
}

impl Rate {
    /// Takes one; `false` where none is left.
    pub(crate) fn take(&self, now: Instant, interval: Duration, burst: u32) -> bool {
        let most = f64::from(burst.max(1));
        let mut state = self.state.lock();
        let left = match *state {
            None => most,
            Some((since, left)) => {
                let grown = now.saturating_duration_since(since).as_secs_f64()
                    / interval.as_secs_f64().max(f64::MIN_POSITIVE);
                (left + grown).min(most)
            }
        };
        let taken = left >= 1.0;
        *state = Some((now, if taken { left - 1.0 } else { left }));
        taken
    }
}
