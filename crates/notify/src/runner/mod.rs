//! The dispatcher at work: it is woken when it is time, what it gives is sent, and what changes is kept.

mod deliver;
mod maintain;
mod metrics;
mod prepare;
mod trial;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alerting::silence::{Silence, SilenceError};
use alerting::{Alert, Change, Dispatcher, Notification};
use parking_lot::Mutex;
use platform::{Clock, FileSystem};
use telemetry::Registry;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use self::metrics::Metrics;
use crate::history::HistorySink;
use crate::integration::Integration;
use crate::send::Tools;
use crate::state::Journal;
use crate::templates::TemplateSet;
use crate::values::Tree;

pub use self::prepare::Prepared;
pub use self::trial::Trial;

const MILLISECOND: i64 = 1_000_000;
/// How many reports are taken before others get a turn.
const REPORTS_AT_ONCE: usize = 1000;
/// How many notifications may be under way; a group has at most one for each integration.
const UNDER_WAY_MAX: u32 = 1 << 20;
/// How long notifications that are under way may take at a stop.
const DRAIN_DEADLINE: Duration = Duration::from_secs(2);

/// One way to notify, and how connections are made for it.
#[derive(Clone, Debug)]
pub struct ReceiverIntegration {
    /// Its kind and settings.
    pub integration: Integration,
    /// Whether it is told that alerts are over.
    pub send_resolved: bool,
    /// How requests are made.
    pub client: http_client::Settings,
    /// How connections are secured that are not HTTP.
    pub tls: http_client::TlsSettings,
}

/// What a configuration says.
#[derive(Clone)]
pub struct RunnerSettings {
    /// What the dispatcher knows of it; the receivers are filled in.
    pub dispatch: alerting::Settings,
    /// The receivers by name, each with its integrations in the order of their kinds.
    pub receivers: Vec<(String, Vec<ReceiverIntegration>)>,
    /// What is said.
    pub templates: Arc<TemplateSet>,
    /// A number that tells configurations apart.
    pub hash: u64,
}

/// What does not follow from a configuration.
pub struct RunnerParts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The files.
    pub files: Arc<dyn FileSystem>,
    /// Where metrics are shown.
    pub registry: Registry,
    /// Limits and times of the dispatcher.
    pub options: alerting::Options,
    /// Where users reach the server, without a slash at its end.
    pub external_url: String,
    /// What requests call themselves.
    pub user_agent: String,
    /// Reads a text as a document; none where it is nothing but a text.
    pub parse_tree: fn(&str) -> Option<Tree>,
    /// The folder of the journal.
    pub folder: PathBuf,
    /// The folder in which an Alertmanager may have left its files.
    pub import: PathBuf,
    /// Whether alerts are kept over a restart.
    pub keeps_alerts: bool,
    /// How often what is over is forgotten: alerts.
    pub alerts_gc_interval: Duration,
    /// How often what is over is forgotten: silences and notes.
    pub maintenance_interval: Duration,
    /// Who is told what happens, where that is kept.
    pub history: Option<Arc<dyn HistorySink>>,
}

/// A receiver's integration, ready to send.
#[derive(Clone)]
struct Ready {
    integration: Arc<Integration>,
    tools: Tools,
    /// How many may send at once: a receiver that hangs must not take all connections there are.
    turns: Arc<Semaphore>,
}

/// The dispatcher at work; clones are the same.
#[derive(Clone)]
pub struct Runner {
    inner: Arc<Inner>,
}

struct Inner {
    parts: RunnerParts,
    dispatcher: Mutex<Dispatcher>,
    receivers: Mutex<Arc<HashMap<String, Vec<Ready>>>>,
    templates: Mutex<Arc<TemplateSet>>,
    journal: Mutex<Journal>,
    metrics: Metrics,
    news: Notify,
    /// Notifications that are under way; whoever waits for them holds the other end.
    under_way: Arc<Semaphore>,
}

impl Runner {
    /// Takes what was kept and is ready to run.
    ///
    /// # Errors
    /// The journal cannot be used, or a client cannot be made.
    pub fn open(settings: RunnerSettings, parts: RunnerParts) -> Result<Runner, String> {
        let (journal, kept) = Journal::open(Arc::clone(&parts.files), &parts.folder, &parts.import)
            .map_err(|error| format!("{}: {error}", parts.folder.display()))?;
        for warning in &kept.warnings {
            tracing::warn!("{warning}");
        }
        let now = parts.clock.now_ms() * MILLISECOND;
        let prepared = Prepared::new(settings, &parts)?;
        let options = alerting::Options { has_history: parts.history.is_some(), ..parts.options };
        let mut dispatcher = Dispatcher::new(prepared.dispatch.clone(), options);
        for change in kept.changes {
            if parts.keeps_alerts || !matches!(change, Change::Alert(_)) {
                dispatcher.restore(change, now);
            }
        }
        dispatcher.end_restoring(now);
        let metrics = Metrics::new(&parts.registry);
        prepared.show(&metrics, &parts);
        let runner = Runner {
            inner: Arc::new(Inner {
                dispatcher: Mutex::new(dispatcher),
                receivers: Mutex::new(prepared.receivers),
                templates: Mutex::new(prepared.templates),
                journal: Mutex::new(journal),
                metrics,
                news: Notify::new(),
                under_way: Arc::new(Semaphore::new(UNDER_WAY_MAX as usize)),
                parts,
            }),
        };
        runner.show_state();
        Ok(runner)
    }

    /// Makes a new configuration ready; nothing has changed yet.
    ///
    /// # Errors
    /// A client cannot be made.
    pub fn prepare(&self, settings: RunnerSettings) -> Result<Prepared, String> {
        Prepared::new(settings, &self.inner.parts)
    }

    /// Takes a new configuration.
    pub fn apply(&self, prepared: Prepared) {
        prepared.show(&self.inner.metrics, &self.inner.parts);
        let Prepared { dispatch, receivers, templates, .. } = prepared;
        self.look(|dispatcher, now| {
            *self.inner.receivers.lock() = receivers;
            *self.inner.templates.lock() = templates;
            dispatcher.apply(dispatch, now);
        });
        self.inner.news.notify_one();
    }

    /// Notes that a configuration was refused.
    pub fn note_refused(&self) {
        self.inner.metrics.reload_successful.set(0.0);
    }

    /// The time in nanoseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.inner.parts.clock.now_ms() * MILLISECOND
    }

    /// Takes reports of alerts.
    pub fn put(&self, alerts: Vec<Alert>) {
        let now = self.now();
        let resolved = alerts.iter().filter(|alert| alert.is_resolved(now)).count() as u64;
        let firing = alerts.len() as u64 - resolved;
        self.inner.metrics.received.with(&["resolved", "v2"]).add(resolved);
        self.inner.metrics.received.with(&["firing", "v2"]).add(firing);
        let mut alerts = alerts.into_iter();
        while alerts.len() > 0 {
            // Held over both, so that the journal has what was reported last behind what was reported before.
            let mut journal = self.inner.journal.lock();
            let changes = self.look(|dispatcher, now| {
                let taken = alerts.by_ref().take(REPORTS_AT_ONCE);
                let news = taken.filter_map(|alert| dispatcher.put(alert, now)?.news);
                news.map(Change::Alert).collect::<Vec<_>>()
            });
            if self.inner.parts.keeps_alerts && !changes.is_empty() {
                log_failure(journal.note(&changes, false));
            }
        }
        self.inner.news.notify_one();
    }

    /// Takes alerts as they are sent to other Alertmanagers.
    pub fn put_sent(&self, alerts: &[Arc<crate::Alert>]) {
        let now = self.now();
        self.put(alerts.iter().map(|alert| alert.report(now)).collect());
    }

    /// Counts reports that cannot be.
    pub fn note_invalid(&self, count: u64) {
        self.inner.metrics.invalid.with(&["v2"]).add(count);
    }

    /// Makes or changes a silence and gives its id, once it is on the disk.
    ///
    /// # Errors
    /// It cannot be, there is none of its id, or a limit stands against it.
    pub fn set_silence(&self, silence: Silence) -> Result<String, SilenceError> {
        let changed = self.look(|dispatcher, now| dispatcher.set_silence(silence, fresh_id(), now))?;
        let id = changed.last().map(|silence| silence.id.clone()).unwrap_or_default();
        let changes: Vec<Change> = changed.into_iter().map(Change::Silence).collect();
        self.note(&changes, true);
        Ok(id)
    }

    /// Ends a silence.
    ///
    /// # Errors
    /// There is none of the id.
    pub fn expire_silence(&self, id: &str) -> Result<(), SilenceError> {
        let changed = self.look(|dispatcher, now| dispatcher.expire_silence(id, now))?;
        if let Some(silence) = changed {
            self.note(&[Change::Silence(silence)], true);
        }
        Ok(())
    }

    /// Looks at the state, or changes it.
    pub fn look<R>(&self, work: impl FnOnce(&mut Dispatcher, i64) -> R) -> R {
        let mut dispatcher = self.inner.dispatcher.lock();
        // Read behind the lock: for the dispatcher no time comes after a later one.
        let now = self.now();
        let outcome = work(&mut dispatcher, now);
        let events = dispatcher.take_events();
        drop(dispatcher);
        if let Some(history) = self.inner.parts.history.as_ref().filter(|_| !events.is_empty()) {
            history.record(events.into_iter().map(crate::history::entry_of).collect());
        }
        outcome
    }

    fn note(&self, changes: &[Change], syncs: bool) {
        log_failure(self.inner.journal.lock().note(changes, syncs));
    }

    /// Sends what is to be sent, and forgets what is over, until `stop`.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let parts = &self.inner.parts;
        let mut alerts_gc = tokio::time::interval(parts.alerts_gc_interval.max(Duration::from_millis(10)));
        let mut maintenance =
            tokio::time::interval(parts.maintenance_interval.max(Duration::from_millis(10)));
        let mut rewriting: Option<JoinHandle<()>> = None;
        loop {
            let (notifications, next) = self.look(|dispatcher, now| {
                let notifications = dispatcher.poll(now);
                (notifications, dispatcher.next_wake().map(|at| at.saturating_sub(now)))
            });
            self.spawn(notifications);
            let wait = next.map_or(Duration::from_secs(3600), |nanos| {
                Duration::from_nanos(u64::try_from(nanos).unwrap_or_default()).max(Duration::from_millis(1))
            });
            tokio::select! {
                () = &mut stop => break,
                () = self.inner.news.notified() => {}
                () = tokio::time::sleep(wait) => {}
                _ = alerts_gc.tick() => self.look(Dispatcher::collect_alerts),
                _ = maintenance.tick() => {
                    if rewriting.as_ref().is_none_or(JoinHandle::is_finished) {
                        rewriting = Some(self.start_maintenance());
                    }
                }
            }
        }
        self.drain().await;
        if let Some(rewriting) = rewriting {
            // One that panicked has been logged; the last one writes everything anyway.
            let _ = rewriting.await;
        }
        let _ = self.start_maintenance().await;
    }

    /// Waits for notifications that are under way: one that ends unnoted is sent again after the next start.
    async fn drain(&self) {
        let ended = self.inner.under_way.acquire_many(UNDER_WAY_MAX);
        if tokio::time::timeout(DRAIN_DEADLINE, ended).await.is_err() {
            tracing::warn!(
                "notifications were under way at the end: they are sent again after the next start"
            );
        }
    }

    fn spawn(&self, notifications: Vec<Notification>) {
        for notification in notifications {
            let runner = self.clone();
            // Without a permit nobody waits for this one at a stop, and that is all.
            let under_way = Arc::clone(&self.inner.under_way).try_acquire_owned();
            tokio::spawn(async move {
                runner.deliver(notification).await;
                drop(under_way);
            });
        }
    }
}

/// A UUID, version 4.
fn fresh_id() -> String {
    use ring::rand::SecureRandom;
    let mut bytes = [0u8; 16];
    let _ = ring::rand::SystemRandom::new().fill(&mut bytes);
    let mut number = u128::from_be_bytes(bytes);
    number = (number & !(0xf << 76)) | (0x4 << 76);
    number = (number & !(0x3 << 62)) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// A journal that cannot be written is told of; the alerts go on.
fn log_failure(outcome: std::io::Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "the journal of alerts cannot be written");
    }
}
