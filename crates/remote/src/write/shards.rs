//! Tasks that send at the same time, each the values of its series in their order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform::Clock;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::batch::Encoder;
use super::demand::Progress;
use super::item::{Counts, Item};
use super::ledger::Ledger;
use super::reader::oldest;
use super::sender::Sender;
use crate::metrics::QueueMetrics;
use crate::{Error, QueueSettings, Version, WriteSettings};

/// What all shards of a queue work with.
pub(super) struct Shared {
    pub(super) settings: WriteSettings,
    pub(super) sender: Sender,
    pub(super) ledger: Ledger,
    pub(super) metrics: QueueMetrics,
    pub(super) progress: Progress,
    pub(super) clock: Arc<dyn Clock>,
    /// How many refused batches may be split beside those of [`Shard::splits_left`].
    pub(super) replay_splits_left: AtomicUsize,
    /// Ends waiting and sending at once.
    pub(super) abort: CancellationToken,
}

/// The shards of a queue.
pub(super) struct Shards {
    inputs: Vec<mpsc::Sender<Vec<Item>>>,
    tasks: JoinSet<()>,
    batch_max: usize,
    metrics: QueueMetrics,
}

impl Shards {
    pub(super) fn start(count: usize, shared: &Arc<Shared>) -> Self {
        let queue = &shared.settings.queue;
        let waiting = (queue.capacity / queue.batch_samples_max).max(1);
        let mut tasks = JoinSet::new();
        let inputs = (0..count).map(|_| {
            let (input, received) = mpsc::channel(waiting);
            let shard = Shard {
                shared: Arc::clone(shared),
                received,
                waiting: Vec::new(),
                encoder: Encoder::default(),
                splits_left: splits_max(queue.batch_samples_max),
            };
            tasks.spawn(shard.run());
            input
        });
        let inputs = inputs.collect();
        shared.metrics.shards.set(count as f64);
        let batch_max = queue.batch_samples_max;
        Self { inputs, tasks, batch_max, metrics: shared.metrics.clone() }
    }

    pub(super) fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Hands values to the shards of their series; those for which there is no room until `deadline` come back.
    pub(super) async fn enqueue(&self, items: Vec<Item>, deadline: Instant) -> Vec<Item> {
        let count = self.inputs.len() as u64;
        let mut parts: Vec<Vec<Item>> = self.inputs.iter().map(|_| Vec::new()).collect();
        for item in items {
            let shard = usize::try_from(item.series.reference.0 % count.max(1)).unwrap_or(0);
            if let Some(part) = parts.get_mut(shard) {
                part.push(item);
            }
        }
        let mut left = Vec::new();
        for (mut part, input) in parts.into_iter().zip(&self.inputs) {
            while !part.is_empty() {
                let Some(permit) = self.room(input, deadline).await else { break };
                let rest = part.split_off(part.len().min(self.batch_max));
                permit.send(std::mem::replace(&mut part, rest));
            }
            left.append(&mut part);
        }
        left
    }

    async fn room<'a>(
        &self,
        input: &'a mpsc::Sender<Vec<Item>>,
        deadline: Instant,
    ) -> Option<mpsc::Permit<'a, Vec<Item>>> {
        if let Ok(permit) = input.try_reserve() {
            return Some(permit);
        }
        self.metrics.enqueue_retries.inc();
        timeout_at(deadline, input.reserve()).await.ok()?.ok()
    }

    /// Ends the shards once they have sent what they hold.
    pub(super) async fn drain(mut self) {
        self.inputs.clear();
        while self.tasks.join_next().await.is_some() {}
    }
}

struct Shard {
    shared: Arc<Shared>,
    received: mpsc::Receiver<Vec<Item>>,
    waiting: Vec<Item>,
    encoder: Encoder,
    /// How many refused batches may still be split before one is taken as a whole.
    splits_left: usize,
}

/// What became of a batch.
enum Offered {
    /// The store has taken it.
    Taken,
    /// The store has refused it, for good.
    Refused(Vec<Item>, Error),
    /// The queue was told to end first.
    Ended,
}

/// Enough to take one batch apart value by value.
fn splits_max(batch_max: usize) -> usize {
    batch_max.saturating_add(64)
}

/// Enough to take apart what a store can have of a queue that was ended without warning. Its place stands where the
/// slowest shard is, and the others may have sent what had waited in them meanwhile; one shard may send all of it after
/// the start.
pub(super) fn replay_splits_max(queue: &QueueSettings) -> usize {
    let ahead = queue.capacity.saturating_add(splits_max(queue.batch_samples_max));
    queue.shards_max.saturating_mul(ahead)
}

impl Shard {
    async fn run(mut self) {
        let batch_max = self.shared.settings.queue.batch_samples_max;
        loop {
            let is_open = self.gather(batch_max).await;
            while !self.waiting.is_empty() {
                let rest = self.waiting.split_off(self.waiting.len().min(batch_max));
                let batch = std::mem::replace(&mut self.waiting, rest);
                if !self.deliver(batch).await {
                    return;
                }
                if is_open && self.waiting.len() < batch_max {
                    break;
                }
            }
            if !is_open {
                return;
            }
        }
    }

    /// Waits for a full batch, or the time that a value may wait; whether there may come more.
    async fn gather(&mut self, batch_max: usize) -> bool {
        let wait = self.shared.settings.queue.batch_deadline;
        let mut deadline = (!self.waiting.is_empty()).then(|| Instant::now() + wait);
        while self.waiting.len() < batch_max {
            let received = match deadline {
                Some(deadline) => match timeout_at(deadline, self.received.recv()).await {
                    Ok(received) => received,
                    Err(_) => return true,
                },
                None => self.received.recv().await,
            };
            let Some(mut items) = received else { return false };
            self.waiting.append(&mut items);
            deadline.get_or_insert_with(|| Instant::now() + wait);
        }
        true
    }

    /// Sends a batch until it is taken or refused; `false` where the queue was told to end first.
    ///
    /// A store of version 1.0 takes a request as a whole or not at all. After a restart, or where an answer was lost,
    /// a batch may begin with what the store has already, which it then refuses as out of order together with what
    /// is new: such a batch is sent in halves, and these in halves, until what is new has come through.
    async fn deliver(&mut self, items: Vec<Item>) -> bool {
        let mut pieces = vec![items];
        let mut is_whole = true;
        while let Some(items) = pieces.pop() {
            match self.offer(items).await {
                Offered::Ended => return false,
                Offered::Taken if is_whole => {
                    self.splits_left = splits_max(self.shared.settings.queue.batch_samples_max);
                }
                Offered::Taken => {}
                Offered::Refused(mut items, error) => {
                    if is_splittable(&self.shared.settings, &items, &error) && self.take_split() {
                        pieces.push(items.split_off(items.len() / 2));
                        pieces.push(items);
                    } else {
                        let counts = Counts::of(&items);
                        self.shared.note_failed(&error, counts);
                        self.shared.note_answered(&items, counts);
                    }
                }
            }
            is_whole = false;
        }
        true
    }

    /// Takes one of the splits that are left, if one is.
    fn take_split(&mut self) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        match one_less(self.splits_left) {
            Some(left) => {
                self.splits_left = left;
                true
            }
            None => {
                let left = &self.shared.replay_splits_left;
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
            }
        }
    }

    /// Sends values until they are taken or refused.
    async fn offer(&mut self, mut items: Vec<Item>) -> Offered {
        let shared = Arc::clone(&self.shared);
        let version = shared.settings.version;
        let mut backoff = shared.settings.queue.backoff_min;
        let mut body = self.encoder.encode(version, &items);
        let mut counts = Counts::of(&items);
        for attempt in 0.. {
            let outcome = tokio::select! {
                () = shared.abort.cancelled() => return Offered::Ended,
                outcome = shared.attempt(body.clone(), attempt, counts) => outcome,
            };
            let Err(error) = outcome else {
                shared.note_answered(&items, counts);
                return Offered::Taken;
            };
            if !error.may_change() {
                return Offered::Refused(items, error);
            }
            backoff = shared.wait(&error, attempt, counts, backoff).await;
            if let Some(oldest) = oldest(&shared.settings, shared.clock.as_ref()) {
                let old: Vec<Item> = items.extract_if(.., |item| item.timestamp < oldest).collect();
                if !old.is_empty() {
                    for item in &old {
                        shared.metrics.dropped(item.kind(), "too_old", 1);
                    }
                    shared.note_answered(&old, Counts::of(&old));
                    body = self.encoder.encode(version, &items);
                    counts = Counts::of(&items);
                }
                if items.is_empty() {
                    return Offered::Taken;
                }
            }
        }
        Offered::Ended
    }
}

/// Whether a part of a refused batch may be taken.
fn is_splittable(settings: &WriteSettings, items: &[Item], error: &Error) -> bool {
    settings.version == Version::V1 && items.len() > 1 && error.is_bad_request()
}

impl Shared {
    async fn attempt(&self, body: bytes::Bytes, attempt: u32, counts: Counts) -> Result<(), Error> {
        let metrics = &self.metrics;
        metrics.samples.add(counts.samples as u64);
        metrics.histograms.add(counts.histograms as u64);
        metrics.exemplars.add(counts.exemplars as u64);
        metrics.bytes.add(body.len() as u64);
        let start = Instant::now();
        let outcome = self.sender.send(body, attempt, Some(counts)).await;
        let took = start.elapsed();
        metrics.batch_duration.observe(took.as_secs_f64());
        if outcome.is_ok() {
            let sent = counts.samples + counts.histograms + counts.exemplars;
            self.progress.sent.fetch_add(sent as u64, Ordering::Relaxed);
            let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
            self.progress.sending_nanos.fetch_add(nanos, Ordering::Relaxed);
            self.progress.last_sent_ms.store(self.clock.now_ms(), Ordering::Relaxed);
        }
        outcome
    }

    /// Waits before the next attempt; returns how long the one after that is.
    pub(super) async fn wait(
        &self,
        error: &Error,
        attempt: u32,
        counts: Counts,
        backoff: Duration,
    ) -> Duration {
        let metrics = &self.metrics;
        metrics.samples_retried.add(counts.samples as u64);
        metrics.histograms_retried.add(counts.histograms as u64);
        metrics.exemplars_retried.add(counts.exemplars as u64);
        if attempt == 0 {
            let remote = &self.settings.name;
            tracing::warn!(remote, url = %self.settings.url, err = %error, "failed to send batch, retrying");
        }
        let wait = error.retry_after().unwrap_or(backoff);
        let until = self.clock.now_ms().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
        self.progress.waiting_until_ms.fetch_max(until, Ordering::Relaxed);
        tokio::select! {
            () = self.abort.cancelled() => {}
            () = sleep(wait) => {}
        }
        wait.saturating_mul(2).min(self.settings.queue.backoff_max)
    }

    fn note_failed(&self, error: &Error, counts: Counts) {
        let metrics = &self.metrics;
        metrics.samples_failed.add(counts.samples as u64);
        metrics.histograms_failed.add(counts.histograms as u64);
        metrics.exemplars_failed.add(counts.exemplars as u64);
        let (remote, url) = (&self.settings.name, &self.settings.url);
        let count = counts.samples;
        tracing::error!(remote, %url, count, exemplar_count = counts.exemplars, err = %error, "non-recoverable error");
    }

    /// Values that the store has taken or refused are done with.
    fn note_answered(&self, items: &[Item], counts: Counts) {
        self.ledger.answered(items);
        let metrics = &self.metrics;
        let highest_sent = self.ledger.place().highest_sent;
        if highest_sent > i64::MIN {
            metrics.highest_sent.set(highest_sent as f64 / 1000.0);
        }
        metrics.samples_pending.add(-(counts.samples as f64));
        metrics.histograms_pending.add(-(counts.histograms as f64));
        metrics.exemplars_pending.add(-(counts.exemplars as f64));
    }
}
