//! Slack.

use std::path::PathBuf;

use crate::values::{GoDuration, Secret, SecretUrl, Url};

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Slack {
    /// The webhook.
    pub api_url: SecretUrl,
    /// A file that holds it.
    pub api_url_file: PathBuf,
    /// The token of an app instead.
    pub app_token: Secret,
    /// A file that holds it.
    pub app_token_file: PathBuf,
    /// Where the app posts.
    pub app_url: Url,
    /// The channel.
    pub channel: String,
    /// The sender.
    pub username: String,
    /// The colour.
    pub color: String,
    /// The title.
    pub title: String,
    /// Where the title leads.
    pub title_link: String,
    /// What stands before.
    pub pretext: String,
    /// The text.
    pub text: String,
    /// The text beside the attachment.
    pub message_text: String,
    /// Fields.
    pub fields: Vec<SlackField>,
    /// Whether fields are short unless they say so.
    pub short_fields: bool,
    /// What stands below.
    pub footer: String,
    /// What plain clients show.
    pub fallback: String,
    /// The id of callbacks.
    pub callback_id: String,
    /// The icon by name.
    pub icon_emoji: String,
    /// The icon by address.
    pub icon_url: String,
    /// An image.
    pub image_url: String,
    /// A small image.
    pub thumb_url: String,
    /// Whether names become links.
    pub link_names: bool,
    /// Which fields hold markup.
    pub mrkdwn_in: Vec<String>,
    /// Buttons.
    pub actions: Vec<SlackAction>,
    /// Whether the message is updated in place.
    pub update_message: bool,
    /// How long a request may take; 0 for as long as the notification may.
    pub timeout: GoDuration,
}

impl Default for Slack {
    fn default() -> Self {
        Self {
            api_url: Default::default(),
            api_url_file: Default::default(),
            app_token: Default::default(),
            app_token_file: Default::default(),
            app_url: Default::default(),
            channel: Default::default(),
            username: "{{ template \"slack.default.username\" . }}".to_owned(),
            color: "{{ template \"slack.default.color\" . }}".to_owned(),
            title: "{{ template \"slack.default.title\" . }}".to_owned(),
            title_link: "{{ template \"slack.default.titlelink\" . }}".to_owned(),
            pretext: "{{ template \"slack.default.pretext\" . }}".to_owned(),
            text: "{{ template \"slack.default.text\" . }}".to_owned(),
            message_text: Default::default(),
            fields: Default::default(),
            short_fields: Default::default(),
            footer: "{{ template \"slack.default.footer\" . }}".to_owned(),
            fallback: "{{ template \"slack.default.fallback\" . }}".to_owned(),
            callback_id: "{{ template \"slack.default.callbackid\" . }}".to_owned(),
            icon_emoji: "{{ template \"slack.default.iconemoji\" . }}".to_owned(),
            icon_url: "{{ template \"slack.default.iconurl\" . }}".to_owned(),
            image_url: Default::default(),
            thumb_url: Default::default(),
            link_names: Default::default(),
            mrkdwn_in: Default::default(),
            actions: Default::default(),
            update_message: Default::default(),
            timeout: Default::default(),
        }
    }
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlackField {
    /// Its title.
    pub title: String,
    /// Its value.
    pub value: String,
    /// Whether it is short.
    pub short: Option<bool>,
}

/// A button.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlackAction {
    /// Its kind.
    pub kind: String,
    /// Its text.
    pub text: String,
    /// Where it leads.
    pub url: String,
    /// Its style.
    pub style: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What is asked before.
    pub confirm: Option<SlackConfirmation>,
}

/// What is asked before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlackConfirmation {
    /// The question.
    pub text: String,
    /// Its title.
    pub title: String,
    /// Yes.
    pub ok_text: String,
    /// No.
    pub dismiss_text: String,
}
