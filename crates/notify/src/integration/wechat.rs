//! WeCom.

use std::path::PathBuf;

use crate::values::{PrefixUrl, Secret};

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct WeChat {
    /// The secret.
    pub api_secret: Secret,
    /// A file that holds it.
    pub api_secret_file: PathBuf,
    /// Whose it is.
    pub corp_id: String,
    /// The message.
    pub message: String,
    /// Where it is.
    pub api_url: PrefixUrl,
    /// To which users.
    pub to_user: String,
    /// To which parties.
    pub to_party: String,
    /// To which tags.
    pub to_tag: String,
    /// Who sends.
    pub agent_id: String,
    /// `text` or `markdown`.
    pub message_type: String,
}

impl Default for WeChat {
    fn default() -> Self {
        Self {
            api_secret: Default::default(),
            api_secret_file: Default::default(),
            corp_id: Default::default(),
            message: "{{ template \"wechat.default.message\" . }}".to_owned(),
            api_url: Default::default(),
            to_user: "{{ template \"wechat.default.to_user\" . }}".to_owned(),
            to_party: "{{ template \"wechat.default.to_party\" . }}".to_owned(),
            to_tag: "{{ template \"wechat.default.to_tag\" . }}".to_owned(),
            agent_id: "{{ template \"wechat.default.agent_id\" . }}".to_owned(),
            message_type: "text".to_owned(),
        }
    }
}
