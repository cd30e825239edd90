//! Sending one notification with one integration: what all kinds have alike.

mod http;
mod json;
mod render;
mod token;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use alerting::log::ReceiverData;
use http_client::Client;
use platform::FileSystem;
use template::notifications::NotificationData;

pub(crate) use self::http::{Post, check_status, encoded};
pub(crate) use json::{Object, list, quoted};
pub(crate) use render::{cut_bytes, cut_runes, tree_json};
pub(crate) use token::TokenPlace;

use crate::templates::TemplateSet;
use crate::values::{Secret, Tree};

/// The largest file of a secret that is read.
const SECRET_BYTES_MAX: u64 = 1 << 20;

/// Why a notification was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Whether it may help to try again at once.
    pub may_retry: bool,
    /// What went wrong.
    pub text: String,
    /// The word for it in metrics.
    pub reason: &'static str,
}

impl Failure {
    /// Nothing that another try would change.
    pub(crate) fn lasting(text: impl Into<String>) -> Failure {
        Failure { may_retry: false, text: text.into(), reason: "other" }
    }

    /// Something that may pass.
    pub(crate) fn passing(text: impl Into<String>) -> Failure {
        Failure { may_retry: true, text: text.into(), reason: "other" }
    }
}

/// What a receiver wants to have remembered, or why nothing was sent.
pub(crate) type Outcome = Result<BTreeMap<String, ReceiverData>, Failure>;

/// What integrations send with.
#[derive(Clone)]
pub(crate) struct Tools {
    /// The client, with the settings of the integration.
    pub client: Client,
    /// How connections are secured that are not HTTP.
    pub tls: http_client::TlsSettings,
    /// Where secrets stand that are not in the configuration.
    pub files: Arc<dyn FileSystem>,
    /// What is said.
    pub templates: Arc<TemplateSet>,
    /// Reads a text as a document; none where it is nothing but a text.
    pub parse_tree: fn(&str) -> Option<Tree>,
    /// What requests call themselves.
    pub user_agent: String,
    /// What the service gave to be shown with each message.
    pub token: TokenPlace,
}

/// One notification as integrations see it.
#[derive(Clone)]
pub(crate) struct Message {
    /// What templates see.
    pub data: Arc<NotificationData>,
    /// The same as a value.
    pub value: template::Value,
    /// The key of the group.
    pub group_key: Arc<str>,
    /// The time, in nanoseconds since the Unix epoch.
    pub now_ns: i64,
    /// What was remembered.
    pub remembered: BTreeMap<String, ReceiverData>,
    /// How long a request may take.
    pub timeout: Duration,
}

impl Message {
    /// Whether an alert fires.
    pub(crate) fn fires(&self) -> bool {
        self.data.status() == "firing"
    }

    /// SHA-256 of the group's key in hexadecimal digits: what other systems know the group by.
    pub(crate) fn key_hash(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.group_key.as_bytes());
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How long a request may take that has a limit of its own; zero is none.
    pub(crate) fn timeout(&self, own: Duration) -> Duration {
        if own.is_zero() { self.timeout } else { own.min(self.timeout) }
    }

    /// What a text of the configuration says.
    pub(crate) fn text(&self, tools: &Tools, text: &str) -> Result<String, Failure> {
        if !text.contains("{{") {
            return Ok(text.to_owned());
        }
        tools
            .templates
            .expand(text, &self.value, self.now_ns)
            .map_err(|error| Failure::lasting(error.to_string()))
    }

    /// The same for a page.
    pub(crate) fn html(&self, tools: &Tools, text: &str) -> Result<String, Failure> {
        let expanded = tools.templates.expand_html(text, &self.value, self.now_ns);
        expanded.map_err(|error| Failure::lasting(error.to_string()))
    }

    /// The message about the first alerts only, and how many are left out; 0 is no limit.
    pub(crate) fn with_at_most(&self, max: u64) -> (Message, usize) {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let left_out = self.data.alerts.len().saturating_sub(max);
        if max == 0 || left_out == 0 {
            return (self.clone(), 0);
        }
        let mut data = NotificationData::clone(&self.data);
        data.alerts.truncate(max);
        data.find_common();
        let data = Arc::new(data);
        (Message { value: data.to_value(), data, ..self.clone() }, left_out)
    }
}

impl Tools {
    /// A secret: as it stands in the configuration, or the text of its file without blanks around it.
    pub(crate) fn secret(&self, inline: &str, file: &Path) -> Result<Secret, Failure> {
        if file.as_os_str().is_empty() {
            return Ok(inline.into());
        }
        let bytes = self.files.read(file, SECRET_BYTES_MAX);
        let bytes = bytes.map_err(|error| Failure::lasting(format!("open {}: {error}", file.display())))?;
        Ok(String::from_utf8_lossy(&bytes).trim().into())
    }
}
