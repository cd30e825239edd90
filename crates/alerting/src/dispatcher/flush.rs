//! What happens when it is time for a group: who is told what, and what becomes of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use model::Labels;

use super::history::Kept;
use super::known::{AlertId, KnownAlert};
use super::{Dispatcher, GroupId, Notification, NotifiedAlert, Suppression, nanos};
use crate::alert::{Alert, Fingerprint, log_hash};
use crate::interval::TimeInterval;
use crate::log::{LogEntry, ReceiverData, reason};

/// The shortest time within which a notification may be tried.
const DEADLINE_MIN: i64 = 10_000_000_000;

/// A flush that is being sent.
#[derive(Debug)]
pub(super) struct Flush {
    group: GroupId,
    /// Notes to be made of what was told, by the place of the integration.
    notes: BTreeMap<usize, LogEntry>,
    has_failed: bool,
    /// The alerts that are told of; their places are held until all are.
    alerts: Vec<Due>,
    /// Alerts that were over, and their last reports then.
    resolved: Vec<(AlertId, u64)>,
}

/// An alert of a flush as it was then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) id: AlertId,
    pub(super) fingerprint: Fingerprint,
    starts_at: i64,
    ends_at: i64,
    is_resolved: bool,
}

impl Dispatcher {
    /// Gives what is to be sent now.
    pub fn poll(&mut self, now: i64) -> Vec<Notification> {
        let mut notifications = Vec::new();
        while let Some(Reverse((at, id))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            // A timer that was set anew leaves the old one behind.
            let Some(group) = self.groups.get_mut(&id).filter(|group| group.next_flush == at) else {
                continue;
            };
            if group.flushing.is_some() {
                group.is_due = true;
                continue;
            }
            self.flush(id, now, &mut notifications);
        }
        notifications
    }

    fn flush(&mut self, id: GroupId, now: i64, notifications: &mut Vec<Notification>) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        let Some(placed) = self.settings.routes.get(group.route) else { return };
        let route = &placed.route;
        let interval = nanos(route.group_interval);
        // The schedule follows the clock and not the work, unless it was missed.
        let next = group.next_flush.saturating_add(interval);
        group.next_flush = if next > now { next } else { now.saturating_add(interval) };
        group.has_flushed = true;
        group.is_due = false;
        self.timers.push(Reverse((group.next_flush, id)));

        let mut known: Vec<(AlertId, &KnownAlert)> =
            group.alerts.iter().filter_map(|id| Some((*id, self.alerts.get(*id)?))).collect();
        // By job, then instance, then all labels.
        known.sort_unstable_by_key(|(_, known)| {
            (known.labels.value("job"), known.labels.value("instance"), &known.labels)
        });
        let over = known.iter().filter(|(_, known)| known.is_resolved(now));
        let resolved: Vec<(AlertId, u64)> = over.map(|(id, known)| (*id, known.report)).collect();
        let mut alerts: Vec<Due> = known.into_iter().map(|(id, known)| due(id, known, now)).collect();
        let (receiver, repeat) = (route.receiver.clone(), nanos(route.repeat_interval));
        let context = Context {
            receiver: Arc::from(receiver.as_str()),
            labels: group.labels.clone(),
            key: group.key.clone(),
            deadline: now.saturating_add(interval.max(DEADLINE_MIN)),
            repeat,
        };
        let (mute, active) = (route.mute_time_intervals.clone(), route.active_time_intervals.clone());
        for (id, _) in &resolved {
            self.note_state(*id, now);
        }
        let kept = self.keep_back(&mut alerts, &mute, &active, now);
        self.note_kept_back(id, &context.receiver, kept, now);

        self.last_number += 1;
        let number = self.last_number;
        let mut flush = Flush { group: id, notes: BTreeMap::new(), has_failed: false, alerts, resolved };
        if !flush.alerts.is_empty() {
            self.tell(number, &context, &mut flush, now, notifications);
        }
        if flush.notes.is_empty() {
            self.finish(&flush);
            return;
        }
        if let Some(group) = self.groups.get_mut(&id) {
            group.flushing = Some(number);
        }
        flush.alerts.iter().for_each(|due| self.alerts.hold(due.id));
        self.flushes.insert(number, flush);
    }

    /// Takes out the alerts that must not be told of, and gives them with the reason.
    fn keep_back(
        &mut self,
        alerts: &mut Vec<Due>,
        mute: &[String],
        active: &[String],
        now: i64,
    ) -> Vec<(Due, Kept)> {
        let mut kept = Vec::new();
        let known = &self.alerts;
        take_out(alerts, &mut kept, Suppression::Inhibition, |due| {
            let labels = &known.get(due.id)?.labels;
            let source = self.inhibitor.source_of(labels, |source| known.firing(source, now))?;
            Some(vec![format!("{source:016x}")])
        });
        let intervals = &self.settings.intervals;
        let holds = |name: &&String| {
            intervals
                .get(*name)
                .is_some_and(|list: &Vec<TimeInterval>| list.iter().any(|one| one.contains(now)))
        };
        if !active.is_empty() && !active.iter().any(|name| holds(&name)) {
            take_out(alerts, &mut kept, Suppression::ActiveTimeInterval, |_| Some(active.to_vec()));
        }
        let muting: Vec<String> = mute.iter().filter(holds).cloned().collect();
        if !muting.is_empty() {
            take_out(alerts, &mut kept, Suppression::MuteTimeInterval, |_| Some(muting.clone()));
        }
        let silences = &mut self.silences;
        take_out(alerts, &mut kept, Suppression::Silence, |due| {
            let ids = silences.silencing(due.fingerprint, &known.get(due.id)?.labels, now);
            (!ids.is_empty()).then_some(ids)
        });
        for (_, why) in &kept {
            *self.suppressed.entry(why.why).or_default() += 1;
        }
        kept
    }

    /// Asks for each integration of the receiver whether it is to be told.
    fn tell(
        &self,
        number: u64,
        context: &Context,
        flush: &mut Flush,
        now: i64,
        notifications: &mut Vec<Notification>,
    ) {
        let hashes = |is_resolved: bool| {
            let chosen = flush.alerts.iter().filter(|due| due.is_resolved == is_resolved);
            let known = chosen.filter_map(|due| self.alerts.get(due.id));
            let mut hashes: Vec<u64> = known.map(|known| log_hash(&known.labels)).collect();
            hashes.sort_unstable();
            hashes
        };
        let (firing, resolved) = (hashes(false), hashes(true));
        let integrations = self.settings.receivers.get(&*context.receiver);
        for (place, integration) in integrations.into_iter().flatten().enumerate() {
            let key = integration.log_key(&context.key, &context.receiver);
            let entry = self.log.get(&key);
            let send_resolved = integration.send_resolved;
            let repeat_before = now.saturating_sub(context.repeat);
            let Some(reason) = reason(entry, &firing, &resolved, send_resolved, repeat_before) else {
                continue;
            };
            let data = entry.map(|entry| entry.data.clone()).unwrap_or_default();
            let kept = nanos(self.options.retention).min(context.repeat.saturating_mul(2));
            flush.notes.insert(
                place,
                LogEntry {
                    key,
                    timestamp: now,
                    firing: firing.clone(),
                    resolved: resolved.clone(),
                    expires_at: now.saturating_add(kept),
                    data: data.clone(),
                },
            );
            let is_first = reason == crate::log::Reason::First;
            notifications.push(Notification {
                flush: number,
                receiver: context.receiver.clone(),
                integration: place,
                reason,
                firing: firing.len(),
                resolved: if send_resolved { resolved.len() } else { 0 },
                group_labels: context.labels.clone(),
                group_key: context.key.clone(),
                deadline: context.deadline,
                data: if is_first { BTreeMap::new() } else { data },
            });
        }
    }

    /// The alerts of a notification that is under way, as it tells of them.
    pub fn alerts_of(&self, notification: &Notification) -> Vec<NotifiedAlert> {
        let flush = self.flushes.get(&notification.flush);
        let told = flush.into_iter().flat_map(|flush| &flush.alerts);
        let told = told.filter(|due| notification.resolved > 0 || !due.is_resolved);
        told.filter_map(|due| {
            let alert = self.alerts.get(due.id)?.alert();
            Some(NotifiedAlert {
                alert: Alert { starts_at: due.starts_at, ends_at: due.ends_at, ..alert },
                fingerprint: due.fingerprint,
                is_resolved: due.is_resolved,
            })
        })
        .collect()
    }

    /// Takes the outcome of a notification: `Ok` with what the receiver wants to have remembered. Gives the note that
    /// was made of it, and what is to be sent now.
    pub fn report(
        &mut self,
        notification: &Notification,
        outcome: Result<BTreeMap<String, ReceiverData>, ()>,
        now: i64,
    ) -> (Option<LogEntry>, Vec<Notification>) {
        let mut next = Vec::new();
        let Some(flush) = self.flushes.get_mut(&notification.flush) else { return (None, next) };
        let Some(mut note) = flush.notes.remove(&notification.integration) else { return (None, next) };
        let mut made = None;
        match outcome {
            Ok(data) => {
                note.data = data;
                self.log.put(note.clone());
                made = Some(note);
            }
            Err(()) => flush.has_failed = true,
        }
        if flush.notes.is_empty()
            && let Some(flush) = self.flushes.remove(&notification.flush)
        {
            let id = flush.group;
            self.finish(&flush);
            flush.alerts.iter().for_each(|due| self.alerts.release(due.id));
            if let Some(group) = self.groups.get_mut(&id)
                && group.flushing == Some(notification.flush)
            {
                group.flushing = None;
                if group.is_due {
                    self.flush(id, now, &mut next);
                }
            }
        }
        (made, next)
    }

    /// Ends a flush: what is over and was told of goes, and with the last alert the group.
    fn finish(&mut self, flush: &Flush) {
        let Some(group) = self.groups.get_mut(&flush.group) else { return };
        if flush.has_failed {
            return;
        }
        for (id, report) in &flush.resolved {
            // One that was reported since has more to be told.
            if self.alerts.get(*id).is_some_and(|known| known.report == *report) && group.alerts.remove(id) {
                self.alerts.release(*id);
            }
        }
        if group.alerts.is_empty() {
            self.groups_by_labels.remove(&(group.route, group.labels.clone()));
            self.groups.remove(&flush.group);
        }
    }
}

fn due(id: AlertId, known: &KnownAlert, now: i64) -> Due {
    Due {
        id,
        fingerprint: known.fingerprint,
        starts_at: known.times.starts_at,
        ends_at: known.times.ends_at,
        is_resolved: known.is_resolved(now),
    }
}

/// Moves alerts that something keeps back, as `by` says, out of `alerts`; the order of the others stays.
fn take_out(
    alerts: &mut Vec<Due>,
    kept: &mut Vec<(Due, Kept)>,
    why: Suppression,
    mut by: impl FnMut(&Due) -> Option<Vec<String>>,
) {
    alerts.retain(|due| match by(due) {
        Some(by) => {
            kept.push((*due, Kept { why, by }));
            false
        }
        None => true,
    });
}

/// What all notifications of a flush have alike.
struct Context {
    receiver: Arc<str>,
    labels: Labels,
    key: Arc<str>,
    deadline: i64,
    repeat: i64,
}
