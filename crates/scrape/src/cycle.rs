//! The life of one target: wait for its moment, ask, store, again.

mod fetch;
mod schedule;

use std::sync::Arc;
use std::time::Duration;

use http_client::{Body, Client, Lane};
use parking_lot::Mutex;
use platform::Clock;
use storage::{Appendable, FloatBatch};
use tokio::sync::watch;
use tokio::time::sleep;
use wire::exposition::Format;

use crate::ingest::{self, Context, Memory};
use crate::metrics::Metrics;
use crate::spare::Spare;
use crate::target::{Health, Status};
use crate::{Features, JobSettings, ScrapeError, Target};

pub(crate) use fetch::Headers;
use schedule::Schedule;

/// What all targets share.
pub(crate) struct Shared {
    pub(crate) appendable: Arc<dyn Appendable>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Metrics,
    pub(crate) features: Features,
    pub(crate) user_agent: String,
    pub(crate) bodies: Spare<Body>,
    pub(crate) batches: Spare<FloatBatch>,
}

/// One target and what it is scraped with.
pub(crate) struct Work {
    pub(crate) shared: Arc<Shared>,
    pub(crate) job: Arc<JobSettings>,
    pub(crate) target: Arc<Target>,
    pub(crate) client: Client,
    pub(crate) headers: Headers,
    /// Moves all targets of this server within their intervals.
    pub(crate) seed: u64,
    /// Where set, targets are not asked but fail with this.
    pub(crate) forced_error: Arc<Mutex<Option<ScrapeError>>>,
}

/// What is to become of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// It is scraped on.
    Run,
    /// Another loop takes over with other settings.
    HandOver,
    /// It is gone.
    Gone,
    /// The server stops.
    Shutdown,
}

impl Work {
    /// Scrapes until told otherwise; returns what was learnt about the target.
    pub(crate) async fn run(self, mut memory: Memory, mut signal: watch::Receiver<Signal>) -> Memory {
        let now = self.shared.clock.now_ms();
        let mut schedule = Schedule::new(now, self.target.interval, self.target.offset_ms(self.seed));
        let mut last: Option<Duration> = None;
        let mut lane = self.client.lane();
        loop {
            let wait = schedule.wait(self.shared.clock.now_ms());
            if interrupted(&mut signal, sleep(wait)).await.is_none() {
                break;
            }
            let start = self.shared.clock.monotonic();
            self.note_interval(last.replace(start), start);
            let time =
                schedule.timestamp(self.shared.clock.now_ms(), self.shared.features.timestamp_tolerance);
            let mut body = self.shared.bodies.take();
            let Some(format) = interrupted(&mut signal, self.ask(&mut lane, &mut body)).await else { break };
            let answer = format.map(|format| ingest::Body { bytes: body.bytes(), format });
            self.store(&mut memory, answer, time, start);
            self.shared.bodies.give(body);
            schedule.advance(self.shared.clock.now_ms());
        }
        if *signal.borrow() == Signal::Gone {
            self.end(&mut memory, &mut schedule, &mut signal).await;
            // Nobody asks for it any more, and its series count no longer as the job's.
            memory = Memory::default();
        }
        memory
    }

    async fn ask(&self, lane: &mut Lane, body: &mut Body) -> Result<Format, ScrapeError> {
        let forced = self.forced_error.lock().clone();
        match forced {
            Some(error) => Err(error),
            None => fetch::fetch(lane, &self.job, &self.target, &self.headers, body).await,
        }
    }

    fn store(
        &self,
        memory: &mut Memory,
        answer: Result<ingest::Body<'_>, ScrapeError>,
        time: i64,
        start: Duration,
    ) {
        let elapsed = || self.shared.clock.monotonic().saturating_sub(start);
        self.shared.metrics.scrape_duration.observe(elapsed().as_secs_f64());
        let began = self.shared.clock.now_ms().saturating_sub(elapsed().as_millis() as i64);
        let (_, error) =
            ingest::store(&self.context(), memory, self.shared.appendable.as_ref(), answer, time, || {
                elapsed().as_secs_f64()
            });
        if let Some(error) = &error {
            tracing::debug!(scrape_pool = self.target.scrape_pool(), target = self.target.scrape_url(),
                err = %error, "scrape failed");
        }
        self.target.set_status(Status {
            health: if error.is_none() { Health::Up } else { Health::Down },
            last_error: error.map(|error| error.to_string()).unwrap_or_default(),
            last_scrape: Some(began),
            last_scrape_duration: elapsed(),
        });
    }

    /// Marks the series of a target that is gone as ended: not before a scrape elsewhere could have found the
    /// same series, so that a target that only moved has no gap.
    async fn end(&self, memory: &mut Memory, schedule: &mut Schedule, signal: &mut watch::Receiver<Signal>) {
        let interval = self.target.interval;
        let first = schedule.wait(self.shared.clock.now_ms());
        if interrupted(signal, sleep(first)).await.is_none() {
            return;
        }
        let time = self.shared.clock.now_ms();
        if interrupted(signal, sleep(interval + interval / 10)).await.is_none() {
            return;
        }
        ingest::end(&self.context(), memory, self.shared.appendable.as_ref(), time);
    }

    fn context(&self) -> Context<'_> {
        Context {
            job: &self.job,
            features: self.shared.features,
            target: &self.target,
            metrics: &self.shared.metrics,
            batches: &self.shared.batches,
        }
    }

    fn note_interval(&self, last: Option<Duration>, now: Duration) {
        let Some(last) = last else { return };
        let seconds = now.saturating_sub(last).as_secs_f64();
        let interval = [self.target.scrape_interval()];
        self.shared.metrics.interval_length.with(&interval).observe(seconds);
        self.shared.metrics.interval_length_histogram.with(&interval).observe(seconds);
    }
}

/// The outcome of `future`, or `None` where a signal came first.
async fn interrupted<F: Future>(signal: &mut watch::Receiver<Signal>, future: F) -> Option<F::Output> {
    tokio::select! {
        biased;
        _ = signal.changed() => None,
        output = future => Some(output),
    }
}
