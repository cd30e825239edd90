//! incident.io.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Message, Outcome, Post, Tools, check_status};
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

/// The largest body that is taken.
const BODY_BYTES_MAX: usize = 512 << 10;

impl IncidentIo {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let url = tools.secret(self.url.expose(), &self.url_file)?;
        let (cut, left_out) = message.with_at_most(self.max_alerts);
        let mut body = super::webhook::body(&cut, "1", left_out);
        if body.len() > BODY_BYTES_MAX {
            let (first, left_out) = message.with_at_most(1);
            body = super::webhook::body(&first, "1", left_out);
        }
        let mut post = Post::json(url.expose(), body, message.timeout(self.timeout.0));
        let token = tools.secret(self.alert_source_token.expose(), &self.alert_source_token_file)?;
        if !token.is_empty() {
            post = post.header("authorization", format!("Bearer {}", token.expose()));
        }
        check_status(&post.send(tools).await?, &[429])?;
        Ok(BTreeMap::new())
    }
}
