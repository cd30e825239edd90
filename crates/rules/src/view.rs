//! Rules as others see them. Times are nanoseconds since the Unix epoch.

use std::{collections::BTreeMap, time::Duration};

use model::Labels;

use crate::Dialect;

/// A group and its rules.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// The file.
    pub file: String,
    /// The name.
    pub name: String,
    /// In what its expressions are written.
    pub dialect: Dialect,
    /// How often it is evaluated.
    pub interval: Duration,
    /// How many series or alerts a rule may make; 0: any number.
    pub limit: usize,
    /// How long the last evaluation took.
    pub evaluation_time: Duration,
    /// When it was.
    pub last_evaluation_ns: Option<i64>,
    /// The rules.
    pub rules: Vec<RuleView>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct RuleView {
    /// The name of the series or alert.
    pub name: String,
    /// The expression.
    pub query: String,
    /// The labels as they are written.
    pub labels: BTreeMap<String, String>,
    /// Whether the last evaluation went well.
    pub health: Health,
    /// Why it did not.
    pub last_error: Option<String>,
    /// How long the last evaluation took.
    pub evaluation_time: Duration,
    /// When it was.
    pub last_evaluation_ns: Option<i64>,
    /// What an alerting rule has besides.
    pub alerting: Option<AlertingView>,
}

/// What an alerting rule has besides.
#[derive(Clone, Debug)]
pub struct AlertingView {
    /// The highest state of its alerts; none before the first evaluation.
    pub state: Option<AlertState>,
    /// How long the expression must hold.
    pub hold: Duration,
    /// How long alerts fire on.
    pub keep_firing_for: Duration,
    /// The annotations as they are written.
    pub annotations: BTreeMap<String, String>,
    /// Alerts that are pending or firing.
    pub alerts: Vec<AlertView>,
}

/// An alert.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertView {
    /// What identifies it.
    pub labels: Labels,
    /// What it says.
    pub annotations: BTreeMap<String, String>,
    /// Pending or firing.
    pub state: AlertState,
    /// Since when the expression holds.
    pub active_at_ns: i64,
    /// Since when it only fires on.
    pub keep_firing_since_ns: Option<i64>,
    /// The value of the expression.
    pub value: f64,
}

/// Where an alert is in its life; later is higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertState {
    /// It is over.
    Inactive,
    /// The expression holds, but not for long enough.
    Pending,
    /// It is raised.
    Firing,
}

impl AlertState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            AlertState::Inactive => "inactive",
            AlertState::Pending => "pending",
            AlertState::Firing => "firing",
        }
    }
}

/// How the last evaluation of a rule went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// There was none yet.
    #[default]
    Unknown,
    /// Well.
    Ok,
    /// It failed.
    Error,
}

impl Health {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Health::Unknown => "unknown",
            Health::Ok => "ok",
            Health::Error => "err",
        }
    }
}
