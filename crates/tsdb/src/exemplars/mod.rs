//! Exemplars: the newest of all series, as many as the settings say, in memory. The log brings them back.

mod metrics;
mod ring;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Labels, Matcher, SeriesRef};
use parking_lot::RwLock;
use storage::{Error, SeriesExemplars, TimeRange};
use telemetry::Registry;

use metrics::ExemplarMetrics;
pub(crate) use ring::Offered;
use ring::Ring;

/// The exemplars of a store.
#[derive(Debug)]
pub(crate) struct Exemplars {
    ring: RwLock<Ring>,
    metrics: ExemplarMetrics,
}

impl Exemplars {
    /// A place for at most `max` exemplars; `None` keeps none.
    pub(crate) fn new(registry: &Registry, max: Option<usize>) -> Arc<Self> {
        let exemplars = Arc::new(Self {
            ring: RwLock::new(Ring::new(max.unwrap_or(0))),
            metrics: ExemplarMetrics::new(registry),
        });
        metrics::register_computed(registry, &exemplars);
        exemplars
    }

    /// Whether any are kept.
    pub(crate) fn are_kept(&self) -> bool {
        self.ring.read().capacity() > 0
    }

    /// Changes how many are kept; the newest stay.
    pub(crate) fn resize(&self, max: Option<usize>) {
        self.ring.write().resize(max.unwrap_or(0));
    }

    /// Whether an exemplar would be added; `window` is how late one may come, in milliseconds.
    ///
    /// # Errors
    /// `DuplicateExemplar`, `OutOfOrderExemplar`, `ExemplarLabelLength`.
    pub(crate) fn check(
        &self,
        series: SeriesRef,
        labels: impl FnOnce() -> Labels,
        offered: &Offered,
        window: i64,
    ) -> Result<(), Error> {
        offered.check_length()?;
        self.ring.read().check(series, labels, offered, window)
    }

    /// Adds an exemplar, in the place of the one that came first where there is no room.
    ///
    /// # Errors
    /// Those of [`Exemplars::check`].
    pub(crate) fn add(
        &self,
        series: SeriesRef,
        labels: impl FnOnce() -> Labels,
        offered: Offered,
        window: i64,
    ) -> Result<(), Error> {
        let added =
            offered.check_length().and_then(|()| self.ring.write().add(series, labels, offered, window));
        match &added {
            Ok(()) => self.metrics.appended.inc(),
            Err(Error::OutOfOrderExemplar) => self.metrics.out_of_order.inc(),
            Err(_) => {}
        }
        added
    }

    /// Calls `visit` with every exemplar and the labels of its series, in the order in which they came.
    pub(crate) fn for_each(&self, visit: impl FnMut(&Labels, &Offered)) {
        self.ring.read().for_each(visit);
    }

    /// The exemplars in `range` of the series that any of the selectors finds, sorted by series and time.
    pub(crate) fn find(&self, range: TimeRange, selectors: &[Vec<Matcher>]) -> Vec<SeriesExemplars> {
        self.ring.read().find(range, selectors)
    }
}
