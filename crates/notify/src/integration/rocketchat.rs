//! Rocket.Chat.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Failure, Message, Object, Outcome, Post, Tools, check_status, cut_runes, list};
use crate::values::{Secret, Url};

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct RocketChat {
    /// Where it is.
    pub api_url: Url,
    /// Who sends.
    pub token_id: Secret,
    /// A file that holds it.
    pub token_id_file: PathBuf,
    /// The token.
    pub token: Secret,
    /// A file that holds it.
    pub token_file: PathBuf,
    /// The channel.
    pub channel: String,
    /// The colour.
    pub color: String,
    /// The title.
    pub title: String,
    /// Where the title leads.
    pub title_link: String,
    /// The text.
    pub text: String,
    /// Fields.
    pub fields: Vec<RocketChatField>,
    /// Whether fields are short unless they say so.
    pub short_fields: bool,
    /// The icon by name.
    pub emoji: String,
    /// The icon by address.
    pub icon_url: String,
    /// An image.
    pub image_url: String,
    /// A small image.
    pub thumb_url: String,
    /// Whether names become links.
    pub link_names: bool,
    /// Buttons.
    pub actions: Vec<RocketChatAction>,
}

impl Default for RocketChat {
    fn default() -> Self {
        Self {
            api_url: Default::default(),
            token_id: Default::default(),
            token_id_file: Default::default(),
            token: Default::default(),
            token_file: Default::default(),
            channel: Default::default(),
            color: "{{ if eq .Status \"firing\" }}red{{ else }}green{{ end }}".to_owned(),
            title: "{{ template \"rocketchat.default.title\" . }}".to_owned(),
            title_link: "{{ template \"rocketchat.default.titlelink\" . }}".to_owned(),
            text: "{{ template \"rocketchat.default.text\" . }}".to_owned(),
            fields: Default::default(),
            short_fields: Default::default(),
            emoji: "{{ template \"rocketchat.default.emoji\" . }}".to_owned(),
            icon_url: "{{ template \"rocketchat.default.iconurl\" . }}".to_owned(),
            image_url: Default::default(),
            thumb_url: Default::default(),
            link_names: Default::default(),
            actions: Default::default(),
        }
    }
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RocketChatField {
    /// Whether it is short.
    pub short: Option<bool>,
    /// Its title.
    pub title: String,
    /// Its value.
    pub value: String,
}

/// A button.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RocketChatAction {
    /// Its kind.
    pub kind: String,
    /// Its text.
    pub text: String,
    /// Where it leads.
    pub url: String,
    /// Its image.
    pub imageurl: String,
    /// Whether it opens inside.
    pub iswebview: bool,
    /// How high that is.
    pub webviewheightratio: String,
    /// What it sends.
    pub msg: String,
    /// Whether it sends to the chat.
    pub msginchatwindow: bool,
    /// How it sends.
    pub msgprocessingtype: String,
}

impl RocketChat {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let text = |text: &str| message.text(tools, text);
        let id = tools.secret(self.token_id.expose(), &self.token_id_file)?;
        let token = tools.secret(self.token.expose(), &self.token_file)?;
        let mut fields = Vec::new();
        for field in &self.fields {
            let object = Object::new()
                .raw("short", field.short.unwrap_or(self.short_fields))
                .text("title", &text(&field.title)?)
                .text("value", &text(&field.value)?);
            fields.push(object.end());
        }
        let mut actions = Vec::new();
        for action in &self.actions {
            let object = Object::new()
                .text("type", "button")
                .text_if("text", &text(&action.text)?)
                .text_if("url", &text(&action.url)?)
                .text_if("image_url", &text(&action.imageurl)?)
                .raw("is_webview", action.iswebview)
                .text_if("webview_height_ratio", &text(&action.webviewheightratio)?)
                .text_if("msg", &text(&action.msg)?)
                .raw("msg_in_chat_window", action.msginchatwindow)
                .text_if("msg_processing_type", &text(&action.msgprocessingtype)?);
            actions.push(object.end());
        }
        let attachment = Object::new()
            .text_if("title", &cut_runes(&text(&self.title)?, 1024))
            .text_if("title_link", &text(&self.title_link)?)
            .text_if("text", &text(&self.text)?)
            .text_if("image_url", &text(&self.image_url)?)
            .text_if("thumb_url", &text(&self.thumb_url)?)
            .text_if("color", &text(&self.color)?)
            .raw_if(!fields.is_empty(), "fields", list(fields))
            .raw_if(!actions.is_empty(), "actions", list(actions));
        let body = Object::new()
            .text_if("channel", &text(&self.channel)?)
            .text_if("emoji", &text(&self.emoji)?)
            .text_if("avatar", &text(&self.icon_url)?)
            .raw("attachments", list([attachment.end()]));
        let url = format!("{}/api/v1/chat.postMessage", self.api_url.expose().trim_end_matches('/'));
        let answer = Post::json(url, body.end(), message.timeout)
            .header("x-auth-token", token.expose())
            .header("x-user-id", id.expose())
            .send(tools)
            .await?;
        check_status(&answer, &[])?;
        let read: serde_json::Value = serde_json::from_slice(&answer.body)
            .map_err(|error| Failure::passing(format!("could not unmarshal JSON response: {error}")))?;
        if read.get("success").and_then(serde_json::Value::as_bool) == Some(true) {
            return Ok(BTreeMap::new());
        }
        let error = read.get("error").and_then(serde_json::Value::as_str).unwrap_or_default();
        Err(Failure::lasting(format!("error response from Rocket.Chat: {error}")))
    }
}
