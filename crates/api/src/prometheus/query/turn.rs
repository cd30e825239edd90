//! A query's turn: how many run at once, how long one may take, and its end when the client goes.

use std::time::Duration;

use platform::CancelFlag;
use tokio::sync::OwnedSemaphorePermit;

use crate::Api;
use crate::error::{ApiError, ErrorType};
use crate::memory;

/// The right to run a query; counted while it lives.
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
    running: Running,
    cancel: CancelFlag,
    waited: Duration,
    begun: Duration,
    /// What is left of the query's time.
    pub(super) left: Duration,
}

/// Counts a query as present until it is dropped.
struct Running(telemetry::Gauge);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Turn {
    /// Waits until fewer than the allowed number of queries run, and there is memory for another one.
    pub(super) async fn wait(api: &Api, timeout: Duration) -> Result<Self, ApiError> {
        let clock = &api.parts.clock;
        let asked = clock.monotonic();
        api.metrics.queries.inc();
        let running = Running(api.metrics.queries.clone());
        let turns = || std::sync::Arc::clone(&api.query_turns);
        // Mostly there is room at once.
        let permit = match turns().try_acquire_owned() {
            Ok(permit) => Ok(Ok(permit)),
            Err(_) => tokio::time::timeout(timeout, turns().acquire_owned()).await,
        };
        let permit = match permit {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(ApiError::new(ErrorType::Unavailable, "TSDB not ready")),
            Err(_) => return Err(ApiError::new(ErrorType::Timeout, "query timed out in query queue")),
        };
        let left = timeout.saturating_sub(clock.monotonic().saturating_sub(asked));
        memory::admit(&api.parts.memory, left).await?;
        let begun = clock.monotonic();
        let waited = begun.saturating_sub(asked);
        let left = timeout.saturating_sub(waited);
        api.metrics.query_seconds.with(&["queue_time"]).observe(waited.as_secs_f64());
        Ok(Self { _permit: permit, running, cancel: CancelFlag::new(), waited, begun, left })
    }

    /// The flag that ends this query.
    pub(super) fn cancel_flag(&self) -> CancelFlag {
        self.cancel.clone()
    }

    /// A guard that ends the query when it is dropped.
    pub(super) fn cancel_on_drop(&self) -> CancelGuard {
        CancelGuard::of(self.cancel.clone())
    }

    /// How long the query waited.
    pub(super) fn waited(&self) -> Duration {
        self.waited
    }

    /// How long the query has run, in seconds.
    pub(super) fn run_seconds(&self, api: &Api) -> f64 {
        api.parts.clock.monotonic().saturating_sub(self.begun).as_secs_f64()
    }

    /// The evaluation is over: makes room for the next query while the answer is still being written.
    pub(super) fn finish(self, api: &Api) {
        api.metrics.query_seconds.with(&["inner_eval"]).observe(self.run_seconds(api));
        drop(self.running);
    }
}

/// Ends a query when it is dropped before [`CancelGuard::disarm`].
pub(super) struct CancelGuard(Option<CancelFlag>);

impl CancelGuard {
    /// Ends what has this flag.
    pub(super) fn of(cancel: CancelFlag) -> Self {
        Self(Some(cancel))
    }

    /// The query has ended by itself.
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        if let Some(cancel) = self.0.take() {
            cancel.cancel();
        }
    }
}
