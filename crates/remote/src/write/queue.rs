//! The life of a queue: from the log to the shards.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use platform::FileSystem;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::batch::metadata_request;
use super::demand::{Demand, LOOK_INTERVAL, Progress, Situation};
use super::item::{Counts, Item};
use super::ledger::Ledger;
use super::position::{self, Place};
use super::reader::{Reader, Round};
use super::sender::Sender;
use super::shards::{Shards, Shared, replay_splits_max};
use super::{MetadataSource, Parts};
use crate::metrics::Metrics;
use crate::{Error, MetadataSettings, WriteSettings};

/// Between two looks at the end of the log.
const POLL: Duration = Duration::from_millis(100);
/// Between two attempts to read a log that cannot be read.
const RETRY: Duration = Duration::from_secs(5);

/// A queue to one store.
pub(super) struct Queue {
    parts: Parts,
    shared: Arc<Shared>,
    reader: Option<Reader>,
    file: PathBuf,
    place: Place,
    shards: Option<Shards>,
    demand: Demand,
    /// How many values were read.
    read: u64,
    /// Whether the last look at the log has seen its end.
    is_at_end: bool,
    highest_read: i64,
    /// When the number of shards is looked at next.
    next_look: Instant,
}

impl Queue {
    pub(super) fn new(settings: WriteSettings, parts: Parts, all: &Metrics) -> Result<Self, Error> {
        let outside = || (Arc::clone(&parts.files), Arc::clone(&parts.clock));
        let sender = Sender::new(&settings, outside(), &parts.user_agent)?;
        let metrics = all.queue(&settings.name, &settings.url.to_string());
        metrics.shards_max.set(settings.queue.shards_max as f64);
        metrics.shards_min.set(settings.queue.shards_min as f64);
        metrics.shards_desired.set(settings.queue.shards_min as f64);
        metrics.shard_capacity.set(settings.queue.capacity as f64);
        metrics.batch_max.set(settings.queue.batch_samples_max as f64);
        let file = position::file(&parts.positions_folder, &settings.key);
        let place = Place { position: (parts.log_end)(), highest_sent: i64::MIN };
        let reader = Reader::new(outside(), &parts.log_folder, settings.clone(), metrics.clone());
        let shared = Arc::new(Shared {
            replay_splits_left: AtomicUsize::new(replay_splits_max(&settings.queue)),
            settings,
            sender,
            ledger: Ledger::new(place),
            metrics,
            progress: Progress::default(),
            clock: Arc::clone(&parts.clock),
            abort: CancellationToken::new(),
        });
        Ok(Self {
            parts,
            shared,
            reader: Some(reader),
            file,
            place,
            shards: None,
            demand: Demand::default(),
            read: 0,
            is_at_end: false,
            highest_read: i64::MIN,
            next_look: Instant::now(),
        })
    }

    pub(super) fn settings(&self) -> &WriteSettings {
        &self.shared.settings
    }

    /// Sends what the log holds and will hold, until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let has_begun = tokio::select! {
            () = stop.cancelled() => false,
            () = self.begin(&stop) => true,
        };
        if !has_begun {
            return self.shared.metrics.remove();
        }
        let keeping =
            tokio::spawn(keep(Arc::clone(&self.shared), Arc::clone(&self.parts.files), self.file.clone()));
        let metadata = self.send_metadata();
        self.follow(&stop).await;
        if let Some(metadata) = metadata {
            metadata.abort();
        }
        if let Some(shards) = self.shards.take()
            && timeout(self.parts.flush_deadline, shards.drain()).await.is_err()
        {
            // What was not sent stands in the log, and is sent after the next start.
            self.shared.abort.cancel();
        }
        keeping.abort();
        let place = self.shared.ledger.place();
        save(&self.shared, &self.parts.files, &self.file, place).await;
        self.shared.metrics.remove();
    }

    /// Finds the place to begin at and learns the series of the log, again and again until that succeeds.
    async fn begin(&mut self, stop: &CancellationToken) {
        let queue = &self.shared.settings.queue;
        self.shards = Some(Shards::start(queue.shards_min, &self.shared));
        self.next_look = Instant::now() + LOOK_INTERVAL;
        let default = self.place;
        loop {
            let Some(mut reader) = self.reader.take() else { return };
            let (files, file, log_end) =
                (Arc::clone(&self.parts.files), self.file.clone(), Arc::clone(&self.parts.log_end));
            let begun = tokio::task::spawn_blocking(move || {
                let kept = match position::load(files.as_ref(), &file) {
                    Ok(kept) => kept,
                    Err(error) => return (reader, Err(error)),
                };
                let place = kept.unwrap_or(default);
                let begun = reader.begin(place, log_end());
                (reader, begun.map(|items| (place, items)))
            });
            match begun.await {
                Ok((reader, Ok((place, items)))) => {
                    self.reader = Some(reader);
                    self.take(place, items, stop).await;
                    return;
                }
                Ok((reader, Err(error))) => {
                    self.reader = Some(reader);
                    let remote = &self.shared.settings.name;
                    tracing::error!(remote, err = %error, "cannot read the log to send from");
                    sleep(RETRY).await;
                }
                Err(error) => {
                    tracing::error!(err = %error, "reading the log to send from panicked");
                    return;
                }
            }
        }
    }

    /// Sends what a checkpoint held.
    async fn take(&mut self, place: Place, items: Vec<Item>, stop: &CancellationToken) {
        let Some(reader) = &self.reader else { return };
        self.shared.ledger.begin(place);
        let end = reader.position();
        if end != place.position || !items.is_empty() {
            self.hand_out(Round { items, end, is_at_end: false }, stop).await;
        }
    }

    async fn follow(&mut self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let Some(mut reader) = self.reader.take() else { return };
            let highest_sent = self.shared.ledger.place().highest_sent;
            let reading = tokio::task::spawn_blocking(move || {
                let round = reader.read(highest_sent);
                (reader, round)
            });
            let (reader, round) = match reading.await {
                Ok(read) => read,
                Err(error) => {
                    tracing::error!(err = %error, "reading the log to send from panicked");
                    return;
                }
            };
            self.reader = Some(reader);
            let pause = match round {
                Ok(round) => {
                    let pause = round.is_at_end.then_some(POLL);
                    self.hand_out(round, stop).await;
                    pause
                }
                Err(error) => {
                    let remote = &self.shared.settings.name;
                    tracing::error!(remote, err = %error, "cannot read the log to send from");
                    Some(RETRY)
                }
            };
            if Instant::now() >= self.next_look {
                self.look_at_demand(stop).await;
            }
            if let Some(pause) = pause {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = sleep(pause) => {}
                }
            }
        }
    }

    /// Hands what was read to the shards, which may be full for long.
    async fn hand_out(&mut self, mut round: Round, stop: &CancellationToken) {
        self.is_at_end = round.is_at_end;
        let ledger = &self.shared.ledger;
        if round.items.is_empty() && ledger.end() == round.end {
            return;
        }
        let epoch = ledger.next_epoch();
        for item in &mut round.items {
            item.epoch = epoch;
            self.highest_read = self.highest_read.max(item.timestamp);
        }
        ledger.open(round.end, &round.items);
        self.read += round.items.len() as u64;
        self.note_pending(&round.items);
        while !round.items.is_empty() {
            let Some(shards) = &self.shards else { return };
            round.items = tokio::select! {
                // Values that no shard has taken are not answered for: they are read again after the next start.
                () = stop.cancelled() => return,
                left = shards.enqueue(round.items, self.next_look) => left,
            };
            if Instant::now() >= self.next_look {
                self.look_at_demand(stop).await;
            }
        }
    }

    fn note_pending(&self, items: &[Item]) {
        let (counts, metrics) = (Counts::of(items), &self.shared.metrics);
        metrics.samples_pending.add(counts.samples as f64);
        metrics.histograms_pending.add(counts.histograms as f64);
        metrics.exemplars_pending.add(counts.exemplars as f64);
        if self.highest_read > i64::MIN {
            let seconds = self.highest_read as f64 / 1000.0;
            metrics.highest_timestamp.set(seconds);
            metrics.highest_timestamp_of_all.set(metrics.highest_timestamp_of_all.get().max(seconds));
        }
    }

    /// Changes the number of shards where that is worth it.
    async fn look_at_demand(&mut self, stop: &CancellationToken) {
        self.next_look = Instant::now() + LOOK_INTERVAL;
        let Some(shards) = &self.shards else { return };
        let now_ms = self.parts.clock.now_ms();
        let highest = if self.is_at_end { self.highest_read } else { now_ms };
        let sent = self.shared.ledger.place().highest_sent;
        let delay = if sent == i64::MIN { 0.0 } else { highest.saturating_sub(sent) as f64 / 1000.0 };
        let situation = Situation { shards: shards.len(), read: self.read, delay, now_ms };
        let (wanted, count) =
            self.demand.look(&self.shared.progress, &situation, &self.shared.settings.queue);
        self.shared.metrics.shards_desired.set(wanted);
        if count == shards.len() {
            return;
        }
        let remote = &self.shared.settings.name;
        tracing::info!(remote, from = shards.len(), to = count, "remote storage resharding");
        // The old ones end first, so that the values of a series stay in order.
        if let Some(shards) = self.shards.take() {
            tokio::select! {
                () = stop.cancelled() => return self.shared.abort.cancel(),
                () = shards.drain() => {}
            }
        }
        self.shards = Some(Shards::start(count, &self.shared));
    }

    /// Sends metadata from time to time, where the message does not carry it with the samples.
    fn send_metadata(&self) -> Option<JoinHandle<()>> {
        let settings = self.shared.settings.metadata.clone()?;
        if self.shared.settings.version != crate::Version::V1 {
            return None;
        }
        let shared = Arc::clone(&self.shared);
        Some(tokio::spawn(send_metadata(shared, settings, Arc::clone(&self.parts.metadata))))
    }
}

async fn send_metadata(shared: Arc<Shared>, settings: MetadataSettings, source: MetadataSource) {
    let mut ticks = interval_at(Instant::now() + settings.interval, settings.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let all = source();
        for entries in all.chunks(settings.batch_max) {
            let (body, count) = (metadata_request(entries), entries.len() as u64);
            let mut backoff = shared.settings.queue.backoff_min;
            for attempt in 0.. {
                shared.metrics.metadata.add(count);
                shared.metrics.metadata_bytes.add(body.len() as u64);
                let Err(error) = shared.sender.send(body.clone(), attempt, None).await else { break };
                let remote = &shared.settings.name;
                if !error.may_change() {
                    shared.metrics.metadata_failed.add(count);
                    tracing::error!(remote, count, err = %error, "non-recoverable error while sending metadata");
                    break;
                }
                shared.metrics.metadata_retried.add(count);
                backoff = shared.wait(&error, attempt, Counts::default(), backoff).await;
            }
        }
    }
}

/// Keeps the place on disk whenever it has moved.
async fn keep(shared: Arc<Shared>, files: Arc<dyn FileSystem>, file: PathBuf) {
    loop {
        shared.ledger.moved.notified().await;
        let place = shared.ledger.place();
        save(&shared, &files, &file, place).await;
    }
}

async fn save(shared: &Shared, files: &Arc<dyn FileSystem>, file: &std::path::Path, place: Place) {
    let (files, file) = (Arc::clone(files), file.to_owned());
    let saved = tokio::task::spawn_blocking(move || position::save(files.as_ref(), &file, &place)).await;
    if let Ok(Err(error)) = saved {
        tracing::error!(remote = shared.settings.name, err = %error, "what is sent now may be sent again");
    }
}
