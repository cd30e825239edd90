//! What the dispatcher is given and what it gives.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use model::Labels;

use crate::alert::{Alert, Fingerprint};
use crate::inhibit::InhibitRule;
use crate::interval::TimeInterval;
use crate::log::{LogEntry, LogKey, Reason, ReceiverData};
use crate::route::RouteTree;
use crate::silence::{Silence, SilenceLimits};

/// What a configuration says.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tree of routes.
    pub routes: RouteTree,
    /// Rules by which alerts silence others.
    pub inhibit_rules: Vec<InhibitRule>,
    /// Named intervals.
    pub intervals: HashMap<String, Vec<TimeInterval>>,
    /// What each receiver sends with.
    pub receivers: HashMap<String, Vec<IntegrationSettings>>,
    /// After what time an alert without an end is taken as resolved.
    pub resolve_timeout: Duration,
}

/// What the dispatcher knows of an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationSettings {
    /// The word for its kind.
    pub name: &'static str,
    /// Its place among those of its kind.
    pub index: u32,
    /// Whether it is told that alerts are over.
    pub send_resolved: bool,
}

impl IntegrationSettings {
    /// Where what it was told of a group is found.
    pub(super) fn log_key(&self, group_key: &str, receiver: &str) -> LogKey {
        LogKey {
            group_key: group_key.to_owned(),
            receiver: receiver.to_owned(),
            integration: self.name.to_owned(),
            index: self.index,
        }
    }
}

/// What does not follow from a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long what was told, and silences that are over, are remembered.
    pub retention: Duration,
    /// How many alerts of one name are taken at most.
    pub alerts_per_name_max: Option<usize>,
    /// How many silences there may be.
    pub silence_limits: SilenceLimits,
    /// Before this point nothing is sent.
    pub starts_sending_at: i64,
    /// Whether it is told what happens ([`crate::Event`]).
    pub has_history: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            retention: Duration::from_secs(120 * 3600),
            alerts_per_name_max: None,
            silence_limits: SilenceLimits::default(),
            starts_sending_at: i64::MIN,
            has_history: false,
        }
    }
}

/// An alert of a notification.
#[derive(Clone, Debug)]
pub struct NotifiedAlert {
    /// The alert.
    pub alert: Alert,
    /// What identifies it.
    pub fingerprint: Fingerprint,
    /// Whether it is over.
    pub is_resolved: bool,
}

/// What is to be sent, and where its outcome belongs. Thousands may wait for their turn: the alerts are asked for with
/// [`crate::Dispatcher::alerts_of`] when it has come.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Which flush it belongs to.
    pub flush: u64,
    /// The receiver.
    pub receiver: Arc<str>,
    /// The place of the integration among all of the receiver.
    pub integration: usize,
    /// Why.
    pub reason: Reason,
    /// How many alerts that fire it tells of.
    pub firing: usize,
    /// How many that are over. Where there are neither, only a note is to be made.
    pub resolved: usize,
    /// The labels of the group.
    pub group_labels: Labels,
    /// The key of the group.
    pub group_key: Arc<str>,
    /// Until when it may be tried.
    pub deadline: i64,
    /// What the receiver wanted to have remembered.
    pub data: BTreeMap<String, ReceiverData>,
}

/// A report that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The alert as it is kept, where the report says more than a later end.
    pub news: Option<Arc<Alert>>,
}

/// What is to be kept over a restart.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A silence was made or changed.
    Silence(Silence),
    /// Something was told.
    Told(LogEntry),
    /// An alert was taken.
    Alert(Arc<Alert>),
}

/// Why alerts were kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suppression {
    /// By other alerts.
    Inhibition,
    /// Outside of the active intervals.
    ActiveTimeInterval,
    /// Inside of a mute interval.
    MuteTimeInterval,
    /// By silences.
    Silence,
}

impl Suppression {
    /// All of them.
    pub const ALL: [Suppression; 4] = [
        Suppression::Inhibition,
        Suppression::ActiveTimeInterval,
        Suppression::MuteTimeInterval,
        Suppression::Silence,
    ];

    /// The word for it in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Suppression::Inhibition => "inhibition",
            Suppression::ActiveTimeInterval => "active_time_interval",
            Suppression::MuteTimeInterval => "mute_time_interval",
            Suppression::Silence => "silence",
        }
    }
}
