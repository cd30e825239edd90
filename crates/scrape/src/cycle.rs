//! The life of one target: wait for its moment, ask, store, again.

mod fetch;
mod schedule;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_client::{Body, Client, Lane};
use parking_lot::Mutex;
use platform::Clock;
use storage::{Appendable, FloatBatch};
use telemetry::{Histogram, Summary};
use tokio::sync::watch;
use tokio::time::sleep;
use wire::exposition::Format;

use crate::failure_log::FailureSlot;
use crate::ingest::{self, Context, Memory};
use crate::metrics::Metrics;
use crate::spare::Spare;
use crate::target::{Declarations, Health, Status};
use crate::{Features, JobSettings, ScrapeError, Target};

use fetch::Asking;
pub(crate) use fetch::Headers;
use schedule::Schedule;

/// What all targets share.
pub(crate) struct Shared {
    pub(crate) appendable: Arc<dyn Appendable>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Metrics,
    pub(crate) declarations: Declarations,
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
    /// Where it is noted that the target did not answer.
    pub(crate) failures: Arc<FailureSlot>,
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
        // The signal is listened to once for the whole life, not at each step of it.
        interrupted(&mut signal, self.scrape(&mut memory, &mut schedule)).await;
        if *signal.borrow() == Signal::Gone {
            self.end(&mut memory, &mut schedule, &mut signal).await;
            // Nobody asks for it any more, and its series count no longer as the job's.
            memory = Memory::default();
        }
        memory
    }

    /// Scrapes on and on.
    async fn scrape(&self, memory: &mut Memory, schedule: &mut Schedule) -> Infallible {
        let mut lane = self.client.lane();
        let mut asking = Asking::new(&self.target, &self.headers);
        let mut intervals = Intervals::default();
        loop {
            sleep(schedule.wait(self.shared.clock.now_ms())).await;
            let start = self.shared.clock.monotonic();
            let now = self.shared.clock.now_ms();
            intervals.note(&self.shared.metrics, &self.target, start);
            let time = schedule.timestamp(now, self.shared.features.timestamp_tolerance);
            let mut body = self.shared.bodies.take();
            let format = self.ask(&mut asking, &mut lane, &mut body).await;
            let answer = format.map(|format| ingest::Body { bytes: body.bytes(), format });
            self.store(memory, answer, Moment { time, start, now });
            self.shared.bodies.give(body);
            schedule.advance(self.shared.clock.now_ms());
        }
    }

    async fn ask(
        &self,
        asking: &mut Asking,
        lane: &mut Lane,
        body: &mut Body,
    ) -> Result<Format, ScrapeError> {
        let forced = self.forced_error.lock().clone();
        match forced {
            Some(error) => Err(error),
            None => asking
                .fetch(lane, &self.job, &self.target, body)
                .await
                .inspect_err(|error| self.failures.note(&*self.shared.clock, &self.target, error)),
        }
    }

    fn store(&self, memory: &mut Memory, answer: Result<ingest::Body<'_>, ScrapeError>, moment: Moment) {
        let elapsed = || self.shared.clock.monotonic().saturating_sub(moment.start);
        self.shared.metrics.scrape_duration.observe(elapsed().as_secs_f64());
        let seconds = || elapsed().as_secs_f64();
        let appendable = self.shared.appendable.as_ref();
        let (_, error) = ingest::store(&self.context(), memory, appendable, answer, moment.time, seconds);
        if let Some(error) = &error {
            tracing::debug!(scrape_pool = self.target.scrape_pool(), target = self.target.scrape_url(),
                err = %error, "scrape failed");
        }
        self.target.set_status(Status {
            health: if error.is_none() { Health::Up } else { Health::Down },
            last_error: error.map(|error| error.to_string()).unwrap_or_default(),
            last_scrape: Some(moment.now),
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
            declarations: &self.shared.declarations,
            batches: &self.shared.batches,
        }
    }
}

/// When a scrape began.
#[derive(Clone, Copy)]
struct Moment {
    /// The time that its samples get.
    time: i64,
    /// By the clock that is never set.
    start: Duration,
    /// By the wall clock.
    now: i64,
}

/// Measures the time from scrape to scrape of one target.
#[derive(Default)]
struct Intervals {
    last: Option<Duration>,
    metrics: Option<(Summary, Histogram)>,
}

impl Intervals {
    fn note(&mut self, metrics: &Metrics, target: &Target, now: Duration) {
        let Some(last) = self.last.replace(now) else { return };
        let seconds = now.saturating_sub(last).as_secs_f64();
        let (summary, histogram) = self.metrics.get_or_insert_with(|| {
            let interval = [target.scrape_interval()];
            (metrics.interval_length.with(&interval), metrics.interval_length_histogram.with(&interval))
        });
        summary.observe(seconds);
        histogram.observe(seconds);
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
