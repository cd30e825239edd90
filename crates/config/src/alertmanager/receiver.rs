//! Receivers, and what all kinds of integration have alike.

use std::collections::BTreeMap;
use std::path::Path;

use notify::integration::{
    Discord, Email, IncidentIo, Jira, Mattermost, MsTeams, MsTeamsV2, OpsGenie, PagerDuty, Pushover,
    RocketChat, Slack, Sns, Telegram, VictorOps, WeChat, Webex, Webhook,
};

use super::global::{GlobalConfig, check_client};
use crate::{
    decode::{Check, Decoder, Field, Invalid, List, Section, section},
    prometheus::HttpClientConfig,
    yaml::{Node, Yaml},
};

/// One way to notify: the settings of its kind, and what every kind has.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration<T> {
    /// Whether it is told that alerts are over.
    pub send_resolved: bool,
    /// How requests are sent; that of `global` unless given.
    pub http_config: Option<HttpClientConfig>,
    /// How the connection to the mail server is secured.
    pub tls_config: Option<crate::prometheus::TlsConfig>,
    /// What its kind needs.
    pub settings: T,
}

/// A kind of integration.
pub(super) trait Kind: Section + Check + Clone + PartialEq + std::fmt::Debug {
    /// Whether it is told that alerts are over, unless it says otherwise.
    const SEND_RESOLVED: bool = true;
    /// Whether it speaks HTTP.
    const SPEAKS_HTTP: bool = true;

    /// Looks at the settings by themselves.
    fn look(
        &mut self,
        _http: Option<&HttpClientConfig>,
        _node: &Node,
        _decoder: &mut Decoder,
    ) -> Result<(), Invalid> {
        Ok(())
    }

    /// Fills in what `global` gives.
    fn complete(&mut self, _global: &GlobalConfig, _node: &Node, _decoder: &Decoder) -> Result<(), Invalid> {
        Ok(())
    }
}

impl<T: Kind> Default for Integration<T> {
    fn default() -> Self {
        Integration {
            send_resolved: T::SEND_RESOLVED,
            http_config: None,
            tls_config: None,
            settings: T::default(),
        }
    }
}

impl<T: Kind> Section for Integration<T> {
    const TYPE: &'static str = T::TYPE;

    fn zero_section() -> Self {
        Integration { send_resolved: false, http_config: None, tls_config: None, settings: T::zero_section() }
    }

    fn keys() -> Vec<&'static str> {
        let mut keys = vec!["send_resolved", if T::SPEAKS_HTTP { "http_config" } else { "tls_config" }];
        keys.extend(T::keys());
        keys
    }

    fn decode_key(&mut self, key: &str, node: &Node, decoder: &mut Decoder) -> Result<Option<bool>, Invalid> {
        match key {
            "send_resolved" if node.is_null() => self.send_resolved = false,
            "send_resolved" => return self.send_resolved.decode(node, decoder).map(Some),
            "http_config" | "tls_config" if node.is_null() && T::keys().is_empty() => {}
            "http_config" if T::SPEAKS_HTTP && !node.is_null() => {
                return self.http_config.decode(node, decoder).map(Some);
            }
            "http_config" if T::SPEAKS_HTTP => self.http_config = None,
            "tls_config" if !T::SPEAKS_HTTP && !node.is_null() => {
                return self.tls_config.decode(node, decoder).map(Some);
            }
            "tls_config" if !T::SPEAKS_HTTP => self.tls_config = None,
            _ => return self.settings.decode_key(key, node, decoder),
        }
        Ok(Some(true))
    }

    fn encode_keys(&self, entries: &mut Vec<(String, Yaml)>) {
        entries.push(("send_resolved".into(), self.send_resolved.encode()));
        if let Some(http) = &self.http_config {
            entries.push(("http_config".into(), http.encode()));
        }
        self.settings.encode_keys(entries);
        if let Some(tls) = &self.tls_config {
            entries.push(("tls_config".into(), tls.encode()));
        }
    }

    fn is_zero_section(&self) -> bool {
        !self.send_resolved && self.http_config.is_none() && self.settings.is_zero_section()
    }

    fn join_folder_section(&mut self, folder: &Path) {
        self.http_config.join_folder(folder);
        self.tls_config.join_folder(folder);
        self.settings.join_folder_section(folder);
    }
}

impl<T: Kind> Check for Integration<T> {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if let Some(http) = &mut self.http_config {
            check_client(http, node, decoder)?;
        }
        self.settings.look(self.http_config.as_ref(), node, decoder)
    }

    fn take_unknown(&mut self, key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        self.settings.take_unknown(key, node, decoder)
    }
}

/// Runs `$work` for each list of integrations: its key and the list.
macro_rules! for_each_kind {
    ($receiver:expr, |$key:ident, $list:ident| $work:expr) => {{
        for_each_kind!(@ $receiver, $key, $list, $work,
            discord_configs, email_configs, incidentio_configs, pagerduty_configs, slack_configs, webhook_configs,
            opsgenie_configs, wechat_configs, pushover_configs, victorops_configs, sns_configs, telegram_configs,
            webex_configs, msteams_configs, msteamsv2_configs, jira_configs, rocketchat_configs, mattermost_configs)
    }};
    (@ $receiver:expr, $key:ident, $list:ident, $work:expr, $($field:ident),*) => {{
        $({
            let $key = stringify!($field);
            let $list = &mut $receiver.$field;
            $work
        })*
    }};
}

section! {
    /// A receiver: a name, and whom or what it notifies.
    pub struct ReceiverConfig as "config.plain" {
        /// The name.
        name: String = String::new() => ["name", always];
        /// Labels of the receiver itself; its name is one of them.
        labels: BTreeMap<String, String> = BTreeMap::new() => ["labels"];
        /// Discord.
        discord_configs: List<Integration<Discord>> = List::default() => ["discord_configs"];
        /// Mail.
        email_configs: List<Integration<Email>> = List::default() => ["email_configs"];
        /// incident.io.
        incidentio_configs: List<Integration<IncidentIo>> = List::default() => ["incidentio_configs"];
        /// PagerDuty.
        pagerduty_configs: List<Integration<PagerDuty>> = List::default() => ["pagerduty_configs"];
        /// Slack.
        slack_configs: List<Integration<Slack>> = List::default() => ["slack_configs"];
        /// Webhooks.
        webhook_configs: List<Integration<Webhook>> = List::default() => ["webhook_configs"];
        /// OpsGenie.
        opsgenie_configs: List<Integration<OpsGenie>> = List::default() => ["opsgenie_configs"];
        /// WeCom.
        wechat_configs: List<Integration<WeChat>> = List::default() => ["wechat_configs"];
        /// Pushover.
        pushover_configs: List<Integration<Pushover>> = List::default() => ["pushover_configs"];
        /// VictorOps.
        victorops_configs: List<Integration<VictorOps>> = List::default() => ["victorops_configs"];
        /// Amazon SNS.
        sns_configs: List<Integration<Sns>> = List::default() => ["sns_configs"];
        /// Telegram.
        telegram_configs: List<Integration<Telegram>> = List::default() => ["telegram_configs"];
        /// Webex.
        webex_configs: List<Integration<Webex>> = List::default() => ["webex_configs"];
        /// Microsoft Teams by connectors.
        msteams_configs: List<Integration<MsTeams>> = List::default() => ["msteams_configs"];
        /// Microsoft Teams by workflows.
        msteamsv2_configs: List<Integration<MsTeamsV2>> = List::default() => ["msteamsv2_configs"];
        /// Jira.
        jira_configs: List<Integration<Jira>> = List::default() => ["jira_configs"];
        /// Rocket.Chat.
        rocketchat_configs: List<Integration<RocketChat>> = List::default() => ["rocketchat_configs"];
        /// Mattermost.
        mattermost_configs: List<Integration<Mattermost>> = List::default() => ["mattermost_configs"];
    }
}

impl Check for ReceiverConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.name.is_empty() {
            return Err(decoder.invalid_key(node, "name", "missing name in receiver"));
        }
        for_each_kind!(self, |key, list| list.refuse_null(decoder, key, "empty or null receiver config")?);
        let name = self.labels.entry("name".into()).or_insert_with(|| self.name.clone());
        if *name != self.name {
            return Err(decoder.invalid_key(
                node,
                "labels",
                "the label name must be the name of the receiver",
            ));
        }
        Ok(())
    }
}

impl ReceiverConfig {
    /// Fills in what `global` gives.
    pub(super) fn complete(
        &mut self,
        global: &GlobalConfig,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        for_each_kind!(self, |key, list| complete(list, key, global, node, decoder)?);
        Ok(())
    }
}

fn complete<T: Kind>(
    list: &mut List<Integration<T>>,
    key: &str,
    global: &GlobalConfig,
    node: &Node,
    decoder: &Decoder,
) -> Result<(), Invalid> {
    for (index, integration) in list.iter_mut().enumerate() {
        if T::SPEAKS_HTTP && integration.http_config.is_none() {
            integration.http_config.clone_from(&global.http_config);
        }
        if !T::SPEAKS_HTTP && integration.tls_config.is_none() {
            integration.tls_config.clone_from(&global.smtp_tls_config);
        }
        integration.settings.complete(global, crate::prometheus::item(node, key, index), decoder)?;
    }
    Ok(())
}
