//! A store in memory without index, encoding or disk: what engines and contracts are tested on.

mod appender;
mod hints;
mod querier;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Exemplar, Labels, Matcher, SeriesRef};
use parking_lot::RwLock;

use crate::{
    AppendOptions, Appendable, Appender, ExemplarQueryable, Querier, Queryable, Result, SampleColumns,
    SeriesExemplars, TimeRange,
};

/// A store that keeps all samples as columns in memory; clones share the samples.
///
/// Samples of one series may be appended in any order and come out sorted; of two at one time the later one stays.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<RwLock<State>>,
}

#[derive(Debug, Default)]
struct State {
    by_labels: BTreeMap<Labels, SeriesRef>,
    /// Samples by reference; the first series has the reference 1.
    series: Vec<Arc<SampleColumns>>,
    /// Each sorted by time.
    exemplars: BTreeMap<SeriesRef, Vec<Exemplar>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.state.write() = State::default();
    }

    /// The number of series.
    pub fn series_count(&self) -> usize {
        self.state.read().series.len()
    }
}

impl Appendable for MemoryStore {
    fn appender(&self, _options: AppendOptions) -> Box<dyn Appender> {
        Box::new(appender::MemoryAppender::new(self.clone()))
    }
}

impl Queryable for MemoryStore {
    fn querier(&self, range: TimeRange) -> Result<Box<dyn Querier>> {
        Ok(Box::new(querier::MemoryQuerier::new(self.clone(), range)))
    }
}

impl ExemplarQueryable for MemoryStore {
    fn exemplars(&self, range: TimeRange, selectors: &[Vec<Matcher>]) -> Result<Vec<SeriesExemplars>> {
        let state = self.state.read();
        let wanted = |labels: &Labels| {
            selectors.iter().any(|matchers| matchers.iter().all(|matcher| matcher.matches_labels(labels)))
        };
        let mut found = Vec::new();
        for (labels, series) in state.by_labels.iter().filter(|(labels, _)| wanted(labels)) {
            let mut exemplars = state.exemplars.get(series).cloned().unwrap_or_default();
            exemplars.retain(|exemplar| exemplar.timestamp.is_some_and(|time| range.contains(time)));
            if !exemplars.is_empty() {
                found.push(SeriesExemplars { labels: labels.clone(), exemplars });
            }
        }
        Ok(found)
    }
}

fn position(series: SeriesRef) -> Option<usize> {
    usize::try_from(series.0).ok()?.checked_sub(1)
}
