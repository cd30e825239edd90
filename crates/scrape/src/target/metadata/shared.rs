//! What targets say of their metrics, kept once for all that say the same.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::quality::RandomState;
use model::{Metadata, MetricType};
use parking_lot::Mutex;

/// Below so many it is not looked for what nobody uses any more.
const PURGED_FROM: usize = 4096;

/// What was declared of a metric.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Declaration {
    pub(super) metric: Box<str>,
    pub(super) metric_type: MetricType,
    pub(super) unit: Box<str>,
    pub(super) help: Box<str>,
}

impl Declaration {
    /// Bytes of its name and texts.
    pub(super) fn len(&self) -> usize {
        self.metric.len() + self.help.len() + self.unit.len()
    }

    pub(super) fn metadata(&self) -> Metadata {
        Metadata { metric_type: self.metric_type, unit: self.unit.to_string(), help: self.help.to_string() }
    }
}

/// The declarations of all targets: machines of a fleet run the same exporters, which say the same.
#[derive(Debug, Default)]
pub(crate) struct Declarations(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    all: HashSet<Arc<Declaration>, RandomState>,
    /// With so many it is time to look which of them nobody uses.
    purge_at: usize,
}

impl Declarations {
    /// The declaration that all targets share which say the same.
    pub(super) fn share(&self, declaration: &Arc<Declaration>) -> Arc<Declaration> {
        let mut shelf = self.0.lock();
        if let Some(known) = shelf.all.get(declaration) {
            return Arc::clone(known);
        }
        if shelf.all.len() >= shelf.purge_at {
            shelf.all.retain(|known| Arc::strong_count(known) > 1);
            shelf.purge_at = (2 * shelf.all.len()).max(PURGED_FROM);
        }
        shelf.all.insert(Arc::clone(declaration));
        Arc::clone(declaration)
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.lock().all.len()
    }
}
