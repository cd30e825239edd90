//! Who gets alerts, checked.

use std::time::Duration;

use model::{Labels, relabel::Rule};

/// Everything about sending alerts.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Labels that alerts get which have none of the name.
    pub external_labels: Labels,
    /// Rules that the labels of all alerts go through.
    pub alert_relabel: Vec<Rule>,
    /// Groups of Alertmanagers.
    pub groups: Vec<AlertmanagerSettings>,
}

/// A group of Alertmanagers that are found and asked in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertmanagerSettings {
    /// What the group is called in metrics of discoveries.
    pub name: String,
    /// `http` or `https`.
    pub scheme: String,
    /// What stands before the path.
    pub path_prefix: String,
    /// How long a request may take.
    pub timeout: Duration,
    /// How requests are sent.
    pub client: http_client::Settings,
    /// Rules that the labels of Alertmanagers go through.
    pub relabel: Vec<Rule>,
    /// Rules that the labels of alerts for this group go through.
    pub alert_relabel: Vec<Rule>,
    /// Where the Alertmanagers are found.
    pub discoveries: Vec<discovery::Settings>,
}

/// What the flags say.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many alerts may wait for one Alertmanager; the oldest are dropped.
    pub queue_capacity: usize,
    /// How many alerts are sent at once.
    pub batch_max: usize,
    /// Whether what waits is sent before the end.
    pub drains: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { queue_capacity: 10_000, batch_max: 256, drains: true }
    }
}
