//! Mattermost.

use std::path::PathBuf;

use crate::values::SecretUrl;

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Mattermost {
    /// The webhook.
    pub webhook_url: SecretUrl,
    /// A file that holds it.
    pub webhook_url_file: PathBuf,
    /// The channel.
    pub channel: String,
    /// The sender.
    pub username: String,
    /// What plain clients show.
    pub fallback: String,
    /// The colour.
    pub color: String,
    /// What stands before.
    pub pretext: String,
    /// The text.
    pub text: String,
    /// The author.
    pub author_name: String,
    /// Where the author leads.
    pub author_link: String,
    /// The icon of the author.
    pub author_icon: String,
    /// The title.
    pub title: String,
    /// Where the title leads.
    pub title_link: String,
    /// Fields.
    pub fields: Vec<MattermostField>,
    /// A small image.
    pub thumb_url: String,
    /// What stands below.
    pub footer: String,
    /// Its icon.
    pub footer_icon: String,
    /// An image.
    pub image_url: String,
    /// The icon by address.
    pub icon_url: String,
    /// The icon by name.
    pub icon_emoji: String,
    /// Attachments in place of the keys above.
    pub attachments: Vec<MattermostAttachment>,
    /// The type of the post.
    pub kind: String,
    /// Properties of the post.
    pub props: Option<MattermostProps>,
    /// How urgent it is.
    pub priority: Option<MattermostPriority>,
}

impl Default for Mattermost {
    fn default() -> Self {
        Self {
            webhook_url: Default::default(),
            webhook_url_file: Default::default(),
            channel: Default::default(),
            username: "{{ template \"mattermost.default.username\" . }}".to_owned(),
            fallback: "{{ template \"mattermost.default.fallback\" . }}".to_owned(),
            color: "{{ template \"mattermost.default.color\" . }}".to_owned(),
            pretext: Default::default(),
            text: "{{ template \"mattermost.default.text\" . }}".to_owned(),
            author_name: Default::default(),
            author_link: Default::default(),
            author_icon: Default::default(),
            title: "{{ template \"mattermost.default.title\" . }}".to_owned(),
            title_link: "{{ template \"mattermost.default.titlelink\" . }}".to_owned(),
            fields: Default::default(),
            thumb_url: Default::default(),
            footer: Default::default(),
            footer_icon: Default::default(),
            image_url: Default::default(),
            icon_url: Default::default(),
            icon_emoji: Default::default(),
            attachments: Default::default(),
            kind: Default::default(),
            props: Default::default(),
            priority: Default::default(),
        }
    }
}

/// An attachment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MattermostAttachment {
    /// What plain clients show.
    pub fallback: String,
    /// The colour.
    pub color: String,
    /// What stands before.
    pub pretext: String,
    /// The text.
    pub text: String,
    /// The author.
    pub author_name: String,
    /// Where the author leads.
    pub author_link: String,
    /// The icon of the author.
    pub author_icon: String,
    /// The title.
    pub title: String,
    /// Where the title leads.
    pub title_link: String,
    /// Fields.
    pub fields: Vec<MattermostField>,
    /// A small image.
    pub thumb_url: String,
    /// What stands below.
    pub footer: String,
    /// Its icon.
    pub footer_icon: String,
    /// An image.
    pub image_url: String,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MattermostField {
    /// Its title.
    pub title: String,
    /// Its value.
    pub value: String,
    /// Whether it is short.
    pub short: Option<bool>,
}

/// Properties of a post.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MattermostProps {
    /// What the card beside shows.
    pub card: Option<String>,
}

/// How urgent a post is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MattermostPriority {
    /// `urgent`, `important` or `standard`.
    pub priority: String,
    /// Whether readers are asked to acknowledge it.
    pub requested_ack: bool,
    /// Whether readers are told until they do.
    pub persistent_notifications: bool,
}
