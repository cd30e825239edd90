//! What happened, for those who ask later: who was told what and when, and why not.

use std::sync::Arc;

use model::Labels;

use super::flush::Due;
use super::known::{AlertId, KnownAlert};
use super::{Dispatcher, GroupId, Suppression};
use crate::alert::{Alert, Fingerprint};

/// The states of an alert that are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// It is there.
    Firing,
    /// It is over.
    Resolved,
}

impl AlertState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            AlertState::Firing => "firing",
            AlertState::Resolved => "resolved",
        }
    }
}

/// Something that happened. Times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An alert began or ended.
    Alert {
        /// When this was seen.
        at: i64,
        /// The alert.
        alert: Arc<Alert>,
        /// What it is now.
        state: AlertState,
    },
    /// Alerts of a group are kept back from now on, or for another reason than before.
    KeptBack(KeptBack),
}

/// Alerts of a group that nobody is told of.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptBack {
    /// When.
    pub at: i64,
    /// Who would have been told.
    pub receiver: Arc<str>,
    /// The key of the group.
    pub group_key: Arc<str>,
    /// Why.
    pub why: Suppression,
    /// Which silences, alerts or intervals do it; none where no active interval holds.
    pub by: Vec<String>,
    /// The labels of the alert.
    pub labels: Labels,
    /// What identifies the alert.
    pub fingerprint: Fingerprint,
}

/// By what an alert is kept back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) why: Suppression,
    pub(super) by: Vec<String>,
}

/// Which state of an alert was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    Nothing,
    State(AlertState),
}

fn state_of(known: &KnownAlert, now: i64) -> AlertState {
    if known.is_resolved(now) { AlertState::Resolved } else { AlertState::Firing }
}

impl Dispatcher {
    /// What happened since this was last called; nothing where it is not kept.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Notes the state that an alert is in, where that was not told of.
    pub(super) fn note_state(&mut self, id: AlertId, now: i64) {
        let Some(known) =
            self.alerts.get_mut(id).filter(|known| self.options.has_history && !known.is_forgotten)
        else {
            return;
        };
        let state = state_of(known, now);
        // The end of an alert whose beginning nobody heard of is no news.
        let was_unknown = known.noted == Noted::Nothing && state == AlertState::Resolved;
        if known.noted != Noted::State(state) && !was_unknown {
            self.events.push(Event::Alert { at: now, alert: Arc::new(known.alert()), state });
        }
        known.noted = Noted::State(state);
    }

    /// Takes the state that an alert is in as told of: it was, before a restart.
    pub(super) fn remember_state(&mut self, id: AlertId, now: i64) {
        if let Some(known) = self.alerts.get_mut(id) {
            known.noted = Noted::State(state_of(known, now));
        }
    }

    /// Notes the ends of all alerts whose time ran out unnoticed.
    pub(super) fn note_all_over(&mut self, now: i64) {
        if !self.options.has_history {
            return;
        }
        let firing = Noted::State(AlertState::Firing);
        let over =
            self.alerts.remembered().filter(|(_, known)| known.noted == firing && known.is_resolved(now));
        let over: Vec<AlertId> = over.map(|(id, _)| id).collect();
        for id in over {
            self.note_state(id, now);
        }
    }

    /// Notes who of a group is kept back now, where that is news.
    pub(super) fn note_kept_back(
        &mut self,
        id: GroupId,
        receiver: &Arc<str>,
        kept: Vec<(Due, Kept)>,
        now: i64,
    ) {
        let Some(group) = self.groups.get_mut(&id).filter(|_| self.options.has_history) else { return };
        let before = std::mem::take(&mut group.kept_back);
        for (due, kept) in kept {
            if before.get(&due.fingerprint) != Some(&kept) {
                self.events.push(Event::KeptBack(KeptBack {
                    at: now,
                    receiver: receiver.clone(),
                    group_key: group.key.clone(),
                    why: kept.why,
                    by: kept.by.clone(),
                    labels: self.alerts.get(due.id).map(|known| known.labels.clone()).unwrap_or_default(),
                    fingerprint: due.fingerprint,
                }));
            }
            group.kept_back.insert(due.fingerprint, kept);
        }
    }
}
