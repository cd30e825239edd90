//! Runs discoveries and publishes what they find.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use platform::{Clock, FileSystem};
use telemetry::Registry;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use crate::metrics::Metrics;
use crate::{Settings, TargetGroup, table};

/// The groups of targets of each set, by the set's name.
pub type Snapshot = BTreeMap<String, Vec<Arc<TargetGroup>>>;

/// What a discoverer works with.
#[derive(Clone)]
pub struct Parts {
    /// What the discoveries are for, as metrics name it: `scrape` or `notify`.
    pub name: &'static str,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where files are read.
    pub files: Arc<dyn FileSystem>,
    /// Where metrics are declared.
    pub registry: Registry,
    /// How requests name this program.
    pub user_agent: String,
    /// The least time between two publications.
    pub interval: Duration,
}

impl Parts {
    /// The interval of the original.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
}

/// News that come together are published together.
const GATHER: Duration = Duration::from_millis(20);

/// Runs the discoveries of named sets until it is dropped.
pub struct Discoverer {
    shared: Arc<Shared>,
    publisher: JoinHandle<()>,
}

struct Shared {
    parts: Parts,
    metrics: Metrics,
    sets: Mutex<BTreeMap<String, Set>>,
    news: Notify,
    published: watch::Sender<Arc<Snapshot>>,
}

#[derive(Default)]
struct Set {
    providers: Vec<Provider>,
    /// What providers found that a reload replaced; shown until all new ones have reported.
    inherited: Vec<Arc<TargetGroup>>,
}

struct Provider {
    settings: Settings,
    /// `None` until the first report.
    found: Arc<Mutex<Option<Vec<Arc<TargetGroup>>>>>,
    task: JoinHandle<()>,
}

/// What a discovery works with.
#[derive(Clone)]
pub(crate) struct Context {
    /// The set it works for.
    pub(crate) set: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) files: Arc<dyn FileSystem>,
    pub(crate) metrics: Metrics,
    pub(crate) user_agent: String,
}

/// Where a discovery reports.
pub(crate) struct Updates {
    found: Arc<Mutex<Option<Vec<Arc<TargetGroup>>>>>,
    shared: Arc<Shared>,
}

impl Updates {
    /// Reports all groups as they are now, in the place of those reported before.
    pub(crate) fn send(&self, groups: Vec<Arc<TargetGroup>>) {
        self.shared.metrics.received_updates.with(&[self.shared.parts.name]).inc();
        let groups = Some(groups);
        let mut found = self.found.lock();
        if *found != groups {
            *found = groups;
            drop(found);
            self.shared.news.notify_one();
        }
    }
}

impl Discoverer {
    /// Starts without any set; must be called within a Tokio runtime.
    pub fn new(parts: Parts) -> Self {
        let metrics = Metrics::new(&parts.registry);
        let shared = Arc::new(Shared {
            parts,
            metrics,
            sets: Mutex::default(),
            news: Notify::new(),
            published: watch::Sender::new(Arc::default()),
        });
        let publisher = tokio::spawn(publish(Arc::clone(&shared)));
        Self { shared, publisher }
    }

    /// Takes whole new settings: discoveries whose settings did not change run on, others are started and
    /// stopped. Publishes at once.
    pub fn apply(&self, sets: BTreeMap<String, Vec<Settings>>) {
        let mut present = self.shared.sets.lock();
        let mut before = std::mem::take(&mut *present);
        for (name, wanted) in sets {
            let mut old = before.remove(&name).unwrap_or_default();
            let providers =
                wanted.into_iter().map(|settings| self.keep_or_start(&name, settings, &mut old)).collect();
            let replaced = old.providers.iter().filter_map(|provider| provider.found.lock().take()).flatten();
            let inherited = std::mem::take(&mut old.inherited).into_iter().chain(replaced).collect();
            present.insert(name, Set { providers, inherited });
        }
        let name = self.shared.parts.name;
        for gone in before.keys() {
            self.shared.metrics.discovered_targets.remove(&[name, gone]);
            self.shared.metrics.last_update.remove(&[name, gone]);
        }
        let failed = present
            .values()
            .flat_map(|set| &set.providers)
            .filter(|provider| matches!(provider.settings, Settings::NotSupportedYet { .. }));
        self.shared.metrics.failed_configs.with(&[name]).set(failed.count() as f64);
        drop(present);
        self.shared.publish();
    }

    /// What is published, now and from now on.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.shared.published.subscribe()
    }

    fn keep_or_start(&self, set: &str, settings: Settings, old: &mut Set) -> Provider {
        if let Some(kept) = old.providers.iter().position(|provider| provider.settings == settings) {
            return old.providers.swap_remove(kept);
        }
        let found = Arc::new(Mutex::new(None));
        let parts = &self.shared.parts;
        let context = Context {
            set: set.to_owned(),
            clock: Arc::clone(&parts.clock),
            files: Arc::clone(&parts.files),
            metrics: self.shared.metrics.clone(),
            user_agent: parts.user_agent.clone(),
        };
        let updates = Updates { found: Arc::clone(&found), shared: Arc::clone(&self.shared) };
        let task = tokio::spawn(table::run(settings.clone(), context, updates));
        Provider { settings, found, task }
    }
}

impl Drop for Discoverer {
    fn drop(&mut self) {
        self.publisher.abort();
        self.shared.sets.lock().clear();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn publish(&self) {
        let name = self.parts.name;
        let mut snapshot = Snapshot::new();
        for (set, state) in &mut *self.sets.lock() {
            let mut groups = Vec::new();
            let mut all_reported = true;
            for provider in &state.providers {
                match &*provider.found.lock() {
                    Some(found) => groups.extend(found.iter().cloned()),
                    None => all_reported = false,
                }
            }
            if all_reported {
                state.inherited.clear();
            }
            groups.extend(state.inherited.iter().cloned());
            let targets: usize = groups.iter().map(|group| group.targets.len()).sum();
            self.metrics.discovered_targets.with(&[name, set]).set(targets as f64);
            self.metrics.last_update.with(&[name, set]).set(self.parts.clock.now_ms() as f64 / 1000.0);
            snapshot.insert(set.clone(), groups);
        }
        self.metrics.updates.with(&[name]).inc();
        self.published.send_replace(Arc::new(snapshot));
    }
}

/// Publishes news, the first at once, later ones when the interval is over.
async fn publish(shared: Arc<Shared>) {
    let mut last: Option<Instant> = None;
    loop {
        shared.news.notified().await;
        sleep(GATHER).await;
        if let Some(earliest) = last.map(|last| last + shared.parts.interval)
            && earliest > Instant::now()
        {
            shared.metrics.updates_delayed.with(&[shared.parts.name]).inc();
            sleep_until(earliest).await;
        }
        last = Some(Instant::now());
        shared.publish();
    }
}

impl fmt::Debug for Discoverer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Discoverer({}, {} sets)", self.shared.parts.name, self.shared.sets.lock().len())
    }
}
