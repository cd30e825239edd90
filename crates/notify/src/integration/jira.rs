//! Jira.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::values::{Tree, Url};

/// What an issue is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Jira {
    /// Where it is.
    pub api_url: Url,
    /// `cloud`, `datacenter`, or `auto`.
    pub api_type: String,
    /// The project.
    pub project: String,
    /// The summary.
    pub summary: JiraField,
    /// The description.
    pub description: JiraField,
    /// Labels.
    pub labels: Vec<String>,
    /// The priority.
    pub priority: String,
    /// The type.
    pub issue_type: String,
    /// How an issue is opened again.
    pub reopen_transition: String,
    /// How it is resolved.
    pub resolve_transition: String,
    /// The resolution that is left alone.
    pub wont_fix_resolution: String,
    /// For how long an issue is opened again.
    pub reopen_duration: Duration,
    /// Further fields.
    pub fields: BTreeMap<String, Tree>,
}

impl Default for Jira {
    fn default() -> Self {
        Self {
            api_url: Default::default(),
            api_type: "auto".to_owned(),
            project: Default::default(),
            summary: JiraField::of("jira.default.summary"),
            description: JiraField::of("jira.default.description"),
            labels: Default::default(),
            priority: "{{ template \"jira.default.priority\" . }}".to_owned(),
            issue_type: Default::default(),
            reopen_transition: Default::default(),
            resolve_transition: Default::default(),
            wont_fix_resolution: Default::default(),
            reopen_duration: Default::default(),
            fields: Default::default(),
        }
    }
}

/// A field of an issue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JiraField {
    /// Its text.
    pub template: String,
    /// Whether it is updated.
    pub enable_update: Option<bool>,
}

impl JiraField {
    fn of(name: &str) -> JiraField {
        JiraField { template: format!("{{{{ template \"{name}\" . }}}}"), enable_update: None }
    }
}
