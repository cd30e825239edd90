//! Work that is done again and again.

use std::fmt::Display;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// Calls `work` on the store again and again until `stop`; an error is logged and the work tried again.
pub(super) async fn repeat<S: Clone + Send + 'static, E: Display + Send + 'static>(
    stop: CancellationToken,
    interval: Duration,
    store: S,
    work: fn(&S) -> Result<(), E>,
    what: &'static str,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let store = store.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "{what} failed"),
            Err(error) => tracing::error!(%error, "{what} panicked"),
        }
    }
}
