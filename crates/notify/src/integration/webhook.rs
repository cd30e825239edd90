//! Webhooks.

use std::path::PathBuf;

use crate::values::{GoDuration, SecretTemplateUrl, Tree};

/// What a webhook is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Webhook {
    /// Where to.
    pub url: SecretTemplateUrl,
    /// A file that holds where to.
    pub url_file: PathBuf,
    /// How many alerts are sent at most; 0 for all.
    pub max_alerts: u64,
    /// How long a request may take; 0 for as long as the notification may.
    pub timeout: GoDuration,
    /// What is sent in place of the usual body.
    pub payload: Option<Tree>,
}
