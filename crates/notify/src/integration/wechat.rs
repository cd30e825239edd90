//! WeCom.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::Method;

use crate::send::{Failure, Message, Object, Outcome, Post, Tools, encoded};
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

/// What says that a token is over.
const TOKEN_OVER: i64 = 42001;
const TOKEN_OVER_TEXT: &str = "the token is over";
/// How long a token is used; it holds for two hours, unless the answer says less.
const TOKEN_KEPT: Duration = Duration::from_hours(2);

impl WeChat {
    pub(super) async fn send(&self, message: &Message, tools: &Tools) -> Outcome {
        let token = self.token(message, tools).await?;
        let outcome = self.send_with(&token, message, tools).await;
        if outcome.as_ref().is_err_and(|failure| failure.text == TOKEN_OVER_TEXT) {
            tools.token.forget(&token);
        }
        outcome
    }

    async fn send_with(&self, token: &str, message: &Message, tools: &Tools) -> Outcome {
        let text = |text: &str| message.text(tools, text);
        let content = text(&self.message)?;
        let is_markdown = self.message_type == "markdown";
        let holder = |is_it: bool| Object::new().text("content", if is_it { &content } else { "" }).end();
        let body = Object::new()
            .raw("text", holder(!is_markdown))
            .text_if("touser", &text(&self.to_user)?)
            .text_if("toparty", &text(&self.to_party)?)
            .text_if("totag", &text(&self.to_tag)?)
            .text_if("agentid", &text(&self.agent_id)?)
            .text("safe", "0")
            .text("msgtype", &self.message_type)
            .raw("markdown", holder(is_markdown));
        let query = encoded(&[("access_token", token)]);
        let url = format!("{}message/send?{query}", self.api_url.expose());
        let answer = Post::json(url, body.end(), message.timeout).send(tools).await?;
        read(answer.status, &answer.body).map(|_| BTreeMap::new())
    }

    /// The token that was given last, while it holds, or a new one.
    async fn token(&self, message: &Message, tools: &Tools) -> Result<String, Failure> {
        if let Some(token) = tools.token.get(message.now_ns) {
            return Ok(token);
        }
        let secret = tools.secret(self.api_secret.expose(), &self.api_secret_file)?;
        let secret = message.text(tools, secret.expose())?;
        let corp = message.text(tools, &self.corp_id)?;
        let query = encoded(&[("corpid", &corp), ("corpsecret", &secret)]);
        let post = Post {
            method: Method::GET,
            url: format!("{}gettoken?{query}", self.api_url.expose()),
            content_type: "",
            headers: Vec::new(),
            body: Vec::new(),
            timeout: message.timeout,
        };
        let answer = post.send(tools).await?;
        let answer = read(answer.status, &answer.body)?;
        match answer.get("access_token").and_then(serde_json::Value::as_str) {
            Some(token) if !token.is_empty() => {
                let seconds = answer.get("expires_in").and_then(serde_json::Value::as_u64);
                let kept = seconds.map_or(TOKEN_KEPT, Duration::from_secs).min(TOKEN_KEPT);
                tools.token.keep(token, message.now_ns, kept);
                Ok(token.to_owned())
            }
            _ => Err(Failure::lasting("invalid APISecret for CorpID: no access token")),
        }
    }
}

fn read(status: u16, body: &[u8]) -> Result<serde_json::Value, Failure> {
    if status != 200 {
        return Err(Failure::passing(format!("unexpected status code {status}")));
    }
    let answer: serde_json::Value = serde_json::from_slice(body)
        .map_err(|error| Failure::passing(format!("the answer is no JSON: {error}")))?;
    match answer.get("errcode").and_then(serde_json::Value::as_i64).unwrap_or_default() {
        0 => Ok(answer),
        TOKEN_OVER => Err(Failure::passing(TOKEN_OVER_TEXT)),
        code => {
            let text = answer.get("errmsg").and_then(serde_json::Value::as_str).unwrap_or_default();
            Err(Failure::lasting(format!("error {code}: {text}")))
        }
    }
}
