//! All Alertmanagers: who they are, and what each is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use discovery::{Discoverer, Snapshot};
use http_client::Client;
use model::LabelsBuilder;
use model::relabel::{Rule, relabel};
use parking_lot::Mutex;
use platform::{Clock, FileSystem};
use telemetry::Registry;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::metrics::Metrics;
use crate::queue::{Queue, Receiver};
use crate::target::{Found, find};
use crate::{Alert, AlertmanagerSettings, Options, Runner, Settings};

/// What sending works with.
#[derive(Clone)]
pub struct Parts {
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where files of secrets and of targets are read.
    pub files: Arc<dyn FileSystem>,
    /// Where metrics are declared.
    pub registry: Registry,
    /// How requests name this program.
    pub user_agent: String,
    /// The least time between two looks at what was discovered.
    pub discovery_interval: Duration,
    /// The dispatcher of this process, which gets what all others get.
    pub built_in: Option<Runner>,
}

/// Sends alerts to all Alertmanagers that are found.
pub struct Alertmanagers {
    parts: Parts,
    options: Options,
    metrics: Metrics,
    state: Arc<Mutex<State>>,
    discoverer: Discoverer,
    follower: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    settings: Settings,
    groups: BTreeMap<String, Group>,
    ended: bool,
}

/// A group of Alertmanagers.
struct Group {
    settings: AlertmanagerSettings,
    client: Client,
    dropped: BTreeSet<String>,
    queues: BTreeMap<String, Queue>,
}

impl Alertmanagers {
    /// Starts without any; must be called within a Tokio runtime.
    pub fn new(parts: Parts, options: Options) -> Alertmanagers {
        let metrics = Metrics::new(&parts.registry, options.queue_capacity);
        let discoverer = Discoverer::new(discovery::Parts {
            name: "notify",
            clock: Arc::clone(&parts.clock),
            files: Arc::clone(&parts.files),
            registry: parts.registry.clone(),
            user_agent: parts.user_agent.clone(),
            interval: parts.discovery_interval,
        });
        let state = Arc::new(Mutex::new(State::default()));
        let follower = tokio::spawn(follow(
            discoverer.subscribe(),
            Arc::clone(&state),
            (parts.clone(), options, metrics.clone()),
        ));
        Alertmanagers { parts, options, metrics, state, discoverer, follower }
    }

    /// Takes whole new settings. Groups that are as before send on untouched; what waits in those that are changed or
    /// gone is sent before they end.
    ///
    /// # Errors
    /// A client cannot be made (its certificates, mostly): then nothing has changed.
    pub fn apply(&self, settings: Settings) -> Result<(), http_client::Error> {
        let mut state = self.state.lock();
        if state.ended {
            return Ok(());
        }
        let mut fresh = BTreeMap::new();
        for group in &settings.groups {
            if state.groups.get(&group.name).is_some_and(|old| old.settings == *group) {
                continue;
            }
            let client = Client::new(group.client.clone(), Arc::clone(&self.parts.files))?;
            let made =
                Group { settings: group.clone(), client, dropped: BTreeSet::new(), queues: BTreeMap::new() };
            fresh.insert(group.name.clone(), made);
        }
        let sets: BTreeMap<_, _> =
            settings.groups.iter().map(|group| (group.name.clone(), group.discoveries.clone())).collect();
        let is_changed = |name: &String| fresh.contains_key(name) || !sets.contains_key(name);
        let old: Vec<Group> =
            state.groups.extract_if(.., |name, _| is_changed(name)).map(|old| old.1).collect();
        state.groups.extend(fresh);
        state.settings = settings;
        let mut gone = BTreeSet::new();
        for group in old {
            for (url, queue) in group.queues {
                // What waits is sent by the old task, which ends then.
                queue.end(true);
                gone.insert(url);
            }
        }
        let present = self.discoverer.subscribe().borrow().clone();
        renew(&mut state, &present, gone, (&self.parts, self.options, &self.metrics));
        drop(state);
        self.discoverer.apply(sets);
        Ok(())
    }

    /// Queues alerts for every Alertmanager, and gives them to the one in this process; does not wait for any.
    pub fn send(&self, alerts: Vec<Alert>) {
        let state = self.state.lock();
        let external = &state.settings.external_labels;
        let mut kept = Vec::with_capacity(alerts.len());
        for mut alert in alerts {
            let mut builder = LabelsBuilder::new(alert.labels.clone());
            for (name, value) in external.iter().filter(|(name, _)| alert.labels.get(name).is_none()) {
                builder.set(name, value);
            }
            if relabel(&state.settings.alert_relabel, &mut builder) {
                alert.labels = builder.build();
                kept.push(Arc::new(alert));
            }
        }
        for group in state.groups.values().filter(|group| !group.queues.is_empty()) {
            let alerts = relabelled(&kept, &group.settings.alert_relabel);
            if !alerts.is_empty() {
                group.queues.values().for_each(|queue| queue.push(&alerts));
            }
        }
        drop(state);
        if let Some(built_in) = &self.parts.built_in {
            built_in.put_sent(&kept);
        }
    }

    /// The addresses that alerts are sent to, sorted.
    pub fn active(&self) -> Vec<String> {
        let state = self.state.lock();
        let all: BTreeSet<String> =
            state.groups.values().flat_map(|group| group.queues.keys().cloned()).collect();
        all.into_iter().collect()
    }

    /// The addresses that relabelling dropped, sorted.
    pub fn dropped(&self) -> Vec<String> {
        let state = self.state.lock();
        let all: BTreeSet<String> =
            state.groups.values().flat_map(|group| group.dropped.iter().cloned()).collect();
        all.into_iter().collect()
    }

    /// Ends sending; what waits is sent before, where it is so asked, within `deadline`.
    pub async fn stop(&self, deadline: Duration) {
        self.follower.abort();
        let groups = {
            let mut state = self.state.lock();
            state.ended = true;
            std::mem::take(&mut state.groups)
        };
        let queues = groups.into_values().flat_map(|group| group.queues.into_values());
        let tasks: Vec<JoinHandle<()>> = queues.map(|queue| queue.end(self.options.drains)).collect();
        let all = async {
            for task in tasks {
                // A task that panicked has been logged; the others are waited for.
                let _ = task.await;
            }
        };
        if tokio::time::timeout(deadline, all).await.is_err() {
            tracing::warn!("alerts were not all sent before the end");
        }
    }
}

impl Drop for Alertmanagers {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

/// Alerts as one group gets them.
fn relabelled(alerts: &[Arc<Alert>], rules: &[Rule]) -> Vec<Arc<Alert>> {
    if rules.is_empty() {
        return alerts.to_vec();
    }
    let mut kept = Vec::with_capacity(alerts.len());
    for alert in alerts {
        let mut builder = LabelsBuilder::new(alert.labels.clone());
        if relabel(rules, &mut builder) {
            kept.push(Arc::new(Alert { labels: builder.build(), ..Alert::clone(alert) }));
        }
    }
    kept
}

/// Follows what is discovered.
async fn follow(
    mut news: watch::Receiver<Arc<Snapshot>>,
    state: Arc<Mutex<State>>,
    (parts, options, metrics): (Parts, Options, Metrics),
) {
    while news.changed().await.is_ok() {
        let snapshot = news.borrow_and_update().clone();
        let mut state = state.lock();
        if !state.ended {
            renew(&mut state, &snapshot, BTreeSet::new(), (&parts, options, &metrics));
        }
    }
}

/// Starts queues of Alertmanagers that are new, and ends those of Alertmanagers that are gone; of these and of the
/// `gone` ones the metrics are forgotten, unless some group has them.
fn renew(
    state: &mut State,
    snapshot: &Snapshot,
    mut gone: BTreeSet<String>,
    (parts, options, metrics): (&Parts, Options, &Metrics),
) {
    for (name, group) in &mut state.groups {
        let Some(targets) = snapshot.get(name) else { continue };
        let Found { active, dropped } = find(&group.settings, targets);
        group.dropped = dropped;
        for (url, queue) in group.queues.extract_if(.., |url, _| !active.contains(url)) {
            queue.end(false);
            gone.insert(url);
        }
        for url in active {
            if group.queues.contains_key(&url) {
                continue;
            }
            let receiver = Receiver {
                url: url.clone(),
                client: group.client.clone(),
                timeout: group.settings.timeout,
                user_agent: parts.user_agent.clone(),
                capacity: options.queue_capacity,
                batch_max: options.batch_max,
                metrics: metrics.of(&url),
                clock: Arc::clone(&parts.clock),
            };
            group.queues.insert(url, Queue::start(receiver));
        }
    }
    let active: BTreeSet<&String> = state.groups.values().flat_map(|group| group.queues.keys()).collect();
    metrics.discovered.set(active.len() as f64);
    gone.iter().filter(|url| !active.contains(url)).for_each(|url| metrics.forget(url));
}
