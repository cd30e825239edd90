//! Discord.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Message, Object, Outcome, Post, Tools, check_status, cut_runes, list};
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

impl Discord {
    /// The picture; none where that is no address.
    fn avatar(&self) -> &str {
        let is_address = !self.avatar_url.starts_with(':') && !self.avatar_url.contains(char::is_control);
        if is_address { &self.avatar_url } else { "" }
    }
}

const RED: u32 = 0x99_2d22;
const GREEN: u32 = 0x2e_cc71;

impl Discord {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let text = |text: &str| message.text(tools, text);
        let url = tools.secret(self.webhook_url.expose(), &self.webhook_url_file)?;
        let color = if message.fires() { RED } else { GREEN };
        let embed = Object::new()
            .text("title", &cut_runes(&text(&self.title)?, 256))
            .text("description", &cut_runes(&text(&self.message)?, 4096))
            .raw("color", color);
        let body = Object::new()
            .text("content", &cut_runes(&text(&self.content)?, 2000))
            .raw("embeds", list([embed.end()]))
            .text_if("username", &self.username)
            .text_if("avatar_url", self.avatar());
        check_status(&Post::json(url.expose(), body.end(), message.timeout).send(tools).await?, &[])?;
        Ok(BTreeMap::new())
    }
}
