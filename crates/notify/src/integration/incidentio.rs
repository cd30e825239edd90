//! incident.io.

use std::path::PathBuf;

use crate::values::{GoDuration, Secret, SecretUrl};

/// What an alert is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentIo {
    /// Where to.
    pub url: SecretUrl,
    /// A file that holds where to.
    pub url_file: PathBuf,
    /// The token.
    pub alert_source_token: Secret,
    /// A file that holds it.
    pub alert_source_token_file: PathBuf,
    /// How many alerts are sent at most; 0 for all.
    pub max_alerts: u64,
    /// How long a request may take; 0 for as long as the notification may.
    pub timeout: GoDuration,
}
