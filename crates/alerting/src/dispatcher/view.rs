//! The state as it is shown: alerts, groups, silences, numbers.

use std::sync::Arc;

use model::Labels;

use super::{Dispatcher, GroupId, Suppression};
use crate::alert::{Alert, Fingerprint};
use crate::route::RouteIndex;
use crate::silence::{Silence, SilenceState};

/// An alert as it is shown.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// The alert.
    pub alert: Arc<Alert>,
    /// What identifies it.
    pub fingerprint: Fingerprint,
    /// Who gets it.
    pub receivers: Vec<String>,
    /// Which silences keep it quiet.
    pub silenced_by: Vec<String>,
    /// Which alert keeps it quiet.
    pub inhibited_by: Option<Fingerprint>,
    /// Which intervals keep its group quiet.
    pub muted_by: Vec<String>,
}

/// A group as it is shown.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// The labels of the group.
    pub labels: Labels,
    /// Who gets it.
    pub receiver: String,
    /// Its alerts, by fingerprint.
    pub alerts: Vec<AlertView>,
}

impl Dispatcher {
    /// Alerts that are not over, by fingerprint; `wanted` looks at labels and receivers first, since the rest costs.
    pub fn alerts(&mut self, wanted: impl Fn(&Labels, &[String]) -> bool, now: i64) -> Vec<AlertView> {
        let mut firing: Vec<(Fingerprint, Arc<Alert>)> = self
            .alerts
            .iter()
            .filter(|(_, stored)| !stored.alert.is_resolved(now))
            .map(|(fingerprint, stored)| (*fingerprint, stored.alert.clone()))
            .collect();
        firing.sort_by_key(|(fingerprint, _)| *fingerprint);
        let mut views = Vec::new();
        for (fingerprint, alert) in firing {
            let receivers = self.receivers_of(&self.settings.routes.matching(&alert.labels));
            if wanted(&alert.labels, &receivers) {
                views.push(self.view(fingerprint, alert, receivers, now));
            }
        }
        views
    }

    fn receivers_of(&self, routes: &[RouteIndex]) -> Vec<String> {
        let routes = routes.iter().filter_map(|route| self.settings.routes.get(*route));
        routes.map(|placed| placed.route.receiver.clone()).collect()
    }

    fn view(
        &mut self,
        fingerprint: Fingerprint,
        alert: Arc<Alert>,
        receivers: Vec<String>,
        now: i64,
    ) -> AlertView {
        let inhibited_by = self.inhibitor.source_of(&alert.labels, |source| {
            let stored = self.alerts.get(&source)?;
            (!stored.alert.is_resolved(now)).then_some(&stored.alert.labels)
        });
        let silenced_by = self.silences.silencing(fingerprint, &alert.labels, now);
        AlertView { alert, fingerprint, receivers, silenced_by, inhibited_by, muted_by: Vec::new() }
    }

    /// The groups, by labels and receiver.
    pub fn groups(&mut self, wanted: impl Fn(&Labels, &[String]) -> bool, now: i64) -> Vec<GroupView> {
        let mut ids: Vec<GroupId> = self.groups.keys().copied().collect();
        ids.sort_unstable();
        let mut views = Vec::new();
        for id in ids {
            let Some(group) = self.groups.get(&id) else { continue };
            let Some(placed) = self.settings.routes.get(group.route) else { continue };
            let (labels, receiver) = (group.labels.clone(), placed.route.receiver.clone());
            let muted_by = self.muting(group.route, now);
            let firing = group.alerts.iter().filter(|(_, alert)| !alert.is_resolved(now));
            let mut firing: Vec<_> =
                firing.map(|(fingerprint, alert)| (*fingerprint, alert.clone())).collect();
            firing.sort_by_key(|(fingerprint, _)| *fingerprint);
            let mut alerts = Vec::new();
            for (fingerprint, alert) in firing {
                let receivers = self.receivers_of(&self.settings.routes.matching(&alert.labels));
                if wanted(&alert.labels, std::slice::from_ref(&receiver)) {
                    let view = self.view(fingerprint, alert, receivers, now);
                    alerts.push(AlertView { muted_by: muted_by.clone(), ..view });
                }
            }
            views.push(GroupView { labels, receiver, alerts });
        }
        // Fewer labels stand first, as the original sorts label sets.
        views.sort_by(|a, b| {
            let fewer = a.labels.len().cmp(&b.labels.len());
            fewer.then_with(|| a.labels.cmp(&b.labels)).then_with(|| a.receiver.cmp(&b.receiver))
        });
        views
    }

    /// The intervals that keep the groups of a route quiet now.
    fn muting(&self, route: RouteIndex, now: i64) -> Vec<String> {
        let Some(placed) = self.settings.routes.get(route) else { return Vec::new() };
        let holds = |name: &&String| {
            let list = self.settings.intervals.get(*name);
            list.is_some_and(|list| list.iter().any(|interval| interval.contains(now)))
        };
        let active = &placed.route.active_time_intervals;
        if !active.is_empty() && !active.iter().any(|name| holds(&name)) {
            return active.clone();
        }
        placed.route.mute_time_intervals.iter().filter(holds).cloned().collect()
    }

    /// The alert of a number, as it was last reported.
    pub fn find(&self, fingerprint: Fingerprint) -> Option<Arc<Alert>> {
        self.alerts.get(&fingerprint).map(|stored| stored.alert.clone())
    }

    /// All silences, in no order.
    pub fn silences(&self) -> impl Iterator<Item = &Silence> {
        self.silences.iter()
    }

    /// The silence of an id.
    pub fn silence(&self, id: &str) -> Option<&Silence> {
        self.silences.get(id)
    }

    /// The receivers' settings and routes.
    pub fn settings(&self) -> &super::Settings {
        &self.settings
    }

    /// How many alerts are active and how many are kept back.
    pub fn count_alerts(&mut self, now: i64) -> (usize, usize) {
        let Dispatcher { alerts, silences, inhibitor, .. } = self;
        let fires = |fingerprint: Fingerprint| {
            let stored = alerts.get(&fingerprint)?;
            (!stored.alert.is_resolved(now)).then_some(&stored.alert.labels)
        };
        let (mut active, mut quiet) = (0, 0);
        for (fingerprint, stored) in alerts.iter() {
            let labels = &stored.alert.labels;
            if stored.alert.is_resolved(now) {
                continue;
            }
            let is_quiet = inhibitor.source_of(labels, fires).is_some()
                || !silences.silencing(*fingerprint, labels, now).is_empty();
            *(if is_quiet { &mut quiet } else { &mut active }) += 1;
        }
        (active, quiet)
    }

    /// How many silences are in a state.
    pub fn count_silences(&self, state: SilenceState, now: i64) -> usize {
        self.silences.iter().filter(|silence| silence.state(now) == state).count()
    }

    /// How many groups there are.
    pub fn count_groups(&self) -> usize {
        self.groups.len()
    }

    /// How many alerts were kept back so far, for a reason.
    pub fn count_suppressed(&self, why: Suppression) -> u64 {
        self.suppressed.get(&why).copied().unwrap_or_default()
    }

    /// How many alerts were refused so far, since there were too many of their name.
    pub fn count_limited(&self) -> u64 {
        self.limited
    }
}
