//! OpsGenie.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::values::{PrefixUrl, Secret};

/// What an alert is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct OpsGenie {
    /// The key.
    pub api_key: Secret,
    /// A file that holds it.
    pub api_key_file: PathBuf,
    /// Where it is.
    pub api_url: PrefixUrl,
    /// The message.
    pub message: String,
    /// The description.
    pub description: String,
    /// Where it comes from.
    pub source: String,
    /// What is said besides.
    pub details: BTreeMap<String, String>,
    /// What is hit.
    pub entity: String,
    /// Who responds.
    pub responders: Vec<OpsGenieResponder>,
    /// What can be done, separated by commas.
    pub actions: String,
    /// Tags, separated by commas.
    pub tags: String,
    /// A note.
    pub note: String,
    /// The priority.
    pub priority: String,
    /// Whether message and description are updated.
    pub update_alerts: bool,
}

impl Default for OpsGenie {
    fn default() -> Self {
        Self {
            api_key: Default::default(),
            api_key_file: Default::default(),
            api_url: Default::default(),
            message: "{{ template \"opsgenie.default.message\" . }}".to_owned(),
            description: "{{ template \"opsgenie.default.description\" . }}".to_owned(),
            source: "{{ template \"opsgenie.default.source\" . }}".to_owned(),
            details: Default::default(),
            entity: Default::default(),
            responders: Default::default(),
            actions: Default::default(),
            tags: Default::default(),
            note: Default::default(),
            priority: Default::default(),
            update_alerts: Default::default(),
        }
    }
}

/// Who responds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpsGenieResponder {
    /// By id.
    pub id: String,
    /// By name.
    pub name: String,
    /// By the name of a user.
    pub username: String,
    /// What it is.
    pub kind: String,
}
