//! The dispatcher: alerts, groups and silences go through it, and notifications come out.

mod flush;
#[cfg(test)]
mod tests;
mod view;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use model::Labels;

use crate::alert::{Alert, Fingerprint};
use crate::inhibit::{InhibitRule, Inhibitor};
use crate::interval::TimeInterval;
use crate::log::{LogEntry, NotificationLog, Reason, ReceiverData};
use crate::route::{RouteIndex, RouteTree};
use crate::silence::{Silence, SilenceError, SilenceLimits, Silences};

pub use view::{AlertView, GroupView};

/// What a configuration says.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tree of routes.
    pub routes: RouteTree,
    /// Rules by which alerts silence others.
    pub inhibit_rules: Vec<InhibitRule>,
    /// Named intervals.
    pub intervals: HashMap<String, Vec<TimeInterval>>,
    /// What each receiver sends with.
    pub receivers: HashMap<String, Vec<IntegrationSettings>>,
    /// After what time an alert without an end is taken as resolved.
    pub resolve_timeout: Duration,
}

/// What the dispatcher knows of an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationSettings {
    /// The word for its kind.
    pub name: &'static str,
    /// Its place among those of its kind.
    pub index: u32,
    /// Whether it is told that alerts are over.
    pub send_resolved: bool,
}

/// What does not follow from a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long what was told, and silences that are over, are remembered.
    pub retention: Duration,
    /// How many alerts of one name are taken at most.
    pub alerts_per_name_max: Option<usize>,
    /// How many silences there may be.
    pub silence_limits: SilenceLimits,
    /// Before this point nothing is sent.
    pub starts_sending_at: i64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            retention: Duration::from_secs(120 * 3600),
            alerts_per_name_max: None,
            silence_limits: SilenceLimits::default(),
            starts_sending_at: i64::MIN,
        }
    }
}

/// An alert of a notification.
#[derive(Clone, Debug)]
pub struct NotifiedAlert {
    /// The alert.
    pub alert: Arc<Alert>,
    /// What identifies it.
    pub fingerprint: Fingerprint,
    /// Whether it is over.
    pub is_resolved: bool,
}

/// What is to be sent, and where its outcome belongs.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Which flush it belongs to.
    pub flush: u64,
    /// The receiver.
    pub receiver: Arc<str>,
    /// The place of the integration among all of the receiver.
    pub integration: usize,
    /// Why.
    pub reason: Reason,
    /// The alerts, those that fire and those that are over; empty where only a note is to be made.
    pub alerts: Vec<NotifiedAlert>,
    /// The labels of the group.
    pub group_labels: Labels,
    /// The key of the group.
    pub group_key: Arc<str>,
    /// Until when it may be tried.
    pub deadline: i64,
    /// What the receiver wanted to have remembered.
    pub data: BTreeMap<String, ReceiverData>,
}

/// What is to be kept over a restart.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A silence was made or changed.
    Silence(Silence),
    /// Something was told.
    Told(LogEntry),
    /// An alert was taken.
    Alert(Arc<Alert>),
}

/// Why alerts were kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suppression {
    /// By other alerts.
    Inhibition,
    /// Outside of the active intervals.
    ActiveTimeInterval,
    /// Inside of a mute interval.
    MuteTimeInterval,
    /// By silences.
    Silence,
}

impl Suppression {
    /// All of them.
    pub const ALL: [Suppression; 4] = [
        Suppression::Inhibition,
        Suppression::ActiveTimeInterval,
        Suppression::MuteTimeInterval,
        Suppression::Silence,
    ];

    /// The word for it in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Suppression::Inhibition => "inhibition",
            Suppression::ActiveTimeInterval => "active_time_interval",
            Suppression::MuteTimeInterval => "mute_time_interval",
            Suppression::Silence => "silence",
        }
    }
}

/// The number of a group; none is given twice.
type GroupId = u64;

#[derive(Debug)]
struct Group {
    route: RouteIndex,
    labels: Labels,
    key: Arc<str>,
    alerts: HashMap<Fingerprint, Arc<Alert>>,
    next_flush: i64,
    has_flushed: bool,
    /// The flush that is being sent.
    flushing: Option<u64>,
    /// Whether the time for the next came meanwhile.
    is_due: bool,
}

#[derive(Debug)]
struct Stored {
    alert: Arc<Alert>,
    /// The groups that it stands in, by its routes.
    groups: Vec<(RouteIndex, GroupId)>,
}

/// The dispatcher.
#[derive(Debug)]
pub struct Dispatcher {
    settings: Settings,
    options: Options,
    alerts: HashMap<Fingerprint, Stored>,
    names: HashMap<Box<str>, usize>,
    groups: HashMap<GroupId, Group>,
    groups_by_labels: HashMap<(RouteIndex, Labels), GroupId>,
    timers: BinaryHeap<Reverse<(i64, GroupId)>>,
    inhibitor: Inhibitor,
    silences: Silences,
    log: NotificationLog,
    flushes: HashMap<u64, flush::Flush>,
    last_number: u64,
    suppressed: BTreeMap<Suppression, u64>,
    limited: u64,
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

impl Dispatcher {
    /// A dispatcher without alerts.
    pub fn new(settings: Settings, options: Options) -> Dispatcher {
        let silences = Silences::new(options.silence_limits);
        Dispatcher {
            inhibitor: Inhibitor::new(settings.inhibit_rules.clone()),
            settings,
            options,
            alerts: HashMap::new(),
            names: HashMap::new(),
            groups: HashMap::new(),
            groups_by_labels: HashMap::new(),
            timers: BinaryHeap::new(),
            silences,
            log: NotificationLog::default(),
            flushes: HashMap::new(),
            last_number: 0,
            suppressed: BTreeMap::new(),
            limited: 0,
        }
    }

    /// Takes a new configuration: groups are made anew of all alerts, what was told stays known.
    pub fn apply(&mut self, settings: Settings, now: i64) {
        self.inhibitor = Inhibitor::new(settings.inhibit_rules.clone());
        self.settings = settings;
        self.groups.clear();
        self.groups_by_labels.clear();
        self.timers.clear();
        let stored: Vec<Arc<Alert>> = self.alerts.values().map(|stored| stored.alert.clone()).collect();
        for alert in &stored {
            self.inhibitor.add(alert.fingerprint(), &alert.labels);
        }
        for stored in self.alerts.values_mut() {
            stored.groups.clear();
        }
        // Those that are over too: that may still have to be told.
        for alert in stored {
            self.place(alert.fingerprint(), &alert, now);
        }
    }

    /// Takes what was kept over a restart.
    pub fn restore(&mut self, change: Change, now: i64) {
        match change {
            Change::Silence(silence) => {
                if silence.ends_at.saturating_add(nanos(self.options.retention)) > now {
                    self.silences.restore(silence);
                }
            }
            Change::Told(entry) => {
                if entry.expires_at > now {
                    self.log.put(entry);
                }
            }
            Change::Alert(alert) => self.take(self.with_grace(alert, now), now),
        }
    }

    /// An alert whose end came while nobody could report it anew stays a while, so that whoever raises it can.
    fn with_grace(&self, alert: Arc<Alert>, now: i64) -> Arc<Alert> {
        let was_over = alert.is_resolved(alert.updated_at);
        if was_over || !alert.is_resolved(now) {
            return alert;
        }
        let ends_at = now.saturating_add(nanos(self.settings.resolve_timeout));
        Arc::new(Alert { ends_at, ends_by_timeout: true, ..(*alert).clone() })
    }

    /// After what time an alert without an end is taken as resolved.
    pub fn resolve_timeout(&self) -> Duration {
        self.settings.resolve_timeout
    }

    /// Takes a report of an alert; gives the alert as it is kept, none where a limit stands against it.
    pub fn put(&mut self, alert: Alert, now: i64) -> Option<Arc<Alert>> {
        let fingerprint = alert.fingerprint();
        let merged = match self.alerts.get(&fingerprint) {
            Some(stored) => Arc::new(Alert::merged(&stored.alert, alert, now)),
            None if self.is_over_limit(&alert) => {
                self.limited += 1;
                return None;
            }
            None => Arc::new(alert),
        };
        self.take(merged.clone(), now);
        Some(merged)
    }

    fn is_over_limit(&self, alert: &Alert) -> bool {
        let Some(max) = self.options.alerts_per_name_max else { return false };
        self.names.get(alert.labels.value("alertname")).is_some_and(|count| *count >= max)
    }

    fn take(&mut self, alert: Arc<Alert>, now: i64) {
        let fingerprint = alert.fingerprint();
        match self.alerts.get_mut(&fingerprint) {
            Some(stored) => stored.alert = alert.clone(),
            None => {
                if self.options.alerts_per_name_max.is_some() {
                    *self.names.entry(alert.labels.value("alertname").into()).or_default() += 1;
                }
                self.inhibitor.add(fingerprint, &alert.labels);
                self.alerts.insert(fingerprint, Stored { alert: alert.clone(), groups: Vec::new() });
            }
        }
        self.place(fingerprint, &alert, now);
    }

    /// Puts an alert into the groups of its routes.
    fn place(&mut self, fingerprint: Fingerprint, alert: &Arc<Alert>, now: i64) {
        let known = self.alerts.get_mut(&fingerprint).map(|stored| std::mem::take(&mut stored.groups));
        let mut places = known.unwrap_or_default();
        if places.is_empty() {
            places =
                self.settings.routes.matching(&alert.labels).into_iter().map(|route| (route, 0)).collect();
        }
        for (route, id) in &mut places {
            *id = self.place_in(*route, *id, fingerprint, alert, now);
        }
        if let Some(stored) = self.alerts.get_mut(&fingerprint) {
            stored.groups = places;
        }
    }

    fn place_in(
        &mut self,
        route: RouteIndex,
        id: GroupId,
        fingerprint: Fingerprint,
        alert: &Arc<Alert>,
        now: i64,
    ) -> GroupId {
        if let Some(group) = self.groups.get_mut(&id) {
            group.alerts.insert(fingerprint, alert.clone());
            return id;
        }
        let Some(placed) = self.settings.routes.get(route) else { return 0 };
        let group_wait = nanos(placed.route.group_wait);
        // An alert that waited long enough elsewhere does not wait here.
        let is_old = alert.starts_at.saturating_add(group_wait) < now;
        let labels = placed.route.group_by.labels_of(&alert.labels);
        let key = (route, labels);
        if let Some(id) = self.groups_by_labels.get(&key).copied()
            && let Some(group) = self.groups.get_mut(&id)
        {
            group.alerts.insert(fingerprint, alert.clone());
            if is_old && !group.has_flushed && group.next_flush > now {
                group.next_flush = now.max(self.options.starts_sending_at);
                self.timers.push(Reverse((group.next_flush, id)));
            }
            return id;
        }
        let first = if is_old { now } else { now.saturating_add(group_wait) };
        let next_flush = first.max(self.options.starts_sending_at);
        self.last_number += 1;
        let id = self.last_number;
        let group_key = Arc::from(format!("{}:{}", placed.key, crate::print_labels(&key.1)));
        let group = Group {
            route,
            labels: key.1.clone(),
            key: group_key,
            alerts: HashMap::from([(fingerprint, alert.clone())]),
            next_flush,
            has_flushed: false,
            flushing: None,
            is_due: false,
        };
        self.groups.insert(id, group);
        self.groups_by_labels.insert(key, id);
        self.timers.push(Reverse((next_flush, id)));
        id
    }

    /// When there is something to do next.
    pub fn next_wake(&self) -> Option<i64> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    /// Forgets what is over: alerts that are resolved.
    pub fn collect_alerts(&mut self, now: i64) {
        let (inhibitor, silences, names) = (&mut self.inhibitor, &mut self.silences, &mut self.names);
        self.alerts.retain(|fingerprint, stored| {
            let stays = !stored.alert.is_resolved(now);
            if !stays {
                inhibitor.remove(*fingerprint, &stored.alert.labels);
                silences.forget(*fingerprint);
                if let Some(count) = names.get_mut(stored.alert.labels.value("alertname")) {
                    *count = count.saturating_sub(1);
                }
            }
            stays
        });
        names.retain(|_, count| *count > 0);
    }

    /// Forgets silences and notes that are old enough.
    pub fn collect_history(&mut self, now: i64) {
        self.silences.collect_garbage(now, nanos(self.options.retention));
        self.log.collect_garbage(now);
    }

    /// Makes or changes a silence; gives all that was changed, the silence itself last.
    ///
    /// # Errors
    /// It cannot be, there is none of its id, or a limit stands against it.
    pub fn set_silence(
        &mut self,
        silence: Silence,
        fresh_id: String,
        now: i64,
    ) -> Result<Vec<Silence>, SilenceError> {
        self.silences.set(silence, fresh_id, now)
    }

    /// Ends a silence; gives it where that changed something.
    ///
    /// # Errors
    /// There is none of the id.
    pub fn expire_silence(&mut self, id: &str, now: i64) -> Result<Option<Silence>, SilenceError> {
        self.silences.expire(id, now)
    }

    /// Everything that is to be kept over a restart.
    pub fn snapshot(&self) -> Vec<Change> {
        let silences = self.silences.iter().cloned().map(Change::Silence);
        let told = self.log.iter().cloned().map(Change::Told);
        let alerts = self.alerts.values().map(|stored| Change::Alert(stored.alert.clone()));
        silences.chain(told).chain(alerts).collect()
    }
}
