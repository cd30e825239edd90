//! The section `global`: what receivers take where they say nothing themselves.

use std::path::PathBuf;
use std::time::Duration;

use notify::integration::HostPort;
use notify::values::{PrefixUrl, Secret, SecretUrl, Url};

use crate::{
    decode::{Check, Decoder, Field, Invalid, section},
    prometheus::{HttpClientConfig, TlsConfig},
    yaml::Node,
};

section! {
    /// What receivers take where they say nothing themselves.
    pub struct GlobalConfig as "config.plain" {
        /// After what time an alert without an end is taken as resolved.
        resolve_timeout: Duration = Duration::from_secs(300) => ["resolve_timeout", always];
        /// How requests are sent.
        http_config: Option<HttpClientConfig> = Some(HttpClientConfig::default()) => ["http_config"];
        /// From whom mails are.
        smtp_from: String = String::new() => ["smtp_from"];
        /// The name that the client says to mail servers.
        smtp_hello: String = "localhost".into() => ["smtp_hello"];
        /// The mail server.
        smtp_smarthost: HostPort = HostPort::default() => ["smtp_smarthost"];
        /// Who logs in there.
        smtp_auth_username: String = String::new() => ["smtp_auth_username"];
        /// The password.
        smtp_auth_password: Secret = Secret::default() => ["smtp_auth_password"];
        /// A file that holds it.
        smtp_auth_password_file: PathBuf = PathBuf::new() => ["smtp_auth_password_file"];
        /// The secret of CRAM-MD5.
        smtp_auth_secret: Secret = Secret::default() => ["smtp_auth_secret"];
        /// A file that holds it.
        smtp_auth_secret_file: PathBuf = PathBuf::new() => ["smtp_auth_secret_file"];
        /// The identity of PLAIN.
        smtp_auth_identity: String = String::new() => ["smtp_auth_identity"];
        /// Whether connections to mail servers must be secured.
        smtp_require_tls: bool = true => ["smtp_require_tls", always];
        /// How they are secured.
        smtp_tls_config: Option<TlsConfig> = Some(TlsConfig::default()) => ["smtp_tls_config"];
        /// Whether they are secured from their start.
        smtp_force_implicit_tls: Option<bool> = None => ["smtp_force_implicit_tls"];
        /// Slack's webhook.
        slack_api_url: SecretUrl = SecretUrl::default() => ["slack_api_url"];
        /// A file that holds it.
        slack_api_url_file: PathBuf = PathBuf::new() => ["slack_api_url_file"];
        /// The token of an app of Slack.
        slack_app_token: Secret = Secret::default() => ["slack_app_token"];
        /// A file that holds it.
        slack_app_token_file: PathBuf = PathBuf::new() => ["slack_app_token_file"];
        /// Where apps of Slack post.
        slack_app_url: Url = "https://slack.com/api/chat.postMessage".into() => ["slack_app_url"];
        /// PagerDuty's second interface.
        pagerduty_url: Url = "https://events.pagerduty.com/v2/enqueue".into() => ["pagerduty_url"];
        /// OpsGenie.
        opsgenie_api_url: PrefixUrl = "https://api.opsgenie.com/".into() => ["opsgenie_api_url"];
        /// Its key.
        opsgenie_api_key: Secret = Secret::default() => ["opsgenie_api_key"];
        /// A file that holds it.
        opsgenie_api_key_file: PathBuf = PathBuf::new() => ["opsgenie_api_key_file"];
        /// WeCom.
        wechat_api_url: PrefixUrl = "https://qyapi.weixin.qq.com/cgi-bin/".into() => ["wechat_api_url"];
        /// Its secret.
        wechat_api_secret: Secret = Secret::default() => ["wechat_api_secret"];
        /// A file that holds it.
        wechat_api_secret_file: PathBuf = PathBuf::new() => ["wechat_api_secret_file"];
        /// Whose it is.
        wechat_api_corp_id: String = String::new() => ["wechat_api_corp_id"];
        /// VictorOps.
        victorops_api_url: PrefixUrl =
            "https://alert.victorops.com/integrations/generic/20131114/alert/".into() => ["victorops_api_url"];
        /// Its key.
        victorops_api_key: Secret = Secret::default() => ["victorops_api_key"];
        /// A file that holds it.
        victorops_api_key_file: PathBuf = PathBuf::new() => ["victorops_api_key_file"];
        /// Telegram.
        telegram_api_url: Url = "https://api.telegram.org".into() => ["telegram_api_url"];
        /// The token of a bot.
        telegram_bot_token: Secret = Secret::default() => ["telegram_bot_token"];
        /// A file that holds it.
        telegram_bot_token_file: PathBuf = PathBuf::new() => ["telegram_bot_token_file"];
        /// Webex.
        webex_api_url: Url = "https://webexapis.com/v1/messages".into() => ["webex_api_url"];
        /// Rocket.Chat.
        rocketchat_api_url: Url = "https://open.rocket.chat/".into() => ["rocketchat_api_url"];
        /// Its token.
        rocketchat_token: Secret = Secret::default() => ["rocketchat_token"];
        /// A file that holds it.
        rocketchat_token_file: PathBuf = PathBuf::new() => ["rocketchat_token_file"];
        /// Who sends.
        rocketchat_token_id: Secret = Secret::default() => ["rocketchat_token_id"];
        /// A file that holds it.
        rocketchat_token_id_file: PathBuf = PathBuf::new() => ["rocketchat_token_id_file"];
        /// Jira.
        jira_api_url: Url = Url::default() => ["jira_api_url"];
        /// Mattermost's webhook.
        mattermost_webhook_url: SecretUrl = SecretUrl::default() => ["mattermost_webhook_url"];
        /// A file that holds it.
        mattermost_webhook_url_file: PathBuf = PathBuf::new() => ["mattermost_webhook_url_file"];
    }
}

impl Check for GlobalConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if let Some(http) = &mut self.http_config {
            check_client(http, node, decoder)?;
        }
        let pairs: [(&str, bool, &PathBuf); 11] = [
            ("smtp_auth_password", self.smtp_auth_password.is_empty(), &self.smtp_auth_password_file),
            ("smtp_auth_secret", self.smtp_auth_secret.is_empty(), &self.smtp_auth_secret_file),
            ("slack_app_token", self.slack_app_token.is_empty(), &self.slack_app_token_file),
            ("slack_api_url", self.slack_api_url.is_empty(), &self.slack_api_url_file),
            ("opsgenie_api_key", self.opsgenie_api_key.is_empty(), &self.opsgenie_api_key_file),
            ("victorops_api_key", self.victorops_api_key.is_empty(), &self.victorops_api_key_file),
            ("telegram_bot_token", self.telegram_bot_token.is_empty(), &self.telegram_bot_token_file),
            ("wechat_api_secret", self.wechat_api_secret.is_empty(), &self.wechat_api_secret_file),
            ("rocketchat_token", self.rocketchat_token.is_empty(), &self.rocketchat_token_file),
            ("rocketchat_token_id", self.rocketchat_token_id.is_empty(), &self.rocketchat_token_id_file),
            (
                "mattermost_webhook_url",
                self.mattermost_webhook_url.is_empty(),
                &self.mattermost_webhook_url_file,
            ),
        ];
        for (key, absent, file) in pairs {
            one_of(key, absent, file, node, decoder)?;
        }
        let has_token = !self.slack_app_token.is_empty() || !self.slack_app_token_file.is_zero();
        let other_url =
            !self.slack_api_url.is_empty() && self.slack_api_url.expose() != self.slack_app_url.expose();
        if has_token && (other_url || !self.slack_api_url_file.is_zero()) {
            let message = "at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured";
            return Err(decoder.invalid_key(node, "slack_app_token", message));
        }
        for url in [&mut self.opsgenie_api_url, &mut self.wechat_api_url, &mut self.victorops_api_url] {
            end_with_slash(url);
        }
        Ok(())
    }
}

/// Refuses a value that is given twice: as it is, and in a file.
pub(super) fn one_of(
    key: &str,
    absent: bool,
    file: &PathBuf,
    node: &Node,
    decoder: &Decoder,
) -> Result<(), Invalid> {
    if absent || file.is_zero() {
        return Ok(());
    }
    let message = format!("at most one of {key} & {key}_file must be configured");
    Err(decoder.invalid_key(node, &format!("{key}_file"), message))
}

/// What is put before a path ends with a slash.
pub(super) fn end_with_slash(url: &mut PrefixUrl) {
    if !url.is_empty() && !url.expose().ends_with('/') {
        *url = format!("{}/", url.expose()).as_str().into();
    }
}

/// Checks the section of an HTTP client, which stands under the key `http_config` of `node`.
pub(super) fn check_client(
    http: &mut HttpClientConfig,
    node: &Node,
    decoder: &mut Decoder,
) -> Result<(), Invalid> {
    let own = node.get("http_config").cloned();
    // The client's own section was checked when it was read; what needs a secret manager is refused here.
    let references = [
        http.basic_auth
            .as_ref()
            .is_some_and(|auth| !auth.username_ref.is_empty() || !auth.password_ref.is_empty()),
        http.authorization.as_ref().is_some_and(|auth| !auth.credentials_ref.is_empty()),
        http.oauth2.as_ref().is_some_and(|oauth2| !oauth2.client_secret_ref.is_empty()),
    ];
    if references.contains(&true) {
        let node = own.as_deref().unwrap_or(node);
        return Err(Box::new(decoder.problem(node, "there is no secret manager that a reference could ask")));
    }
    Ok(())
}
