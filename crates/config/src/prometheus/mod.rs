//! `prometheus.yml`: its sections, and how a file becomes a checked [`Config`].
//!
//! A section is a table of its keys with their defaults (see `decode::section`); it is decoded, checked by itself,
//! and then filled in with what it leaves to `global`. One file for each section.

mod alerting;
mod cloud;
pub mod discovery;
mod environment;
mod global;
mod http_client;
mod load;
mod otlp;
mod relabel;
mod remote;
mod scrape_config;
mod scrape_protocol;
mod storage;
mod target_group;
#[cfg(test)]
mod tests;
mod tracing;

pub use alerting::{AlertingConfig, AlertmanagerConfig};
pub use cloud::{
    AzureAdConfig, AzureCertificate, AzureOAuth, AzureSdk, GoogleIamConfig, ManagedIdentity, SigV4Config,
    WorkloadIdentity,
};
pub use discovery::{
    ConsulSdConfig, DiscoveryConfigs, DnsSdConfig, DockerSdConfig, DockerSwarmSdConfig,
    Filter as DockerFilter, KubernetesSdConfig,
};
pub use global::{GlobalConfig, RuntimeConfig};
pub use http_client::{
    Authorization, BasicAuth, Header, HttpClientConfig, OAuth2, ProxyConfig, TlsConfig, TlsVersion,
};
pub use load::{Features, Loaded, Mode, Source};
pub use otlp::{OtlpConfig, TranslationStrategy};
pub use relabel::{RelabelAction, RelabelConfig, RelabelRegex};
pub use remote::{MetadataConfig, QueueConfig, RemoteReadConfig, RemoteWriteConfig};
pub use scrape_config::ScrapeConfig;
pub use scrape_protocol::ScrapeProtocols;
pub use storage::{ChunkEncodingConfig, ExemplarsConfig, RetentionConfig, StorageConfig, TsdbConfig};
pub use target_group::TargetGroup;
pub use tracing::TracingConfig;

use std::collections::HashSet;

use crate::{
    decode::{Check, Decoder, Field, Invalid, List, section},
    values::FilePath,
    yaml::Node,
};

section! {
    /// A whole `prometheus.yml`.
    pub struct Config as "config.plain" {
        /// What holds for all, and the defaults of scrape configurations.
        global: GlobalConfig = GlobalConfig::absent() => ["global", always];
        /// Settings of the original's runtime.
        runtime: RuntimeConfig = RuntimeConfig::default().filled() => ["runtime"];
        /// Where alerts are sent.
        alerting: AlertingConfig = AlertingConfig::default() => ["alerting"];
        /// Files of rules; names may be patterns.
        rule_files: Vec<FilePath> = Vec::new() => ["rule_files"];
        /// Files of rules over logs, in LogQL; names may be patterns. The original has no such key.
        log_rule_files: Vec<FilePath> = Vec::new() => ["log_rule_files"];
        /// Files of further scrape configurations; names may be patterns.
        scrape_config_files: Vec<FilePath> = Vec::new() => ["scrape_config_files"];
        /// What is scraped.
        scrape_configs: List<ScrapeConfig> = List::default() => ["scrape_configs"];
        /// What of the store can change while it runs.
        storage: StorageConfig = StorageConfig::default() => ["storage"];
        /// Where traces of the server itself go.
        tracing: TracingConfig = TracingConfig::zero() => ["tracing"];
        /// Stores that samples are sent to.
        remote_write: List<RemoteWriteConfig> = List::default() => ["remote_write"];
        /// Stores that samples are read from.
        remote_read: List<RemoteReadConfig> = List::default() => ["remote_read"];
        /// How metrics of OpenTelemetry become samples.
        otlp: OtlpConfig = OtlpConfig::default() => ["otlp"];
    }
}

impl Check for Config {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.global.is_zero() {
            self.global = GlobalConfig::absent();
        }
        self.runtime = std::mem::replace(&mut self.runtime, RuntimeConfig::zero()).filled();
        check_patterns(&self.rule_files, "rule_files", "rule", node, decoder)?;
        check_patterns(&self.log_rule_files, "log_rule_files", "rule", node, decoder)?;
        check_patterns(&self.scrape_config_files, "scrape_config_files", "scrape config", node, decoder)?;
        self.scrape_configs.refuse_null(decoder, "scrape_configs", "empty or null scrape config section")?;
        for (index, job) in self.scrape_configs.iter_mut().enumerate() {
            let (key, node) = (format!("scrape_configs[{index}]"), item(node, "scrape_configs", index));
            decoder.under(key, |decoder| job.fill_in(&self.global, node, decoder))?;
        }
        self.check_job_names(node, decoder)?;
        self.remote_write.refuse_null(
            decoder,
            "remote_write",
            "empty or null remote write config section",
        )?;
        self.check_remote_names(node, decoder)?;
        self.remote_read.refuse_null(decoder, "remote_read", "empty or null remote read config section")?;
        let names = self.global.names();
        let section = |key: &str| node.get(key).map_or(node, |section| section);
        decoder.under("alerting".into(), |decoder| {
            self.alerting.check_names(names, section("alerting"), decoder)
        })?;
        for (index, settings) in self.remote_write.iter().enumerate() {
            let (key, node) = (format!("remote_write[{index}]"), item(node, "remote_write", index));
            decoder.under(key, |decoder| settings.check_names(names, node, decoder))?;
        }
        decoder.under("otlp".into(), |decoder| self.otlp.check_names(names, section("otlp"), decoder))?;
        Ok(())
    }
}

/// Checks that patterns of file names have their stars in the last part alone.
fn check_patterns(
    files: &[FilePath],
    key: &str,
    word: &str,
    node: &Node,
    decoder: &Decoder,
) -> Result<(), Invalid> {
    for file in files {
        let folder = file.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
        if folder.contains('*') {
            let message = format!("invalid {word} file path {}", model::quote::quote(file.as_str()));
            let problem = decoder.invalid_key(node, key, message);
            return Err(Box::new(problem.expected("stars in the last part of the name only")));
        }
    }
    Ok(())
}

/// The node of an item of the list under `key`; `node` itself where no such item is found.
pub(crate) fn item<'a>(node: &'a Node, key: &str, index: usize) -> &'a Node {
    let items = node.get(key).and_then(|list| list.sequence());
    items.and_then(|items| items.get(index)).map_or(node, |item| item)
}

/// The first name that stands before, and where it stands again.
fn first_double<'a>(names: impl Iterator<Item = &'a str>) -> Option<(usize, &'a str)> {
    let mut seen = HashSet::new();
    names.enumerate().find(|(_, name)| !name.is_empty() && !seen.insert(*name))
}

impl Config {
    fn check_job_names(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        let Some((index, name)) = first_double(self.scrape_configs.iter().map(|job| job.job_name.as_str()))
        else {
            return Ok(());
        };
        let message = format!("found multiple scrape configs with job name {}", model::quote::quote(name));
        Err(at_item(decoder, node, "scrape_configs", index, "job_name", message))
    }

    fn check_remote_names(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        let double = |key: &str, word: &str, (index, name): (usize, &str)| {
            let quoted = model::quote::quote(name);
            let message = format!("found multiple remote {word} configs with job name {quoted}");
            Err(at_item(decoder, node, key, index, "name", message))
        };
        if let Some(found) = first_double(self.remote_write.iter().map(|remote| remote.name.as_str())) {
            return double("remote_write", "write", found);
        }
        match first_double(self.remote_read.iter().map(|remote| remote.name.as_str())) {
            Some(found) => double("remote_read", "read", found),
            None => Ok(()),
        }
    }

    /// The configuration as the originals print it: defaults filled in, secrets masked.
    pub fn to_yaml(&self) -> String {
        self.encode().print()
    }
}

/// A problem with one key of one item of a list.
fn at_item(decoder: &Decoder, node: &Node, list: &str, index: usize, key: &str, message: String) -> Invalid {
    let mut problem = decoder.invalid_key(item(node, list, index), key, message);
    problem.key = format!("{list}[{index}].{key}");
    problem
}
