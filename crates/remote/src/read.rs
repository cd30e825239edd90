//! Reads series of other stores (remote read), to be merged into queries.
//!
//! All stores are asked at once; one that fails costs its series and leaves a warning, never the query.

mod answer;
mod client;
mod querier;
mod scope;
mod series;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use parking_lot::RwLock;
use platform::FileSystem;
use storage::{Querier, TimeRange};
use telemetry::Registry;
use tokio::runtime::Handle;

use crate::read_metrics::ReadMetrics;
use crate::{Error, ReadSettings};
use client::ReadClient;
use querier::RemoteQuerier;

/// Where the time begins from which on the local store has all that there is, milliseconds; `None` while it is empty.
pub type LocalStart = Arc<dyn Fn() -> Option<i64> + Send + Sync>;

/// What a reader works with.
#[derive(Clone)]
pub struct ReadParts {
    /// Where secrets and certificates stand.
    pub files: Arc<dyn FileSystem>,
    /// Where metrics are declared.
    pub registry: Registry,
    /// What need not be asked for elsewhere.
    pub local_start: LocalStart,
    /// How requests name this program.
    pub user_agent: String,
}

/// The stores that are asked beside the local one.
pub struct Reader {
    parts: ReadParts,
    metrics: ReadMetrics,
    runtime: Handle,
    clients: RwLock<Arc<Vec<ReadClient>>>,
}

impl Reader {
    /// Without stores yet; must be called within a Tokio runtime of several threads, which makes the requests.
    pub fn new(parts: ReadParts) -> Self {
        let metrics = ReadMetrics::new(&parts.registry);
        Self { parts, metrics, runtime: Handle::current(), clients: RwLock::default() }
    }

    /// Takes whole new settings.
    ///
    /// # Errors
    /// A client that cannot be made; then nothing has changed.
    pub fn apply(&self, all: Vec<ReadSettings>) -> Result<(), Error> {
        let made = all.into_iter().map(|settings| {
            let metrics = self.metrics.store(&settings.name, &settings.url.to_string());
            ReadClient::new(settings, Arc::clone(&self.parts.files), &self.parts.user_agent, metrics)
        });
        let made = made.collect::<Result<Vec<_>, Error>>()?;
        let before = std::mem::replace(&mut *self.clients.write(), Arc::new(made));
        for gone in before.iter() {
            let clients = self.clients.read();
            if !clients.iter().any(|client| client.is_shown_as(gone)) {
                gone.metrics().remove();
            }
        }
        Ok(())
    }

    /// What the stores have in a span of time, as one; `None` where none of them is to be asked.
    pub fn querier(&self, range: TimeRange) -> Option<Box<dyn Querier>> {
        let clients = Arc::clone(&self.clients.read());
        let local_start = (self.parts.local_start)();
        let asked: Vec<(usize, TimeRange)> = clients
            .iter()
            .enumerate()
            .filter_map(|(place, client)| Some((place, client.settings().range_to_ask(range, local_start)?)))
            .collect();
        if asked.is_empty() {
            return None;
        }
        Some(Box::new(RemoteQuerier::new(clients, asked, self.runtime.clone())))
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Reader({} stores)", self.clients.read().len())
    }
}
