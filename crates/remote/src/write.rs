//! Queues that send what the log holds.

mod batch;
mod demand;
mod item;
mod ledger;
mod position;
mod queue;
mod reader;
mod sender;
mod series;
mod shards;
mod tail;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::Metadata;
use parking_lot::Mutex;
use platform::{Clock, FileSystem};
use telemetry::Registry;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;
use crate::{Error, WriteSettings};

use queue::Queue;

/// What is known of metrics at the moment: name and metadata, for stores that take it beside the samples.
pub type MetadataSource = Arc<dyn Fn() -> Vec<(String, Metadata)> + Send + Sync>;

/// What the queues work with.
#[derive(Clone)]
pub struct Parts {
    /// Where the log and the positions stand.
    pub files: Arc<dyn FileSystem>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where metrics are declared.
    pub registry: Registry,
    /// The folder of the log.
    pub log_folder: PathBuf,
    /// Where the places of the queues are kept.
    pub positions_folder: PathBuf,
    /// The end of the log, where a queue without a place begins.
    pub log_end: Arc<dyn Fn() -> wal::Position + Send + Sync>,
    /// Where metadata comes from.
    pub metadata: MetadataSource,
    /// How requests name this program.
    pub user_agent: String,
    /// How long a queue may go on sending once it was told to stop.
    pub flush_deadline: Duration,
}

/// Runs a queue for each store, until [`Writer::stop`].
pub struct Writer {
    parts: Parts,
    metrics: Metrics,
    queues: Mutex<BTreeMap<String, Running>>,
}

struct Running {
    settings: WriteSettings,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Writer {
    /// Without queues yet.
    pub fn new(parts: Parts) -> Self {
        let metrics = Metrics::new(&parts.registry);
        Self { parts, metrics, queues: Mutex::default() }
    }

    /// Takes whole new settings: queues whose settings did not change run on, others are ended and begun where
    /// they stood. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// A client that cannot be made; then nothing has changed.
    pub async fn apply(&self, all: Vec<WriteSettings>) -> Result<(), Error> {
        let mut begun = Vec::new();
        {
            let queues = self.queues.lock();
            for settings in &all {
                if queues.get(&settings.key).is_none_or(|running| running.settings != *settings) {
                    begun.push(Queue::new(settings.clone(), self.parts.clone(), &self.metrics)?);
                }
            }
        }
        let ended: Vec<Running> = {
            let mut queues = self.queues.lock();
            let kept = |key: &String, running: &mut Running| {
                !all.iter().any(|settings| settings.key == *key && running.settings == *settings)
            };
            queues.extract_if(.., kept).map(|(_, running)| running).collect()
        };
        end(ended).await;
        let mut queues = self.queues.lock();
        for queue in begun {
            let stop = CancellationToken::new();
            let settings = queue.settings().clone();
            let task = tokio::spawn(queue.run(stop.clone()));
            queues.insert(settings.key.clone(), Running { settings, stop, task });
        }
        Ok(())
    }

    /// Ends all queues: each sends what it holds as long as the flush deadline allows, and keeps its place.
    pub async fn stop(&self) {
        let queues = std::mem::take(&mut *self.queues.lock());
        end(queues.into_values().collect()).await;
    }
}

async fn end(queues: Vec<Running>) {
    for queue in &queues {
        queue.stop.cancel();
    }
    for queue in queues {
        // A queue that panicked has said so.
        let _ = queue.task.await;
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Writer({} queues)", self.queues.lock().len())
    }
}
