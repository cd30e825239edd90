//! Telegram.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::send::{Failure, Message, Object, Outcome, Post, Tools, check_status, cut_runes, quoted};
use crate::values::{Secret, Url};

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Telegram {
    /// Where it is.
    pub api_url: Url,
    /// Who sends.
    pub bot_token: Secret,
    /// A file that holds it.
    pub bot_token_file: PathBuf,
    /// To which chat.
    pub chat_id: i64,
    /// A file that holds it.
    pub chat_id_file: PathBuf,
    /// To which thread.
    pub message_thread_id: i64,
    /// The message.
    pub message: String,
    /// Whether it makes no sound.
    pub disable_notifications: bool,
    /// How the message is marked up.
    pub parse_mode: String,
}

impl Default for Telegram {
    fn default() -> Self {
        Self {
            api_url: Default::default(),
            bot_token: Default::default(),
            bot_token_file: Default::default(),
            chat_id: Default::default(),
            chat_id_file: Default::default(),
            message_thread_id: Default::default(),
            message: "{{ template \"telegram.default.message\" . }}".to_owned(),
            disable_notifications: Default::default(),
            parse_mode: "HTML".to_owned(),
        }
    }
}

/// The longest message.
const MESSAGE_RUNES_MAX: usize = 4096;
/// What stands in the place of a page that is too long, which cannot be cut anywhere: the words that users know.
const TOO_LONG: &str = "Alertmanager notification could not be sent: message length exceeds Telegram limits.\n\t\t\tPlease check the template used for producing the message content.";

impl Telegram {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let token = tools.secret(self.bot_token.expose(), &self.bot_token_file)?;
        let chat = self.chat_id.to_string();
        let chat = tools.secret(&chat, &self.chat_id_file)?;
        let text = if self.parse_mode == "HTML" {
            let page = message.html(tools, &self.message)?;
            if page.chars().count() > MESSAGE_RUNES_MAX { TOO_LONG.to_owned() } else { page }
        } else {
            cut_runes(&message.text(tools, &self.message)?, MESSAGE_RUNES_MAX)
        };
        let thread = self.message_thread_id.to_string();
        let object = Object::new()
            .text("chat_id", chat.expose())
            .text("text", &text)
            .text("disable_web_page_preview", "true")
            .raw_if(self.disable_notifications, "disable_notification", quoted("true"))
            .text_if("parse_mode", &self.parse_mode)
            .raw_if(self.message_thread_id != 0, "message_thread_id", quoted(&thread));
        let url =
            format!("{}/bot{}/sendMessage", self.api_url.expose().trim_end_matches('/'), token.expose());
        let answer = Post::json(url, object.end(), message.timeout).send(tools).await?;
        // Whatever is wrong is tried again.
        check_status(&answer, &[]).map_err(|failure| Failure { may_retry: true, ..failure })?;
        Ok(BTreeMap::new())
    }
}
