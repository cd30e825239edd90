//! Who gets alerts.

use config::prometheus::{AlertmanagerConfig, Loaded};
use model::Labels;
use model::name::ValidationScheme;
use notify::{AlertmanagerSettings, Settings};

use super::scrape::rules;

/// Settings of all Alertmanagers; those that ask for a signature that cannot be made yet have none.
///
/// # Errors
/// What cannot be used, with the place of the group.
pub(crate) fn settings(loaded: &Loaded) -> Result<Settings, String> {
    let config = &loaded.config;
    let names = config.global.names();
    let mut groups = Vec::new();
    for (index, entry) in config.alerting.alertmanagers.iter().enumerate() {
        if entry.sigv4.is_none() {
            let made = group(index, entry, names);
            groups.push(made.map_err(|error| format!("alerting.alertmanagers[{index}]: {error}"))?);
        }
    }
    Ok(Settings {
        external_labels: Labels::from_pairs(&config.global.external_labels),
        alert_relabel: rules(&config.alerting.alert_relabel_configs, names),
        groups,
    })
}

fn group(
    index: usize,
    entry: &AlertmanagerConfig,
    names: ValidationScheme,
) -> Result<AlertmanagerSettings, String> {
    Ok(AlertmanagerSettings {
        name: format!("config-{index}"),
        scheme: entry.scheme.clone(),
        path_prefix: entry.path_prefix.clone(),
        timeout: entry.timeout,
        client: super::http::settings(&entry.http)?,
        relabel: rules(&entry.relabel_configs, names),
        alert_relabel: rules(&entry.alert_relabel_configs, names),
        discoveries: super::discovery::settings(&entry.discovery)?,
    })
}
