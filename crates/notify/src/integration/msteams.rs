//! Microsoft Teams by connectors.

use std::path::PathBuf;

use crate::values::SecretUrl;

/// What a card is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct MsTeams {
    /// The webhook.
    pub webhook_url: SecretUrl,
    /// A file that holds it.
    pub webhook_url_file: PathBuf,
    /// The title.
    pub title: String,
    /// The summary.
    pub summary: String,
    /// The text.
    pub text: String,
}

impl Default for MsTeams {
    fn default() -> Self {
        Self {
            webhook_url: Default::default(),
            webhook_url_file: Default::default(),
            title: "{{ template \"msteams.default.title\" . }}".to_owned(),
            summary: "{{ template \"msteams.default.summary\" . }}".to_owned(),
            text: "{{ template \"msteams.default.text\" . }}".to_owned(),
        }
    }
}
