//! Microsoft Teams by workflows.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Message, Object, Outcome, Post, Tools, check_status, list};
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

impl MsTeamsV2 {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let url = tools.secret(self.webhook_url.expose(), &self.webhook_url_file)?;
        let title = Object::new()
            .text("type", "TextBlock")
            .text("text", &message.text(tools, &self.title)?)
            .text("weight", "Bolder")
            .text("size", "Medium")
            .raw("wrap", true)
            .text("style", "heading")
            .text("color", if message.fires() { "Attention" } else { "Good" });
        let text = Object::new()
            .text("type", "TextBlock")
            .text("text", &message.text(tools, &self.text)?)
            .raw("wrap", true);
        let content = Object::new()
            .text("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
            .text("type", "AdaptiveCard")
            .text("version", "1.2")
            .raw("body", list([title.end(), text.end()]))
            .raw("msteams", Object::new().text("width", "full").end());
        let card = Object::new()
            .text("contentType", "application/vnd.microsoft.card.adaptive")
            .raw("contentUrl", "null")
            .raw("content", content.end());
        let body = Object::new().text("type", "message").raw("attachments", list([card.end()]));
        check_status(&Post::json(url.expose(), body.end(), message.timeout).send(tools).await?, &[])?;
        Ok(BTreeMap::new())
    }
}
