//! Pushover.

use std::path::PathBuf;
use std::time::Duration;

use crate::values::{GoDuration, Secret};

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushover {
    /// To whom.
    pub user_key: Secret,
    /// A file that holds it.
    pub user_key_file: PathBuf,
    /// Who sends.
    pub token: Secret,
    /// A file that holds it.
    pub token_file: PathBuf,
    /// The title.
    pub title: String,
    /// The message.
    pub message: String,
    /// An address.
    pub url: String,
    /// Its title.
    pub url_title: String,
    /// The device.
    pub device: String,
    /// The sound.
    pub sound: String,
    /// How urgent it is.
    pub priority: String,
    /// How often it sounds again.
    pub retry: GoDuration,
    /// How long it sounds.
    pub expire: GoDuration,
    /// How long it is kept.
    pub ttl: GoDuration,
    /// Whether the message is markup.
    pub html: bool,
    /// Whether it is shown in a fixed width.
    pub monospace: bool,
}

impl Default for Pushover {
    fn default() -> Self {
        Self {
            user_key: Default::default(),
            user_key_file: Default::default(),
            token: Default::default(),
            token_file: Default::default(),
            title: "{{ template \"pushover.default.title\" . }}".to_owned(),
            message: "{{ template \"pushover.default.message\" . }}".to_owned(),
            url: "{{ template \"pushover.default.url\" . }}".to_owned(),
            url_title: Default::default(),
            device: Default::default(),
            sound: Default::default(),
            priority: "{{ if eq .Status \"firing\" }}2{{ else }}0{{ end }}".to_owned(),
            retry: GoDuration(Duration::from_secs(60)),
            expire: GoDuration(Duration::from_secs(3600)),
            ttl: Default::default(),
            html: Default::default(),
            monospace: Default::default(),
        }
    }
}
