//! The section `alerting`: where alerts are sent.

use std::time::Duration;

use super::{
    cloud::SigV4Config,
    discovery::DiscoveryConfigs,
    http_client::HttpClientConfig,
    item,
    relabel::{RelabelConfig, check_rules},
    target_group::check_addresses,
};
use crate::{
    decode::{Check, Decoder, Invalid, List, section},
    yaml::Node,
};
use model::name::ValidationScheme;

section! {
    /// Where alerts are sent.
    pub struct AlertingConfig as "config.plain" {
        /// Rules that the labels of alerts go through.
        alert_relabel_configs: List<RelabelConfig> = List::default() => ["alert_relabel_configs"];
        /// Who gets them.
        alertmanagers: List<AlertmanagerConfig> = List::default() => ["alertmanagers"];
    }
}

section! {
    /// A group of Alertmanagers.
    pub struct AlertmanagerConfig as "config.AlertmanagerConfig" {
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How requests are signed for Amazon.
        sigv4: Option<SigV4Config> = None => ["sigv4"];
        /// `http` or `https`.
        scheme: String = "http".into() => ["scheme"];
        /// What stands before the path.
        path_prefix: String = String::new() => ["path_prefix"];
        /// How long a request may take.
        timeout: Duration = Duration::from_secs(10) => ["timeout"];
        /// The version of the interface: `v2`.
        api_version: String = "v2".into() => ["api_version"];
        /// Rules that the labels of Alertmanagers go through.
        relabel_configs: List<RelabelConfig> = List::default() => ["relabel_configs"];
        /// Rules that the labels of alerts for this group go through.
        alert_relabel_configs: List<RelabelConfig> = List::default() => ["alert_relabel_configs"];
        /// Where the Alertmanagers are found.
        discovery: DiscoveryConfigs = DiscoveryConfigs::default() => [inline];
    }
}

impl Check for AlertingConfig {
    fn check(&mut self, _node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        self.alert_relabel_configs.refuse_null(
            decoder,
            "alert_relabel_configs",
            "empty or null alert relabeling rule",
        )?;
        self.alertmanagers.refuse_null(decoder, "alertmanagers", "empty or null section in alertmanagers")
    }
}

impl Check for AlertmanagerConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        self.discovery.check(node, decoder)?;
        self.http.check(node, decoder)?;
        if self.sigv4.is_some() && self.http.authentication().next().is_some() {
            let message = "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured";
            return Err(decoder.invalid_key(node, "sigv4", message));
        }
        // With rules, an address is what they make of it.
        if self.relabel_configs.is_empty() {
            check_addresses(&self.discovery.fixed, node, decoder)?;
        }
        let message = "empty or null Alertmanager target relabeling rule";
        self.relabel_configs.refuse_null(decoder, "relabel_configs", message)?;
        let message = "empty or null Alertmanager alert relabeling rule";
        self.alert_relabel_configs.refuse_null(decoder, "alert_relabel_configs", message)?;
        if self.api_version != "v2" {
            let message =
                format!("expected Alertmanager api version to be one of [v2] but got {}", self.api_version);
            return Err(decoder.invalid_key(node, "api_version", message));
        }
        Ok(())
    }
}

impl AlertingConfig {
    /// Checks what depends on which names are valid; `node` is the section's.
    pub(crate) fn check_names(
        &self,
        names: ValidationScheme,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        check_rules(&self.alert_relabel_configs, names, decoder, node, "alert_relabel_configs")?;
        for (index, alertmanager) in self.alertmanagers.iter().enumerate() {
            let node = item(node, "alertmanagers", index);
            check_rules(&alertmanager.relabel_configs, names, decoder, node, "relabel_configs")?;
            check_rules(&alertmanager.alert_relabel_configs, names, decoder, node, "alert_relabel_configs")?;
        }
        Ok(())
    }
}
