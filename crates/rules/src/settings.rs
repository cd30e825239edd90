//! What is to be evaluated, checked.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use model::Labels;

/// All groups, and what their alerts and templates know of the server.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The groups.
    pub groups: Vec<GroupSettings>,
    /// What surrounds the rules.
    pub surroundings: Surroundings,
    /// What surrounds the rules over logs.
    pub log_surroundings: Surroundings,
}

/// What alerts and templates know of the server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// The labels that tell this server from others.
    pub external_labels: Labels,
    /// The address under which users reach the server, without a slash at its end.
    pub external_url: String,
    /// The path of that address.
    pub path_prefix: String,
    /// The data source of Grafana that links to log queries name.
    pub datasource_uid: String,
}

/// Rules that are evaluated together.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSettings {
    /// The file that the group stands in.
    pub file: String,
    /// The name of the group, unique in its file.
    pub name: String,
    /// In what its expressions are written.
    pub dialect: Dialect,
    /// How often.
    pub interval: Duration,
    /// How far in the past expressions are evaluated.
    pub query_offset: Duration,
    /// How many series or alerts a rule may make, if that is limited.
    pub limit: Option<usize>,
    /// The rules.
    pub rules: Vec<RuleSettings>,
}

/// In what expressions are written, and over what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// PromQL over samples.
    #[default]
    Promql,
    /// LogQL over the logs of a tenant.
    Logql {
        /// The tenant.
        tenant: Arc<str>,
    },
}

impl Dialect {
    /// The tenant whose logs are asked, where logs are.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Dialect::Promql => None,
            Dialect::Logql { tenant } => Some(tenant),
        }
    }
}

impl GroupSettings {
    /// How the group is named in metrics: its file and its name.
    pub fn key(&self) -> String {
        format!("{};{}", self.file, self.name)
    }
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSettings {
    /// The name of the series or of the alert.
    pub name: String,
    /// The expression.
    pub expression: String,
    /// Labels that are added, those of the group included; of alerts they are templates.
    pub labels: BTreeMap<String, String>,
    /// What it does.
    pub kind: RuleKind,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    /// It records what the expression gives.
    Recording,
    /// It raises an alert for each series that the expression gives.
    Alerting {
        /// How long the expression must hold before the alert fires.
        hold: Duration,
        /// How long the alert fires on when the expression holds no longer.
        keep_firing_for: Duration,
        /// What the alert says: templates.
        annotations: BTreeMap<String, String>,
    },
}
