//! What evaluation works with.

use std::{sync::Arc, time::Duration};

use parking_lot::RwLock;
use platform::Clock;
use storage::{Appendable, Queryable};
use telemetry::Registry;
use tokio::sync::Semaphore;

use crate::{AlertSink, Dialect, Language, Metrics, Surroundings};

/// What rules need of the world.
#[derive(Clone)]
pub struct Parts {
    /// Answers expressions over samples.
    pub language: Arc<dyn Language>,
    /// Answers expressions over logs, where there are any.
    pub log_language: Option<Arc<dyn Language>>,
    /// Takes what is recorded.
    pub appendable: Arc<dyn Appendable>,
    /// Has what was recorded before a restart.
    pub queryable: Arc<dyn Queryable>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Takes alerts.
    pub sink: Arc<dyn AlertSink>,
    /// Shows the metrics.
    pub registry: Registry,
}

/// What the flags say.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long an outage may last for the state of alerts to be restored after it.
    pub outage_tolerance: Duration,
    /// How long restored alerts at least wait before they fire; rules that hold for less are not restored.
    pub grace_period: Duration,
    /// The shortest time between two notifications of an alert.
    pub resend_delay: Duration,
    /// How many rules that do not depend on each other may be evaluated at once, besides those in their groups' turn;
    /// none where it is off.
    pub concurrency: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            outage_tolerance: Duration::from_hours(1),
            grace_period: Duration::from_mins(10),
            resend_delay: Duration::from_mins(1),
            concurrency: None,
        }
    }
}

/// What all groups share.
pub(crate) struct Context {
    pub(crate) parts: Parts,
    pub(crate) options: Options,
    pub(crate) metrics: Metrics,
    surroundings: RwLock<Arc<Surroundings>>,
    /// Those of rules over logs.
    log_surroundings: RwLock<Arc<Surroundings>>,
    /// Turns of rules that are evaluated beside others.
    pub(crate) turns: Semaphore,
}

impl Context {
    pub(crate) fn new(parts: Parts, options: Options) -> Arc<Context> {
        let metrics = Metrics::new(&parts.registry);
        let turns = Semaphore::new(options.concurrency.unwrap_or(0).min(Semaphore::MAX_PERMITS));
        Arc::new(Context {
            parts,
            options,
            metrics,
            surroundings: RwLock::default(),
            log_surroundings: RwLock::default(),
            turns,
        })
    }

    /// What surrounds rules of a dialect.
    pub(crate) fn surroundings(&self, dialect: &Dialect) -> Arc<Surroundings> {
        let all = match dialect {
            Dialect::Promql => &self.surroundings,
            Dialect::Logql { .. } => &self.log_surroundings,
        };
        Arc::clone(&all.read())
    }

    /// Takes new surroundings.
    pub(crate) fn surround(&self, all: Surroundings, of_logs: Surroundings) {
        *self.surroundings.write() = Arc::new(all);
        *self.log_surroundings.write() = Arc::new(of_logs);
    }

    /// Who answers expressions of a dialect; nobody where there are no logs.
    pub(crate) fn language(&self, dialect: &Dialect) -> Option<&Arc<dyn Language>> {
        match dialect {
            Dialect::Promql => Some(&self.parts.language),
            Dialect::Logql { .. } => self.parts.log_language.as_ref(),
        }
    }

    pub(crate) fn now_ns(&self) -> i64 {
        self.parts.clock.now_ms().saturating_mul(NANOS_PER_MILLI)
    }
}

/// Nanoseconds in a millisecond.
pub(crate) const NANOS_PER_MILLI: i64 = 1_000_000;

/// A span of time in nanoseconds.
pub(crate) fn nanos(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

/// A span of time in milliseconds.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
