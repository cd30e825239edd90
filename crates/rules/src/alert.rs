//! The life of an alert: pending, firing, over. Times are nanoseconds since the Unix epoch.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use model::Labels;

use crate::{
    context::nanos,
    view::{AlertState, AlertView},
};

/// How long an alert is kept, and sent, after it is over: a receiver that missed its end hears of it.
const RESOLVED_RETENTION: Duration = Duration::from_mins(15);

/// An alert.
#[derive(Clone, Debug)]
pub(crate) struct Alert {
    pub(crate) labels: Labels,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) state: AlertState,
    pub(crate) value: f64,
    pub(crate) active_at: i64,
    pub(crate) fired_at: i64,
    pub(crate) resolved_at: Option<i64>,
    pub(crate) last_sent_at: Option<i64>,
    pub(crate) keep_firing_since: Option<i64>,
}

impl Alert {
    /// An alert whose expression holds for the first time.
    pub(crate) fn new(labels: Labels, annotations: BTreeMap<String, String>, value: f64, now: i64) -> Alert {
        Alert {
            labels,
            annotations,
            state: AlertState::Pending,
            value,
            active_at: now,
            fired_at: 0,
            resolved_at: None,
            last_sent_at: None,
            keep_firing_since: None,
        }
    }

    /// Whether whoever takes alerts is to hear of it now.
    pub(crate) fn needs_sending(&self, now: i64, resend_delay: Duration) -> bool {
        if self.state == AlertState::Pending {
            return false;
        }
        match (self.resolved_at, self.last_sent_at) {
            (_, None) => true,
            (Some(resolved), Some(sent)) if resolved > sent => true,
            (_, Some(sent)) => sent.saturating_add(nanos(resend_delay)) < now,
        }
    }

    pub(crate) fn view(&self) -> AlertView {
        AlertView {
            labels: self.labels.clone(),
            annotations: self.annotations.clone(),
            state: self.state,
            active_at_ns: self.active_at,
            keep_firing_since_ns: self.keep_firing_since,
            value: self.value,
        }
    }
}

/// How long the expression must hold, and how long alerts fire on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holds {
    pub(crate) hold: Duration,
    pub(crate) keep_firing_for: Duration,
}

/// The alerts of a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alerts {
    pub(crate) by_labels: HashMap<Labels, Alert>,
}

impl Alerts {
    /// Takes what the expression gives now, and moves every alert on. Returns how many are pending or firing.
    pub(crate) fn update(&mut self, found: HashMap<Labels, Alert>, holds: Holds, now: i64) -> usize {
        let seen: std::collections::HashSet<Labels> = found.keys().cloned().collect();
        for (labels, alert) in found {
            match self.by_labels.get_mut(&labels) {
                Some(present) if present.state != AlertState::Inactive => {
                    present.value = alert.value;
                    present.annotations = alert.annotations;
                }
                _ => {
                    self.by_labels.insert(labels, alert);
                }
            }
        }
        let mut active = 0;
        self.by_labels.retain(|labels, alert| {
            if seen.contains(labels) {
                alert.keep_firing_since = None;
            } else {
                let keeps_firing = keeps_firing(alert, holds.keep_firing_for, now);
                let forgotten = alert.state == AlertState::Pending
                    || alert.resolved_at.is_some_and(|at| now.saturating_sub(at) > nanos(RESOLVED_RETENTION));
                if alert.state != AlertState::Inactive && !keeps_firing {
                    alert.state = AlertState::Inactive;
                    alert.resolved_at = Some(now);
                }
                if !keeps_firing {
                    return !forgotten;
                }
            }
            active += 1;
            let held = now.saturating_sub(alert.active_at) >= nanos(holds.hold);
            if alert.state == AlertState::Pending && held {
                alert.state = AlertState::Firing;
                alert.fired_at = now;
            } else if alert.state == AlertState::Firing && !held && alert.keep_firing_since.is_none() {
                // The rule holds for longer than it did when the alert fired.
                alert.state = AlertState::Pending;
            }
            true
        });
        active
    }

    /// The highest state.
    pub(crate) fn state(&self) -> AlertState {
        self.by_labels.values().map(|alert| alert.state).max().unwrap_or(AlertState::Inactive)
    }
}

fn keeps_firing(alert: &mut Alert, keep_firing_for: Duration, now: i64) -> bool {
    if alert.state != AlertState::Firing || keep_firing_for.is_zero() {
        return false;
    }
    let since = *alert.keep_firing_since.get_or_insert(now);
    now.saturating_sub(since) < nanos(keep_firing_for)
}
