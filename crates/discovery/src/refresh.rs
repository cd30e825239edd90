//! Discoveries that ask again and again.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::discoverer::{Context, Updates};
use crate::{Error, TargetGroup};

/// What is asked again and again.
pub(crate) trait Refresh {
    /// All groups as they are now.
    fn refresh(&mut self) -> impl Future<Output = Result<Vec<TargetGroup>, Error>> + Send;
}

/// Refreshes now and then every `period`, and reports what it finds; after a failure the last finding
/// stands.
pub(crate) async fn run(
    mechanism: &'static str,
    period: Duration,
    context: Context,
    updates: Updates,
    mut source: impl Refresh + Send,
) {
    let metrics = &context.metrics;
    let labels = [mechanism, context.set.as_str()];
    let failures = metrics.refresh_failures.with(&labels);
    let duration = metrics.refresh_duration.with(&labels);
    let duration_histogram = metrics.refresh_duration_histogram.with(&labels);
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let start = context.clock.monotonic();
        let found = source.refresh().await;
        let seconds = context.clock.monotonic().saturating_sub(start).as_secs_f64();
        duration.observe(seconds);
        duration_histogram.observe(seconds);
        match found {
            Ok(groups) => updates.send(groups.into_iter().map(Arc::new).collect()),
            Err(error) => {
                failures.inc();
                tracing::error!(
                    discovery = mechanism,
                    config = context.set,
                    err = %error,
                    "unable to refresh target groups"
                );
            }
        }
    }
}
