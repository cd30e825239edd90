//! Slack.

use std::path::PathBuf;

use alerting::log::ReceiverData;

use crate::send::{Failure, Message, Object, Outcome, Post, Tools, check_status, cut_runes, list, quoted};
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

/// The longest title.
const TITLE_RUNES_MAX: usize = 1024;
/// Which fields hold markup unless the configuration says so.
const MARKED_UP: [&str; 3] = ["fallback", "pretext", "text"];

/// Expands texts. Behind one that fails all others are empty, and the message is sent all the same: so does the
/// original, and a message without its texts is better than none.
struct Texts<'a> {
    message: &'a Message,
    tools: &'a Tools,
    failed: bool,
}

impl Texts<'_> {
    fn expand(&mut self, text: &str) -> String {
        if self.failed {
            return String::new();
        }
        self.message.text(self.tools, text).unwrap_or_else(|failure| {
            tracing::warn!(error = failure.text, "a template of a message to Slack failed");
            self.failed = true;
            String::new()
        })
    }
}

impl Slack {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let mut texts = Texts { message, tools, failed: false };
        let attachment = self.attachment(&mut texts);
        let token = tools.secret(self.app_token.expose(), &self.app_token_file)?;
        let mut url = if token.is_empty() {
            tools.secret(self.api_url.expose(), &self.api_url_file)?.expose().to_owned()
        } else {
            self.app_url.expose().to_owned()
        };
        let mut channel = texts.expand(&self.channel);
        let mut thread = String::new();
        if self.update_message
            && let (Some(ReceiverData::Text(known)), Some(ReceiverData::Text(place))) =
                (message.remembered.get("threadTs"), message.remembered.get("channelId"))
        {
            (thread, channel) = (known.clone(), place.clone());
            url = url.replace("chat.postMessage", "chat.update");
        }
        let body = Object::new()
            .text_if("channel", &channel)
            .text_if("ts", &thread)
            .text_if("username", &texts.expand(&self.username))
            .text_if("icon_emoji", &texts.expand(&self.icon_emoji))
            .text_if("icon_url", &texts.expand(&self.icon_url))
            .raw_if(self.link_names, "link_names", true)
            .text_if("text", &texts.expand(&self.message_text))
            .raw("attachments", list([attachment]))
            .end();
        let mut post = Post::json(url, body, message.timeout(self.timeout.0));
        if !token.is_empty() {
            post = post.header("authorization", format!("Bearer {}", token.expose()));
        }
        let answer = post.send(tools).await?;
        check_status(&answer, &[])?;
        self.read(answer.is_json, &answer.body, message)
    }

    /// What the answer says: a status alone is no success.
    fn read(&self, is_json: bool, body: &[u8], message: &Message) -> Outcome {
        if !is_json {
            let text = String::from_utf8_lossy(body);
            if text.trim() == "ok" {
                return Ok(message.remembered.clone());
            }
            return Err(Failure::lasting(format!("received an error response from Slack: {text}")));
        }
        let answer: serde_json::Value = serde_json::from_slice(body)
            .map_err(|error| Failure::passing(format!("could not unmarshal JSON response: {error}")))?;
        let text = |key: &str| answer.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        if answer.get("ok").and_then(serde_json::Value::as_bool) != Some(true) {
            return Err(Failure::lasting(format!("error response from Slack: {}", text("error"))));
        }
        let mut remembered = message.remembered.clone();
        if self.update_message {
            for (key, value) in [("threadTs", text("ts")), ("channelId", text("channel"))] {
                if !value.is_empty() {
                    remembered.insert(key.to_owned(), ReceiverData::Text(value.to_owned()));
                }
            }
        }
        Ok(remembered)
    }

    fn attachment(&self, texts: &mut Texts<'_>) -> String {
        let title = cut_runes(&texts.expand(&self.title), TITLE_RUNES_MAX);
        let marked_up: Vec<String> = if self.mrkdwn_in.is_empty() {
            MARKED_UP.iter().map(|name| quoted(name)).collect()
        } else {
            self.mrkdwn_in.iter().map(|name| quoted(name)).collect()
        };
        let fields: Vec<String> = self.fields.iter().map(|field| self.field(field, texts)).collect();
        let actions: Vec<String> = self.actions.iter().map(|action| action_json(action, texts)).collect();
        Object::new()
            .text_if("title", &title)
            .text_if("title_link", &texts.expand(&self.title_link))
            .text_if("pretext", &texts.expand(&self.pretext))
            .text("text", &texts.expand(&self.text))
            .text("fallback", &texts.expand(&self.fallback))
            .text("callback_id", &texts.expand(&self.callback_id))
            .raw_if(!fields.is_empty(), "fields", list(fields))
            .raw_if(!actions.is_empty(), "actions", list(actions))
            .text_if("image_url", &texts.expand(&self.image_url))
            .text_if("thumb_url", &texts.expand(&self.thumb_url))
            .text("footer", &texts.expand(&self.footer))
            .text_if("color", &texts.expand(&self.color))
            .raw("mrkdwn_in", list(marked_up))
            .end()
    }

    fn field(&self, field: &SlackField, texts: &mut Texts<'_>) -> String {
        Object::new()
            .text("title", &texts.expand(&field.title))
            .text("value", &texts.expand(&field.value))
            .raw("short", field.short.unwrap_or(self.short_fields))
            .end()
    }
}

/// A button that leads somewhere has no name, value or question.
fn action_json(action: &SlackAction, texts: &mut Texts<'_>) -> String {
    let object = Object::new()
        .text("type", &texts.expand(&action.kind))
        .text("text", &texts.expand(&action.text))
        .text_if("url", &texts.expand(&action.url))
        .text_if("style", &texts.expand(&action.style));
    if !action.url.is_empty() {
        return object.end();
    }
    let object =
        object.text_if("name", &texts.expand(&action.name)).text_if("value", &texts.expand(&action.value));
    let Some(confirm) = &action.confirm else { return object.end() };
    let question = Object::new()
        .text("text", &texts.expand(&confirm.text))
        .text_if("title", &texts.expand(&confirm.title))
        .text_if("ok_text", &texts.expand(&confirm.ok_text))
        .text_if("dismiss_text", &texts.expand(&confirm.dismiss_text));
    object.raw("confirm", question.end()).end()
}
