//! The dispatcher: alerts, groups and silences go through it, and notifications come out.

mod contract;
mod flush;
mod history;
#[cfg(test)]
mod tests;
mod view;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use model::Labels;

use self::history::{Kept, Noted};
use crate::alert::{Alert, Fingerprint};
use crate::inhibit::Inhibitor;
use crate::log::{LogEntry, NotificationLog};
use crate::route::RouteIndex;
use crate::silence::{Silence, SilenceError, Silences};

pub use contract::{
    Change, IntegrationSettings, Notification, NotifiedAlert, Options, Settings, Suppression, Taken,
};
pub use history::{AlertState, Event, KeptBack};
pub use view::{AlertView, GroupView};

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
    /// Who is kept back, and by what: told of when it changes.
    kept_back: HashMap<Fingerprint, Kept>,
}

#[derive(Debug)]
struct Stored {
    alert: Arc<Alert>,
    /// The groups that it stands in, by its routes.
    groups: Vec<(RouteIndex, GroupId)>,
    /// Which of its states was told of.
    noted: Noted,
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
    /// Where alerts come from: all alerts of a rule come from one place.
    urls: HashSet<Arc<str>>,
    /// What happened since it was last asked for.
    events: Vec<Event>,
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
            urls: HashSet::new(),
            events: Vec::new(),
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
        self.leave_out_told(now);
    }

    /// Takes what was kept over a restart; [`Dispatcher::end_restoring`] comes last.
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
            Change::Alert(mut alert) => {
                let fingerprint = alert.fingerprint();
                let own = Arc::make_mut(&mut alert);
                own.generator_url = self.shared_url(&own.generator_url);
                self.take_in(fingerprint, self.with_grace(alert, now), now);
                self.remember_state(fingerprint, now);
            }
        }
    }

    /// Everything that was kept is there.
    pub fn end_restoring(&mut self, now: i64) {
        self.leave_out_told(now);
    }

    /// Takes out of groups that were made anew what is over and was told so: it would be told again.
    fn leave_out_told(&mut self, now: i64) {
        let Dispatcher { groups, groups_by_labels, settings, log, .. } = self;
        groups.retain(|_, group| {
            let Some(placed) = settings.routes.get(group.route) else { return false };
            let receiver = &placed.route.receiver;
            let integrations = settings.receivers.get(receiver);
            let keys = integrations.into_iter().flatten().map(|one| one.log_key(&group.key, receiver));
            let entries: Option<Vec<&LogEntry>> = keys.map(|key| log.get(&key)).collect();
            // Who was told nothing yet may have to be told everything.
            if let Some(entries) = entries {
                group.alerts.retain(|_, alert| {
                    let over_at = alert.ends_at.max(alert.updated_at);
                    let hash = crate::log_hash(&alert.labels);
                    let is_told = |entry: &&LogEntry| {
                        entry.timestamp >= over_at && entry.firing.binary_search(&hash).is_err()
                    };
                    !alert.is_resolved(now) || !entries.iter().all(is_told)
                });
            }
            if group.alerts.is_empty() {
                groups_by_labels.remove(&(group.route, group.labels.clone()));
            }
            !group.alerts.is_empty()
        });
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
    pub fn put(&mut self, mut alert: Alert, now: i64) -> Option<Taken> {
        let fingerprint = alert.fingerprint();
        alert.generator_url = self.shared_url(&alert.generator_url);
        let (merged, is_news) = match self.alerts.get(&fingerprint) {
            Some(stored) => {
                let before = &stored.alert;
                let merged = Alert::merged(before, alert, now);
                // A report that says nothing new but a later end is not worth a record.
                let is_news = before.is_resolved(now) != merged.is_resolved(now)
                    || before.annotations != merged.annotations;
                (Arc::new(merged), is_news)
            }
            None if self.is_over_limit(&alert) => {
                self.limited += 1;
                return None;
            }
            None => (Arc::new(alert), true),
        };
        self.take_in(fingerprint, merged.clone(), now);
        self.note_state(fingerprint, now);
        Some(Taken { alert: merged, is_news })
    }

    /// The text in the memory that all alerts from there share.
    fn shared_url(&mut self, url: &Arc<str>) -> Arc<str> {
        match self.urls.get(url) {
            Some(shared) => shared.clone(),
            None => {
                self.urls.insert(url.clone());
                url.clone()
            }
        }
    }

    fn is_over_limit(&self, alert: &Alert) -> bool {
        let Some(max) = self.options.alerts_per_name_max else { return false };
        self.names.get(alert.labels.value("alertname")).is_some_and(|count| *count >= max)
    }

    fn take_in(&mut self, fingerprint: Fingerprint, alert: Arc<Alert>, now: i64) {
        match self.alerts.get_mut(&fingerprint) {
            Some(stored) => stored.alert = alert.clone(),
            None => {
                if self.options.alerts_per_name_max.is_some() {
                    *self.names.entry(alert.labels.value("alertname").into()).or_default() += 1;
                }
                self.inhibitor.add(fingerprint, &alert.labels);
                self.alerts.insert(
                    fingerprint,
                    Stored { alert: alert.clone(), groups: Vec::new(), noted: Noted::Nothing },
                );
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
            alerts: std::iter::once((fingerprint, alert.clone())).collect(),
            next_flush,
            has_flushed: false,
            flushing: None,
            is_due: false,
            kept_back: HashMap::new(),
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
        self.note_all_over(now);
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
        self.urls.retain(|url| Arc::strong_count(url) > 1);
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
        // Some are forgotten already, and who waits for them was not told yet that they are over.
        let in_groups = self.groups.values().flat_map(|group| &group.alerts);
        let untold = in_groups.filter(|(fingerprint, _)| !self.alerts.contains_key(fingerprint));
        let untold = untold.map(|(_, alert)| Change::Alert(alert.clone()));
        silences.chain(told).chain(untold).chain(alerts).collect()
    }
}
