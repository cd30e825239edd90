//! Discord.

use std::path::PathBuf;

use crate::values::SecretUrl;

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Discord {
    /// The webhook.
    pub webhook_url: SecretUrl,
    /// A file that holds it.
    pub webhook_url_file: PathBuf,
    /// The content.
    pub content: String,
    /// The title.
    pub title: String,
    /// The message.
    pub message: String,
    /// The sender.
    pub username: String,
    /// Its picture.
    pub avatar_url: String,
}

impl Default for Discord {
    fn default() -> Self {
        Self {
            webhook_url: Default::default(),
            webhook_url_file: Default::default(),
            content: Default::default(),
            title: "{{ template \"discord.default.title\" . }}".to_owned(),
            message: "{{ template \"discord.default.message\" . }}".to_owned(),
            username: Default::default(),
            avatar_url: Default::default(),
        }
    }
}
