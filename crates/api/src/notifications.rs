//! What users should know at once: a reload that failed, a start or a stop that takes its time.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;
use telemetry::{Counter, Gauge};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::time::format_rfc3339;

/// How many changes a slow subscriber may be behind.
const CHANGES_WAITING_MAX: usize = 10;

/// A message to users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Notification {
    text: String,
    date: String,
    active: bool,
}

/// The messages that hold now, and those who follow them.
pub(crate) struct Notifications {
    state: Mutex<State>,
    subscribers_max: usize,
    pub(crate) subscribers: Gauge,
    pub(crate) sent: Counter,
    pub(crate) dropped: Counter,
}

struct State {
    active: Vec<Notification>,
    subscribers: usize,
    /// `None` once all streams are to end.
    changes: Option<broadcast::Sender<Notification>>,
}

impl Notifications {
    pub(crate) fn new(subscribers_max: usize, registry: &telemetry::Registry) -> Arc<Self> {
        let (changes, _) = broadcast::channel(CHANGES_WAITING_MAX);
        Arc::new(Self {
            state: Mutex::new(State { active: Vec::new(), subscribers: 0, changes: Some(changes) }),
            subscribers_max,
            subscribers: registry.gauge(
                "prometheus_api_notification_active_subscribers",
                "The current number of active notification subscribers.",
            ),
            sent: registry.counter(
                "prometheus_api_notification_updates_sent_total",
                "Total number of notification updates sent.",
            ),
            dropped: registry.counter(
                "prometheus_api_notification_updates_dropped_total",
                "Total number of notification updates dropped.",
            ),
        })
    }

    /// From now on `text` holds.
    pub(crate) fn add(&self, text: &str, now_ms: i64) {
        let mut state = self.state.lock();
        if state.active.iter().any(|present| present.text == text) {
            return;
        }
        let added = Notification { text: text.to_owned(), date: format_rfc3339(now_ms), active: true };
        state.active.push(added.clone());
        state.tell(added);
    }

    /// `text` holds no more.
    pub(crate) fn remove(&self, text: &str) {
        let mut state = self.state.lock();
        if let Some(position) = state.active.iter().position(|present| present.text == text) {
            let removed = state.active.remove(position);
            state.tell(Notification { active: false, ..removed });
        }
    }

    /// The messages that hold now, oldest first.
    pub(crate) fn list(&self) -> Vec<Notification> {
        self.state.lock().active.clone()
    }

    /// Follows the messages, beginning with those that hold; `None` where too many follow already.
    pub(crate) fn subscribe(self: &Arc<Self>) -> Option<Subscription> {
        let mut state = self.state.lock();
        let changes = state.changes.as_ref()?.subscribe();
        if state.subscribers >= self.subscribers_max {
            return None;
        }
        state.subscribers += 1;
        self.subscribers.set(state.subscribers as f64);
        let waiting = state.active.iter().cloned().collect();
        Some(Subscription { waiting, changes, owner: Arc::clone(self) })
    }

    /// Ends every stream.
    pub(crate) fn end(&self) {
        self.state.lock().changes = None;
    }
}

impl State {
    fn tell(&self, change: Notification) {
        if let Some(changes) = &self.changes {
            // Nobody may be listening.
            let _ = changes.send(change);
        }
    }
}

/// A stream of messages.
pub(crate) struct Subscription {
    waiting: VecDeque<Notification>,
    changes: broadcast::Receiver<Notification>,
    owner: Arc<Notifications>,
}

impl Subscription {
    /// The next message; `None` once the server ends.
    pub(crate) async fn next(&mut self) -> Option<Notification> {
        if let Some(waiting) = self.waiting.pop_front() {
            self.owner.sent.inc();
            return Some(waiting);
        }
        loop {
            match self.changes.recv().await {
                Ok(change) => {
                    self.owner.sent.inc();
                    return Some(change);
                }
                Err(RecvError::Lagged(missed)) => self.owner.dropped.add(missed),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.owner.state.lock();
        state.subscribers = state.subscribers.saturating_sub(1);
        self.owner.subscribers.set(state.subscribers as f64);
    }
}
