//! VictorOps.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::values::{PrefixUrl, Secret};

/// What an incident is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct VictorOps {
    /// The key.
    pub api_key: Secret,
    /// A file that holds it.
    pub api_key_file: PathBuf,
    /// Where it is.
    pub api_url: PrefixUrl,
    /// The routing key.
    pub routing_key: String,
    /// How bad it is.
    pub message_type: String,
    /// The message.
    pub state_message: String,
    /// What is hit.
    pub entity_display_name: String,
    /// Who says so.
    pub monitoring_tool: String,
    /// Further fields.
    pub custom_fields: BTreeMap<String, String>,
}

impl Default for VictorOps {
    fn default() -> Self {
        Self {
            api_key: Default::default(),
            api_key_file: Default::default(),
            api_url: Default::default(),
            routing_key: Default::default(),
            message_type: "CRITICAL".to_owned(),
            state_message: "{{ template \"victorops.default.state_message\" . }}".to_owned(),
            entity_display_name: "{{ template \"victorops.default.entity_display_name\" . }}".to_owned(),
            monitoring_tool: "{{ template \"victorops.default.monitoring_tool\" . }}".to_owned(),
            custom_fields: Default::default(),
        }
    }
}
