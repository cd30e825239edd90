//! Mattermost.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Failure, Message, Object, Outcome, Post, Tools, check_status, cut_runes, list};
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
    /// The attachment that the keys at the top make; of its text the message's where there are others.
    pub attachment: MattermostAttachment,
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
            attachment: MattermostAttachment {
                fallback: "{{ template \"mattermost.default.fallback\" . }}".to_owned(),
                color: "{{ template \"mattermost.default.color\" . }}".to_owned(),
                text: "{{ template \"mattermost.default.text\" . }}".to_owned(),
                title: "{{ template \"mattermost.default.title\" . }}".to_owned(),
                title_link: "{{ template \"mattermost.default.titlelink\" . }}".to_owned(),
                ..MattermostAttachment::default()
            },
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

/// The longest text; that of attachments has no bound.
const TEXT_RUNES_MAX: usize = 16383;

impl Mattermost {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let text = |text: &str| message.text(tools, text);
        let url = tools.secret(self.webhook_url.expose(), &self.webhook_url_file)?;
        let (top, attachments) = if self.attachments.is_empty() {
            (String::new(), vec![self.attachment.json(message, tools)?])
        } else {
            let all: Result<Vec<String>, Failure> =
                self.attachments.iter().map(|attachment| attachment.json(message, tools)).collect();
            (cut_runes(&text(&self.attachment.text)?, TEXT_RUNES_MAX), all?)
        };
        let mut body = Object::new()
            .text_if("text", &top)
            .text_if("channel", &text(&self.channel)?)
            .text_if("username", &text(&self.username)?)
            .text_if("icon_url", &text(&self.icon_url)?)
            .text_if("icon_emoji", &text(&self.icon_emoji)?)
            .raw("attachments", list(attachments))
            .text_if("type", &text(&self.kind)?);
        if let Some(card) = self.props.as_ref().and_then(|props| props.card.as_ref()) {
            body = body.raw("props", Object::new().text("card", &text(card)?).end());
        }
        if let Some(priority) = &self.priority {
            let (ack, persists) = (priority.requested_ack, priority.persistent_notifications);
            let object = Object::new()
                .text("priority", &priority.priority)
                .raw_if(ack && priority.priority != "standard", "requested_ack", true)
                .raw_if(persists && priority.priority == "urgent", "persistent_notifications", true);
            body = body.raw("priority", object.end());
        }
        check_status(&Post::json(url.expose(), body.end(), message.timeout).send(tools).await?, &[])?;
        Ok(BTreeMap::new())
    }
}

impl MattermostAttachment {
    fn json(&self, message: &Message, tools: &Tools) -> Result<String, Failure> {
        let text = |text: &str| message.text(tools, text);
        let mut fields = Vec::new();
        for field in &self.fields {
            let short = field.short.unwrap_or_default();
            let object =
                Object::new().text("title", &text(&field.title)?).text("value", &text(&field.value)?);
            fields.push(object.raw_if(field.short.is_some(), "short", short).end());
        }
        Ok(Object::new()
            .text_if("fallback", &text(&self.fallback)?)
            .text_if("color", &text(&self.color)?)
            .text_if("pretext", &text(&self.pretext)?)
            .text_if("text", &text(&self.text)?)
            .text_if("author_name", &text(&self.author_name)?)
            .text_if("author_link", &text(&self.author_link)?)
            .text_if("author_icon", &text(&self.author_icon)?)
            .text_if("title", &text(&self.title)?)
            .text_if("title_link", &text(&self.title_link)?)
            .raw_if(!fields.is_empty(), "fields", list(fields))
            .text_if("thumb_url", &text(&self.thumb_url)?)
            .text_if("footer", &text(&self.footer)?)
            .text_if("footer_icon", &text(&self.footer_icon)?)
            .text_if("image_url", &text(&self.image_url)?)
            .end())
    }
}
