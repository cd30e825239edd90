//! Microsoft Teams by workflows.

use std::path::PathBuf;

use crate::values::SecretUrl;

/// What a card is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct MsTeamsV2 {
    /// The webhook.
    pub webhook_url: SecretUrl,
    /// A file that holds it.
    pub webhook_url_file: PathBuf,
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
}

impl Default for MsTeamsV2 {
    fn default() -> Self {
        Self {
            webhook_url: Default::default(),
            webhook_url_file: Default::default(),
            title: "{{ template \"msteamsv2.default.title\" . }}".to_owned(),
            text: "{{ template \"msteamsv2.default.text\" . }}".to_owned(),
        }
    }
}
