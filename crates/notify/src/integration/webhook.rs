//! Webhooks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Failure, Message, Outcome, Post, Tools, check_status, quoted, tree_json};
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

impl Webhook {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let url = tools.secret(self.url.expose(), &self.url_file)?;
        let url = message.text(tools, url.expose())?;
        if url.trim().is_empty() {
            return Err(Failure::lasting("webhook URL is empty after templating"));
        }
        let (cut, left_out) = message.with_at_most(self.max_alerts);
        let body = match &self.payload {
            Some(payload) => tree_json(payload, &cut, tools)?,
            None => body(&cut, "4", left_out),
        };
        let answer = Post::json(url, body, message.timeout(self.timeout.0)).send(tools).await?;
        check_status(&answer, &[])?;
        Ok(BTreeMap::new())
    }
}

/// The body that receivers know: what templates see, and what tells groups apart.
pub(super) fn body(message: &Message, version: &str, left_out: usize) -> String {
    let mut data = template::notifications::to_json(&message.value);
    data.pop();
    data.push_str(",\"version\":");
    data.push_str(&quoted(version));
    data.push_str(",\"groupKey\":");
    data.push_str(&quoted(&message.group_key));
    data.push_str(&format!(",\"truncatedAlerts\":{left_out}}}"));
    data
}
