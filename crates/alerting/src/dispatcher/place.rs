//! Which groups an alert stands in.

use std::cmp::Reverse;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::known::{AlertId, KnownAlert, Places};
use super::{Dispatcher, Group, GroupId, Timers, nanos};
use crate::log::LogEntry;
use crate::route::{Route, RouteIndex};

/// When a group is flushed for the first time that an alert makes now: one that waited long enough elsewhere does not wait here.
fn first_flush(alert: &KnownAlert, route: &Route, now: i64) -> i64 {
    let group_wait = nanos(route.group_wait);
    let is_old = alert.times.starts_at.saturating_add(group_wait) < now;
    if is_old { now } else { now.saturating_add(group_wait) }
}

impl Group {
    /// Brings the next flush forward where it would come later.
    fn flush_by(&mut self, at: i64, id: GroupId, timers: &mut Timers) {
        if at < self.next_flush {
            self.next_flush = at;
            timers.push(Reverse((at, id)));
        }
    }
}

impl Dispatcher {
    /// Puts an alert into the groups of its routes.
    pub(super) fn place(&mut self, id: AlertId, now: i64) {
        let Some(known) = self.alerts.get_mut(id) else { return };
        let places = known.groups.take();
        let are_there = places.as_slice().iter().all(|group| self.groups.contains_key(group));
        let places = if are_there && !places.as_slice().is_empty() {
            for group in places.as_slice() {
                self.join(*group, id);
            }
            places
        } else {
            let routes = self.settings.routes.matching(&known.labels);
            let groups: Vec<GroupId> =
                routes.into_iter().filter_map(|route| self.place_in(route, id, now)).collect();
            Places::from(groups)
        };
        if let Some(known) = self.alerts.get_mut(id) {
            known.groups = places;
        }
    }

    fn join(&mut self, group: GroupId, id: AlertId) {
        if self.groups.get_mut(&group).is_some_and(|group| group.alerts.insert(id)) {
            self.alerts.hold(id);
        }
    }

    fn place_in(&mut self, route: RouteIndex, alert: AlertId, now: i64) -> Option<GroupId> {
        let placed = self.settings.routes.get(route)?;
        let known = self.alerts.get(alert)?;
        let first = first_flush(known, &placed.route, now).max(self.options.starts_sending_at);
        let labels = placed.route.group_by.labels_of(&known.labels);
        let key = (route, labels);
        if let Some(id) = self.groups_by_labels.get(&key).copied()
            && let Some(group) = self.groups.get_mut(&id)
        {
            if !group.has_flushed {
                group.flush_by(first, id, &mut self.timers);
            }
            self.join(id, alert);
            return Some(id);
        }
        self.last_number += 1;
        let id = self.last_number;
        let group = Group {
            route,
            labels: key.1.clone(),
            key: Arc::from(format!("{}:{}", placed.key, crate::print_labels(&key.1))),
            alerts: std::iter::once(alert).collect(),
            next_flush: first,
            has_flushed: false,
            is_restored: false,
            flushing: None,
            is_due: false,
            kept_back: HashMap::new(),
        };
        self.alerts.hold(alert);
        self.groups.insert(id, group);
        self.groups_by_labels.insert(key, id);
        self.timers.push(Reverse((first, id)));
        Some(id)
    }

    /// Groups that stand as before a restart look at the first report no later than groups that it had made: who has no alerts
    /// behind a restart makes them then.
    pub(super) fn hasten(&mut self, alert: AlertId, now: i64) {
        let Some(known) = self.alerts.get(alert) else { return };
        for id in known.groups.as_slice() {
            let Some(group) = self.groups.get_mut(id).filter(|group| group.is_restored) else { continue };
            group.is_restored = false;
            let Some(placed) = self.settings.routes.get(group.route) else { continue };
            let first = first_flush(known, &placed.route, now).max(self.options.starts_sending_at);
            group.flush_by(first, *id, &mut self.timers);
        }
    }

    /// Takes out of groups that were made anew what is over and was told so: it would be told again.
    pub(super) fn leave_out_told(&mut self, now: i64) {
        let Dispatcher { groups, groups_by_labels, settings, log, alerts, .. } = self;
        let mut left_out = Vec::new();
        groups.retain(|_, group| {
            let Some(placed) = settings.routes.get(group.route) else { return false };
            let receiver = &placed.route.receiver;
            let integrations = settings.receivers.get(receiver);
            let keys = integrations.into_iter().flatten().map(|one| one.log_key(&group.key, receiver));
            let entries: Option<Vec<&LogEntry>> = keys.map(|key| log.get(&key)).collect();
            // Who was told nothing yet may have to be told everything.
            if let Some(entries) = entries {
                group.alerts.retain(|id| {
                    let Some(known) = alerts.get(*id).filter(|known| known.is_resolved(now)) else {
                        return true;
                    };
                    let over_at = known.times.ends_at.max(known.times.updated_at);
                    let hash = crate::log_hash(&known.labels);
                    let is_told = |entry: &&LogEntry| {
                        entry.timestamp >= over_at && entry.firing.binary_search(&hash).is_err()
                    };
                    let stays = !entries.iter().all(is_told);
                    if !stays {
                        left_out.push(*id);
                    }
                    stays
                });
            }
            if group.alerts.is_empty() {
                groups_by_labels.remove(&(group.route, group.labels.clone()));
            }
            !group.alerts.is_empty()
        });
        for id in left_out {
            alerts.release(id);
        }
    }
}
