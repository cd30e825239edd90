//! Pushover.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::Method;

use crate::send::{Message, Outcome, Post, Tools, check_status, cut_runes, encoded};
use crate::values::{GoDuration, Secret};

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushover {
    /// To whom.
    pub user_key: Secret,
    /// A file that holds it.
    pub user_key_file: PathBuf,
    /// Who sends.
    pub token: Secret,
    /// A file that holds it.
    pub token_file: PathBuf,
    /// The title.
    pub title: String,
    /// The message.
    pub message: String,
    /// An address.
    pub url: String,
    /// Its title.
    pub url_title: String,
    /// The device.
    pub device: String,
    /// The sound.
    pub sound: String,
    /// How urgent it is.
    pub priority: String,
    /// How often it sounds again.
    pub retry: GoDuration,
    /// How long it sounds.
    pub expire: GoDuration,
    /// How long it is kept.
    pub ttl: GoDuration,
    /// Whether the message is markup.
    pub html: bool,
    /// Whether it is shown in a fixed width.
    pub monospace: bool,
}

impl Default for Pushover {
    fn default() -> Self {
        Self {
            user_key: Default::default(),
            user_key_file: Default::default(),
            token: Default::default(),
            token_file: Default::default(),
            title: "{{ template \"pushover.default.title\" . }}".to_owned(),
            message: "{{ template \"pushover.default.message\" . }}".to_owned(),
            url: "{{ template \"pushover.default.url\" . }}".to_owned(),
            url_title: Default::default(),
            device: Default::default(),
            sound: Default::default(),
            priority: "{{ if eq .Status \"firing\" }}2{{ else }}0{{ end }}".to_owned(),
            retry: GoDuration(Duration::from_secs(60)),
            expire: GoDuration(Duration::from_secs(3600)),
            ttl: Default::default(),
            html: Default::default(),
            monospace: Default::default(),
        }
    }
}

/// Where messages go.
const URL: &str = "https://api.pushover.net/1/messages.json";

impl Pushover {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let text = |text: &str| message.text(tools, text);
        let token = tools.secret(self.token.expose(), &self.token_file)?;
        let user = tools.secret(self.user_key.expose(), &self.user_key_file)?;
        let (token, user) = (text(token.expose())?, text(user.expose())?);
        let body = if self.html { message.html(tools, &self.message)? } else { text(&self.message)? };
        let body = cut_runes(&body, 1024);
        // An empty message is refused there.
        let body = if body.trim().is_empty() { "(no details)".to_owned() } else { body };
        let seconds = |span: GoDuration| span.0.as_secs().to_string();
        let (retry, expire, ttl) = (seconds(self.retry), seconds(self.expire), seconds(self.ttl));
        let (title, link) = (cut_runes(&text(&self.title)?, 250), cut_runes(&text(&self.url)?, 512));
        let (link_title, priority) = (text(&self.url_title)?, text(&self.priority)?);
        let (device, sound) = (text(&self.device)?, text(&self.sound)?);
        let mut pairs = vec![
            ("token", token.as_str()),
            ("user", &user),
            ("title", &title),
            ("message", &body),
            ("url", &link),
            ("url_title", &link_title),
            ("priority", &priority),
            ("retry", &retry),
            ("expire", &expire),
            ("sound", &sound),
        ];
        if !device.is_empty() {
            pairs.push(("device", &device));
        }
        if !self.ttl.0.is_zero() {
            pairs.push(("ttl", &ttl));
        }
        if self.html {
            pairs.push(("html", "1"));
        }
        if self.monospace {
            pairs.push(("monospace", "1"));
        }
        let post = Post {
            method: Method::POST,
            url: format!("{URL}?{}", encoded(&pairs)),
            content_type: "text/plain",
            headers: Vec::new(),
            body: Vec::new(),
            timeout: message.timeout,
        };
        check_status(&post.send(tools).await?, &[])?;
        Ok(BTreeMap::new())
    }
}
