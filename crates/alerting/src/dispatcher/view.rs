//! The state as it is shown: alerts, groups, silences, numbers.

use model::Labels;

use super::known::AlertId;
use super::{Dispatcher, GroupId, Suppression};
use crate::alert::{Alert, Fingerprint};
use crate::route::RouteIndex;
use crate::silence::{Silence, SilenceState};

/// An alert as it is shown.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
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
    /// Which alerts are not over, sorted.
    pub fn firing(&self, now: i64) -> Vec<Fingerprint> {
        let firing = self.alerts.remembered().filter(|(_, known)| !known.is_resolved(now));
        let mut firing: Vec<Fingerprint> = firing.map(|(_, known)| known.fingerprint).collect();
        firing.sort_unstable();
        firing
    }

    /// Those of these alerts that are not over; `wanted` looks at labels and receivers first, since the rest costs.
    pub fn alerts(
        &mut self,
        of: &[Fingerprint],
        wanted: impl Fn(&Labels, &[String]) -> bool,
        now: i64,
    ) -> Vec<AlertView> {
        let found = of.iter().filter_map(|fingerprint| Some((*fingerprint, self.alerts.find(*fingerprint)?)));
        let is_over = |id| self.alerts.get(id).is_none_or(|known| known.is_resolved(now));
        let ids = found.filter(|(_, id)| !is_over(*id)).collect();
        self.views(ids, wanted, now)
    }

    /// Alerts as they are shown, by fingerprint.
    fn views(
        &mut self,
        mut ids: Vec<(Fingerprint, AlertId)>,
        wanted: impl Fn(&Labels, &[String]) -> bool,
        now: i64,
    ) -> Vec<AlertView> {
        ids.sort_unstable();
        let mut views = Vec::new();
        for (fingerprint, id) in ids {
            let Some(known) = self.alerts.get(id) else { continue };
            let receivers = self.receivers_of(&self.settings.routes.matching(&known.labels));
            if !wanted(&known.labels, &receivers) {
                continue;
            }
            let find = |source| self.alerts.firing(source, now);
            views.push(AlertView {
                alert: known.alert(),
                fingerprint,
                receivers,
                silenced_by: self.silences.silencing(fingerprint, &known.labels, now),
                inhibited_by: self.inhibitor.source_of(&known.labels, find),
                muted_by: Vec::new(),
            });
        }
        views
    }

    fn receivers_of(&self, routes: &[RouteIndex]) -> Vec<String> {
        let routes = routes.iter().filter_map(|route| self.settings.routes.get(*route));
        routes.map(|placed| placed.route.receiver.clone()).collect()
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
            let known = group.alerts.iter().filter_map(|id| Some((*id, self.alerts.get(*id)?)));
            let firing = known.filter(|(_, known)| !known.is_resolved(now));
            let ids = firing.map(|(id, known)| (known.fingerprint, id)).collect();
            let mut alerts =
                self.views(ids, |labels, _| wanted(labels, std::slice::from_ref(&receiver)), now);
            alerts.iter_mut().for_each(|view| view.muted_by.clone_from(&muted_by));
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
    pub fn find(&self, fingerprint: Fingerprint) -> Option<Alert> {
        Some(self.alerts.get(self.alerts.find(fingerprint)?)?.alert())
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
        let (mut active, mut quiet) = (0, 0);
        for (_, known) in alerts.remembered().filter(|(_, known)| !known.is_resolved(now)) {
            let is_quiet = inhibitor.source_of(&known.labels, |source| alerts.firing(source, now)).is_some()
                || !silences.silencing(known.fingerprint, &known.labels, now).is_empty();
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
