//! Rocket.Chat.

use std::path::PathBuf;

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
