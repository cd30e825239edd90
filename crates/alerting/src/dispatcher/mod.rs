//! The dispatcher: alerts, groups and silences go through it, and notifications come out.

mod contract;
mod flush;
mod history;
mod known;
mod place;
#[cfg(test)]
mod tests;
mod view;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use foldhash::{HashMap, HashMapExt, HashSet};
use model::Labels;

use self::history::Kept;
use self::known::{AlertId, KnownAlerts};
use crate::alert::{Alert, Fingerprint};
use crate::inhibit::Inhibitor;
use crate::log::NotificationLog;
use crate::route::RouteIndex;
use crate::silence::{Silence, SilenceError, Silences};

pub use contract::{
    Change, IntegrationSettings, Notification, NotifiedAlert, Options, Settings, Suppression, Taken,
};
pub use history::{AlertState, Event, KeptBack};
pub use view::{AlertView, GroupView};

/// The number of a group; none is given twice.
type GroupId = u64;

/// When groups are to be flushed, the next one first.
type Timers = BinaryHeap<Reverse<(i64, GroupId)>>;

#[derive(Debug)]
struct Group {
    route: RouteIndex,
    labels: Labels,
    key: Arc<str>,
    alerts: HashSet<AlertId>,
    next_flush: i64,
    has_flushed: bool,
    /// Whether it stands as before a restart: nobody has reported any of its alerts since.
    is_restored: bool,
    /// The flush that is being sent.
    flushing: Option<u64>,
    /// Whether the time for the next came meanwhile.
    is_due: bool,
    /// Who is kept back, and by what: told of when it changes.
    kept_back: HashMap<Fingerprint, Kept>,
}

/// The dispatcher.
#[derive(Debug)]
pub struct Dispatcher {
    settings: Settings,
    options: Options,
    alerts: KnownAlerts,
    names: HashMap<Box<str>, usize>,
    groups: HashMap<GroupId, Group>,
    groups_by_labels: HashMap<(RouteIndex, Labels), GroupId>,
    timers: Timers,
    inhibitor: Inhibitor,
    silences: Silences,
    log: NotificationLog,
    flushes: HashMap<u64, flush::Flush>,
    last_number: u64,
    suppressed: BTreeMap<Suppression, u64>,
    limited: u64,
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
            alerts: KnownAlerts::new(),
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
            events: Vec::new(),
        }
    }

    /// Takes a new configuration: groups are made anew of all alerts, what was told stays known.
    pub fn apply(&mut self, settings: Settings, now: i64) {
        self.inhibitor = Inhibitor::new(settings.inhibit_rules.clone());
        self.settings = settings;
        self.groups_by_labels.clear();
        self.timers.clear();
        for (fingerprint, labels) in
            self.alerts.remembered().map(|(_, known)| (known.fingerprint, &known.labels))
        {
            self.inhibitor.add(fingerprint, labels);
        }
        // Those that are over too, forgotten ones that groups have left: that may still have to be told.
        let ids: Vec<AlertId> = self.alerts.iter().map(|(id, _)| id).collect();
        let groups = std::mem::take(&mut self.groups);
        for id in ids {
            if let Some(known) = self.alerts.get_mut(id) {
                known.groups.take();
            }
            self.place(id, now);
        }
        for id in groups.values().flat_map(|group| &group.alerts) {
            self.alerts.release(*id);
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
            Change::Alert(alert) => {
                let fingerprint = alert.fingerprint();
                let alert = self.with_grace(Arc::unwrap_or_clone(alert), now);
                let id = self.take_in(fingerprint, alert);
                self.place(id, now);
                self.remember_state(id, now);
            }
        }
    }

    /// Everything that was kept is there.
    pub fn end_restoring(&mut self, now: i64) {
        self.leave_out_told(now);
        self.groups.values_mut().for_each(|group| group.is_restored = true);
    }

    /// An alert whose end came while nobody could report it anew stays a while, so that whoever raises it can.
    fn with_grace(&self, mut alert: Alert, now: i64) -> Alert {
        let was_over = alert.is_resolved(alert.updated_at);
        if !was_over && alert.is_resolved(now) {
            alert.ends_at = now.saturating_add(nanos(self.settings.resolve_timeout));
            alert.ends_by_timeout = true;
        }
        alert
    }

    /// After what time an alert without an end is taken as resolved.
    pub fn resolve_timeout(&self) -> Duration {
        self.settings.resolve_timeout
    }

    /// Takes a report of an alert; gives what it changed, none where a limit stands against it.
    pub fn put(&mut self, alert: Alert, now: i64) -> Option<Taken> {
        let fingerprint = alert.fingerprint();
        let (id, is_news) = match self.alerts.find(fingerprint) {
            // A report that says nothing new but a later end is not worth a record.
            Some(id) => (id, self.alerts.merge(id, alert, now)),
            None if self.is_over_limit(&alert) => {
                self.limited += 1;
                return None;
            }
            None => (self.take_in(fingerprint, alert), true),
        };
        self.place(id, now);
        self.hasten(id, now);
        self.note_state(id, now);
        let news = self.alerts.get(id).filter(|_| is_news).map(|known| Arc::new(known.alert()));
        Some(Taken { news })
    }

    fn is_over_limit(&self, alert: &Alert) -> bool {
        let Some(max) = self.options.alerts_per_name_max else { return false };
        self.names.get(alert.labels.value("alertname")).is_some_and(|count| *count >= max)
    }

    /// Takes an alert as it is; it stands in no group yet.
    fn take_in(&mut self, fingerprint: Fingerprint, alert: Alert) -> AlertId {
        if self.alerts.find(fingerprint).is_none() {
            if self.options.alerts_per_name_max.is_some() {
                *self.names.entry(alert.labels.value("alertname").into()).or_default() += 1;
            }
            self.inhibitor.add(fingerprint, &alert.labels);
        }
        self.alerts.insert(fingerprint, alert)
    }

    /// When there is something to do next.
    pub fn next_wake(&self) -> Option<i64> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    /// Forgets what is over: alerts that are resolved.
    pub fn collect_alerts(&mut self, now: i64) {
        self.note_all_over(now);
        let over = self.alerts.remembered().filter(|(_, known)| known.is_resolved(now));
        let over: Vec<AlertId> = over.map(|(id, _)| id).collect();
        for id in over {
            if let Some(known) = self.alerts.get(id) {
                self.inhibitor.remove(known.fingerprint, &known.labels);
                self.silences.forget(known.fingerprint);
                if let Some(count) = self.names.get_mut(known.name()) {
                    *count = count.saturating_sub(1);
                }
            }
            self.alerts.forget(id);
        }
        self.names.retain(|_, count| *count > 0);
        self.alerts.collect_garbage();
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

    /// What is to be kept over a restart, but for the alerts.
    pub fn snapshot(&self) -> Vec<Change> {
        let silences = self.silences.iter().cloned().map(Change::Silence);
        silences.chain(self.log.iter().cloned().map(Change::Told)).collect()
    }

    /// The alerts that are to be kept over a restart, at most `max` of them from the place `from` on, and the place of
    /// the next ones; none where there are no more. Those that are forgotten already are there too while somebody
    /// waits for them: nobody was told yet that they are over.
    pub fn snapshot_alerts(&self, from: usize, max: usize) -> (Vec<Change>, Option<usize>) {
        let (mut changes, mut next) = (Vec::new(), None);
        for (id, known) in self.alerts.iter_from(from) {
            if changes.len() == max {
                next = Some(id as usize);
                break;
            }
            changes.push(Change::Alert(Arc::new(known.alert())));
        }
        (changes, next)
    }
}
