//! The history of alerts as a stream of the log store, so that LogQL answers who was told what, when, and why not.
//!
//! The dispatcher never waits for a disk: what it tells goes into a queue with a bound, and a task of its own writes
//! it. What does not fit, or is refused by the store, is counted and lost.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use log_intake::{Observer, tell};
use model::Labels;
use notify::{HistoryEntry, HistorySink};
use parking_lot::Mutex;
use storage::logs::{AppendRules, EntryAppendable, EntryRef, StreamEntries};
use telemetry::{Counter, Family, Gauge, Registry};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Entries that wait at most.
const ENTRIES_MAX: usize = 100_000;

/// Bytes of lines that wait at most.
const BYTES_MAX: usize = 16 << 20;

/// Where the entries go, and who follows them as they come.
pub(super) struct LogWay {
    pub(super) store: Arc<dyn EntryAppendable>,
    pub(super) follower: Arc<dyn Observer>,
}

/// The history while it is written.
pub(super) struct History {
    queue: Arc<Queue>,
    stop: CancellationToken,
    writing: JoinHandle<()>,
}

impl History {
    /// Writes from now on what the sink is given.
    pub(super) fn start(way: LogWay, registry: &Registry) -> Self {
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            news: Notify::new(),
            metrics: Metrics::new(registry),
            limits: (ENTRIES_MAX, BYTES_MAX),
        });
        let stop = CancellationToken::new();
        let writing = tokio::spawn(write(Arc::clone(&queue), Arc::new(way), stop.clone()));
        Self { queue, stop, writing }
    }

    /// Who is to be told.
    pub(super) fn sink(&self) -> Arc<dyn HistorySink> {
        Arc::clone(&self.queue) as Arc<dyn HistorySink>
    }

    /// Writes what still waits, and ends; to be called when nobody tells anything any more.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        // A task that panicked has been logged.
        let _ = self.writing.await;
    }
}

struct Metrics {
    written: Counter,
    dropped: Family<Counter>,
    waiting: Gauge,
}

impl Metrics {
    fn new(registry: &Registry) -> Self {
        let metrics = Self {
            written: registry.counter(
                "lapwing_alert_history_entries_total",
                "Entries of the history of alerts that were written to the log store.",
            ),
            dropped: registry.counters(
                "lapwing_alert_history_dropped_total",
                "Entries of the history of alerts that were lost, by reason: too many were waiting, or the log store refused them.",
                &["reason"],
            ),
            waiting: registry.gauge(
                "lapwing_alert_history_queue_length",
                "Entries of the history of alerts that wait to be written.",
            ),
        };
        for reason in ["queue_full", "refused"] {
            metrics.dropped.with(&[reason]);
        }
        metrics
    }
}

/// What waits to be written.
struct Queue {
    waiting: Mutex<Waiting>,
    news: Notify,
    metrics: Metrics,
    /// The most entries, and the most bytes of their lines.
    limits: (usize, usize),
}

#[derive(Default)]
struct Waiting {
    entries: Vec<HistoryEntry>,
    bytes: usize,
}

impl HistorySink for Queue {
    fn record(&self, entries: Vec<HistoryEntry>) {
        let (entries_max, bytes_max) = self.limits;
        let mut dropped = 0;
        let mut waiting = self.waiting.lock();
        for entry in entries {
            let bytes = waiting.bytes.saturating_add(entry.line.len());
            if waiting.entries.len() >= entries_max || bytes > bytes_max {
                dropped += 1;
                continue;
            }
            waiting.bytes = bytes;
            waiting.entries.push(entry);
        }
        self.metrics.waiting.set(waiting.entries.len() as f64);
        drop(waiting);
        if dropped > 0 {
            self.metrics.dropped.with(&["queue_full"]).add(dropped);
        }
        self.news.notify_one();
    }
}

impl Queue {
    fn take(&self) -> Vec<HistoryEntry> {
        let mut waiting = self.waiting.lock();
        waiting.bytes = 0;
        self.metrics.waiting.set(0.0);
        std::mem::take(&mut waiting.entries)
    }
}

/// Writes what comes until `stop`, and what waits then.
async fn write(queue: Arc<Queue>, way: Arc<LogWay>, stop: CancellationToken) {
    let mut is_over = false;
    while !is_over {
        tokio::select! {
            () = stop.cancelled() => is_over = true,
            () = queue.news.notified() => {}
        }
        let entries = queue.take();
        if entries.is_empty() {
            continue;
        }
        let (of_queue, of_way) = (Arc::clone(&queue), Arc::clone(&way));
        let writing = tokio::task::spawn_blocking(move || append(&of_queue, &of_way, &entries));
        if let Err(error) = writing.await {
            tracing::error!(%error, "writing the history of alerts panicked");
        }
    }
}

/// The labels of the stream.
fn stream() -> Labels {
    Labels::from_pairs([("job", "lapwing"), ("stream", "alert-history")])
}

fn append(queue: &Queue, way: &LogWay, entries: &[HistoryEntry]) {
    let labels = stream();
    let refs: Vec<EntryRef<'_>> = entries
        .iter()
        .map(|entry| EntryRef { timestamp: entry.at_ns, line: entry.line.as_bytes(), metadata: &[] })
        .collect();
    let push = [StreamEntries { labels: &labels, entries: &refs, hint: None }];
    match way.store.append(api::SINGLE_TENANT, &push, &AppendRules::default()) {
        Ok(report) => {
            let refused = report.rejected.len();
            queue.metrics.written.add((refs.len() - refused.min(refs.len())) as u64);
            if refused > 0 {
                queue.metrics.dropped.with(&["refused"]).add(refused as u64);
                tracing::warn!(refused, "the log store refused entries of the history of alerts");
            }
            tell(way.follower.as_ref(), api::SINGLE_TENANT, &push, &report);
        }
        Err(error) => {
            queue.metrics.dropped.with(&["refused"]).add(refs.len() as u64);
            tracing::warn!(%error, lost = refs.len(), "the history of alerts cannot be written");
        }
    }
}
