//! The dispatcher at work: it is woken when it is time, what it gives is sent, and what changes is kept.

mod deliver;
mod metrics;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alerting::silence::{Silence, SilenceError, SilenceState};
use alerting::{Alert, Change, Dispatcher, Notification, Suppression};
use http_client::Client;
use parking_lot::Mutex;
use platform::{Clock, FileSystem};
use telemetry::Registry;
use tokio::sync::Notify;

use self::metrics::Metrics;
use crate::integration::Integration;
use crate::send::Tools;
use crate::state::Journal;
use crate::templates::TemplateSet;
use crate::values::Tree;

const MILLISECOND: i64 = 1_000_000;

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
}

/// A receiver's integration, ready to send.
#[derive(Clone)]
struct Ready {
    integration: Arc<Integration>,
    tools: Tools,
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
    journal: Mutex<Journal>,
    metrics: Metrics,
    news: Notify,
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
        let (dispatch, receivers) = ready(settings.clone(), &parts)?;
        let mut dispatcher = Dispatcher::new(dispatch, parts.options);
        for change in kept.changes {
            if parts.keeps_alerts || !matches!(change, Change::Alert(_)) {
                dispatcher.restore(change, now);
            }
        }
        let metrics = Metrics::new(&parts.registry);
        let runner = Runner {
            inner: Arc::new(Inner {
                dispatcher: Mutex::new(dispatcher),
                receivers: Mutex::new(Arc::new(receivers)),
                journal: Mutex::new(journal),
                metrics,
                news: Notify::new(),
                parts,
            }),
        };
        runner.note_settings(&settings);
        Ok(runner)
    }

    /// Takes a new configuration.
    ///
    /// # Errors
    /// A client cannot be made; the old configuration stays.
    pub fn apply(&self, settings: RunnerSettings) -> Result<(), String> {
        let (dispatch, receivers) = ready(settings.clone(), &self.inner.parts)?;
        let now = self.now();
        let mut dispatcher = self.inner.dispatcher.lock();
        *self.inner.receivers.lock() = Arc::new(receivers);
        dispatcher.apply(dispatch, now);
        drop(dispatcher);
        self.note_settings(&settings);
        self.inner.news.notify_one();
        Ok(())
    }

    /// Notes that a configuration was refused.
    pub fn note_refused(&self) {
        self.inner.metrics.reload_successful.set(0.0);
    }

    fn note_settings(&self, settings: &RunnerSettings) {
        let metrics = &self.inner.metrics;
        metrics.reload_successful.set(1.0);
        metrics.reloaded_at.set(self.inner.parts.clock.now_ms() as f64 / 1000.0);
        metrics.config_hash.set(settings.hash as f64);
        metrics.receivers.set(settings.receivers.len() as f64);
        let integrations: usize = settings.receivers.iter().map(|(_, list)| list.len()).sum();
        metrics.integrations.set(integrations as f64);
        metrics.inhibition_rules.set(settings.dispatch.inhibit_rules.len() as f64);
    }

    /// The time in nanoseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.inner.parts.clock.now_ms() * MILLISECOND
    }

    /// Takes reports of alerts.
    pub fn put(&self, alerts: Vec<Alert>) {
        let now = self.now();
        for alert in alerts {
            let status = if alert.is_resolved(now) { "resolved" } else { "firing" };
            self.inner.metrics.received.with(&[status, "v2"]).inc();
            let mut dispatcher = self.inner.dispatcher.lock();
            let before = dispatcher.find(alert.fingerprint());
            let Some(kept) = dispatcher.put(alert, now) else { continue };
            drop(dispatcher);
            // A report that says nothing new but a later end is not worth a record.
            let is_news = before.is_none_or(|before| {
                before.is_resolved(now) != kept.is_resolved(now) || before.annotations != kept.annotations
            });
            if is_news && self.inner.parts.keeps_alerts {
                self.note(&Change::Alert(kept), false);
            }
        }
        self.inner.news.notify_one();
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
        let now = self.now();
        let changed = self.inner.dispatcher.lock().set_silence(silence, fresh_id(), now)?;
        for silence in &changed {
            self.note(&Change::Silence(silence.clone()), true);
        }
        Ok(changed.last().map(|silence| silence.id.clone()).unwrap_or_default())
    }

    /// Ends a silence.
    ///
    /// # Errors
    /// There is none of the id.
    pub fn expire_silence(&self, id: &str) -> Result<(), SilenceError> {
        let changed = self.inner.dispatcher.lock().expire_silence(id, self.now())?;
        if let Some(silence) = changed {
            self.note(&Change::Silence(silence), true);
        }
        Ok(())
    }

    /// Looks at the state.
    pub fn look<R>(&self, work: impl FnOnce(&mut Dispatcher, i64) -> R) -> R {
        let now = self.now();
        work(&mut self.inner.dispatcher.lock(), now)
    }

    fn note(&self, change: &Change, syncs: bool) {
        if let Err(error) = self.inner.journal.lock().note(change, syncs) {
            tracing::error!(%error, "the journal of alerts cannot be written");
        }
    }

    /// Brings the metrics that are read of the state up to date.
    pub fn refresh_metrics(&self) {
        let metrics = &self.inner.metrics;
        self.look(|dispatcher, now| {
            let (active, suppressed) = dispatcher.count_alerts(now);
            metrics.alerts.with(&["active"]).set(active as f64);
            metrics.alerts.with(&["suppressed"]).set(suppressed as f64);
            metrics.alerts.with(&["unprocessed"]).set(0.0);
            metrics.groups.set(dispatcher.count_groups() as f64);
            for state in [SilenceState::Active, SilenceState::Pending, SilenceState::Expired] {
                let count = dispatcher.count_silences(state, now);
                metrics.silences.with(&[state.as_str()]).set(count as f64);
            }
            for why in Suppression::ALL {
                metrics.suppressed.with(&[why.as_str()]).set(dispatcher.count_suppressed(why) as f64);
            }
        });
    }

    /// Sends what is to be sent, and forgets what is over, until `stop`.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let parts = &self.inner.parts;
        let mut alerts_gc = tokio::time::interval(parts.alerts_gc_interval.max(Duration::from_millis(10)));
        let mut maintenance =
            tokio::time::interval(parts.maintenance_interval.max(Duration::from_millis(10)));
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
                _ = maintenance.tick() => self.maintain(),
            }
        }
        self.maintain();
    }

    fn maintain(&self) {
        let keeps_alerts = self.inner.parts.keeps_alerts;
        // Held over both, so that nothing is noted between the look and the new file.
        let mut journal = self.inner.journal.lock();
        let mut changes = self.look(|dispatcher, now| {
            dispatcher.collect_history(now);
            dispatcher.snapshot()
        });
        changes.retain(|change| keeps_alerts || !matches!(change, Change::Alert(_)));
        if let Err(error) = journal.rewrite(&changes) {
            tracing::error!(%error, "the journal of alerts cannot be written anew");
        }
        tracing::debug!(bytes = journal.bytes(), "wrote the journal of alerts anew");
    }

    fn spawn(&self, notifications: Vec<Notification>) {
        for notification in notifications {
            tokio::spawn(self.clone().deliver(notification));
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

/// Makes clients, and tells the dispatcher of the integrations.
fn ready(
    settings: RunnerSettings,
    parts: &RunnerParts,
) -> Result<(alerting::Settings, HashMap<String, Vec<Ready>>), String> {
    let mut dispatch = settings.dispatch;
    let mut all = HashMap::new();
    for (name, integrations) in settings.receivers {
        let mut known: HashMap<&'static str, u32> = HashMap::new();
        let (mut described, mut receivers) = (Vec::new(), Vec::new());
        for one in integrations {
            let kind = one.integration.name();
            one.integration.check().map_err(|error| format!("receiver {name:?}: {error}"))?;
            let index = known.entry(kind).or_default();
            described.push(alerting::IntegrationSettings {
                name: kind,
                index: *index,
                send_resolved: one.send_resolved,
            });
            *index += 1;
            let client = Client::new(one.client, Arc::clone(&parts.files))
                .map_err(|error| format!("receiver {name:?}: {error}"))?;
            let tools = Tools {
                client,
                tls: one.tls,
                files: Arc::clone(&parts.files),
                templates: Arc::clone(&settings.templates),
                parse_tree: parts.parse_tree,
                user_agent: parts.user_agent.clone(),
            };
            receivers.push(Ready { integration: Arc::new(one.integration), tools });
        }
        dispatch.receivers.insert(name.clone(), described);
        all.insert(name, receivers);
    }
    Ok((dispatch, all))
}
