//! Telegram.

use std::path::PathBuf;

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
