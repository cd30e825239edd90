//! What `alertmanager.yml` says, as the settings of those who do it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use config::alertmanager::{Config, Integration as Configured, Loaded, ReceiverConfig};
use http_client::TlsSettings;
use md5::{Digest, Md5};
use notify::integration::Integration;
use notify::templates::TemplateSet;
use notify::{ReceiverIntegration, RunnerSettings};
use platform::FileSystem;
use platform::real::RealFileSystem;

use crate::server::settings::http;

/// The largest template that is read.
const TEMPLATE_BYTES_MAX: u64 = 16 << 20;

/// The settings of a configuration.
///
/// # Errors
/// A template or a receiver cannot be used.
pub(super) fn settings(loaded: &Loaded) -> Result<RunnerSettings, String> {
    let config = &loaded.config;
    let routes = config.routes();
    // Receivers that no route names are looked at and not made.
    let used: HashSet<String> = routes.iter().map(|placed| placed.route.receiver.clone()).collect();
    let mut receivers = Vec::new();
    for receiver in config.receivers.iter().filter(|receiver| used.contains(&receiver.name)) {
        let integrations =
            integrations(receiver, config).map_err(|error| format!("{}: {error}", receiver.name))?;
        receivers.push((receiver.name.clone(), integrations));
    }
    Ok(RunnerSettings {
        dispatch: alerting::Settings {
            routes,
            inhibit_rules: config.inhibit_rules.iter().map(|rule| rule.rule()).collect(),
            intervals: config.intervals(),
            receivers: HashMap::new(),
            resolve_timeout: config.global().resolve_timeout,
        },
        receivers,
        templates: Arc::new(templates(config)?),
        hash: hash(&loaded.text),
    })
}

fn templates(config: &Config) -> Result<TemplateSet, String> {
    let mut texts = Vec::new();
    for path in config.template_files(&RealFileSystem).map_err(|error| error.to_string())? {
        let bytes = RealFileSystem.read(&path, TEMPLATE_BYTES_MAX);
        let bytes = bytes.map_err(|error| format!("open {}: {error}", path.display()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    TemplateSet::new(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        .map_err(|error| format!("failed to parse templates: {error}"))
}

/// The first 48 bits of the text's MD5, the first byte being the least.
fn hash(text: &str) -> u64 {
    let digest = Md5::digest(text.as_bytes());
    digest.iter().take(6).rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// All integrations of a receiver in the order in which the original makes them.
fn integrations(receiver: &ReceiverConfig, config: &Config) -> Result<Vec<ReceiverIntegration>, String> {
    let mut all = Vec::new();
    add(&mut all, &receiver.webhook_configs, Integration::Webhook)?;
    add(&mut all, &receiver.email_configs, |email| Integration::Email(Box::new(email)))?;
    add(&mut all, &receiver.pagerduty_configs, |one| Integration::PagerDuty(Box::new(one)))?;
    add(&mut all, &receiver.opsgenie_configs, |one| Integration::OpsGenie(Box::new(one)))?;
    add(&mut all, &receiver.wechat_configs, |one| Integration::WeChat(Box::new(one)))?;
    add(&mut all, &receiver.slack_configs, |one| Integration::Slack(Box::new(one)))?;
    add(&mut all, &receiver.victorops_configs, |one| Integration::VictorOps(Box::new(one)))?;
    add(&mut all, &receiver.pushover_configs, |one| Integration::Pushover(Box::new(one)))?;
    add(&mut all, &receiver.sns_configs, |one| Integration::Sns(Box::new(one)))?;
    add(&mut all, &receiver.telegram_configs, |one| Integration::Telegram(Box::new(one)))?;
    add(&mut all, &receiver.discord_configs, |one| Integration::Discord(Box::new(one)))?;
    add(&mut all, &receiver.webex_configs, Integration::Webex)?;
    add(&mut all, &receiver.msteams_configs, |one| Integration::MsTeams(Box::new(one)))?;
    let mut workflows = receiver.msteamsv2_configs.to_vec();
    let global = config.global().http_config;
    for http in workflows.iter_mut().filter_map(|one| one.http_config.as_mut()) {
        // The one place where a receiver's client takes something from the global one.
        if let Some(global) = global.as_ref().filter(|_| http.proxy.proxy_url.is_empty()) {
            http.proxy.proxy_url = global.proxy.proxy_url.clone();
        }
    }
    add(&mut all, &workflows, |one| Integration::MsTeamsV2(Box::new(one)))?;
    add(&mut all, &receiver.jira_configs, |one| Integration::Jira(Box::new(one)))?;
    add(&mut all, &receiver.incidentio_configs, |one| Integration::IncidentIo(Box::new(one)))?;
    add(&mut all, &receiver.rocketchat_configs, |one| Integration::RocketChat(Box::new(one)))?;
    add(&mut all, &receiver.mattermost_configs, |one| Integration::Mattermost(Box::new(one)))?;
    Ok(all)
}

fn add<T: Clone>(
    all: &mut Vec<ReceiverIntegration>,
    list: &[Configured<T>],
    wrap: impl Fn(T) -> Integration,
) -> Result<(), String> {
    for one in list {
        let client = one.http_config.clone().unwrap_or_default();
        all.push(ReceiverIntegration {
            integration: wrap(one.settings.clone()),
            send_resolved: one.send_resolved,
            client: http::settings(&client)?,
            tls: one.tls_config.as_ref().map_or_else(TlsSettings::default, http::tls),
        });
    }
    Ok(())
}
