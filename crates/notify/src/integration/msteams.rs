//! Microsoft Teams by connectors.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Message, Object, Outcome, Post, Tools, check_status};
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

impl MsTeams {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let text = |text: &str| message.text(tools, text);
        let url = tools.secret(self.webhook_url.expose(), &self.webhook_url_file)?;
        let body = Object::new()
            .text("@context", "http://schema.org/extensions")
            .text("type", "MessageCard")
            .text("title", &text(&self.title)?)
            .text("summary", &text(&self.summary)?)
            .text("text", &text(&self.text)?)
            .text("themeColor", if message.fires() { "8C1A1A" } else { "2DC72D" });
        check_status(&Post::json(url.expose(), body.end(), message.timeout).send(tools).await?, &[])?;
        Ok(BTreeMap::new())
    }
}
