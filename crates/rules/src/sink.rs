//! Where alerts go.

use std::collections::BTreeMap;

use model::Labels;

/// An alert as it is sent. Times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// What identifies the alert.
    pub labels: Labels,
    /// What it says.
    pub annotations: BTreeMap<String, String>,
    /// When it began to fire.
    pub starts_at_ns: i64,
    /// When it ended, or until when it is to be taken as firing unless it is sent again.
    pub ends_at_ns: i64,
    /// Where the expression can be looked at.
    pub generator_url: String,
}

/// Takes alerts. It must not wait: whoever sends them on has a queue.
pub trait AlertSink: Send + Sync {
    /// Takes alerts of one rule.
    fn send(&self, alerts: Vec<Notification>);
}

/// Takes alerts and does nothing with them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSink;

impl AlertSink for NoSink {
    fn send(&self, _alerts: Vec<Notification>) {}
}
