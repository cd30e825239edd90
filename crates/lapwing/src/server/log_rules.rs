//! Rules over logs: those of `log_rule_files`, and those that lie where Loki's ruler has them, a folder a tenant.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use config::loki::{Config, RulerConfig};
use config::prometheus::Loaded;
use model::{Labels, LabelsBuilder};
use platform::FileSystem;
use platform::real::RealFileSystem;
use rules::{Dialect, GroupSettings, Surroundings};

use crate::cli::server_options::{ServerOptions, path_of};
use crate::rules::{GroupDefaults, groups, load_over_logs};

/// Groups over logs, and what surrounds them.
pub(super) struct LogRules {
    pub(super) groups: Vec<GroupSettings>,
    pub(super) surroundings: Surroundings,
}

/// Reads the rules over logs that the configuration names; `around` is what surrounds the other rules.
///
/// # Errors
/// All that is wrong with the files of `log_rule_files`.
pub(super) fn settings(
    options: &ServerOptions,
    loaded: &Loaded,
    around: &Surroundings,
) -> Result<LogRules, String> {
    let global = &loaded.config.global;
    let patterns: Vec<&str> = loaded.config.log_rule_files.iter().map(|pattern| pattern.as_str()).collect();
    let files = load_over_logs(&patterns, &RealFileSystem)?;
    let defaults =
        GroupDefaults { interval: global.evaluation_interval, query_offset: global.rule_query_offset };
    let mut all = of_tenant(groups(&files, defaults), api::SINGLE_TENANT);
    let Some(file) = &options.loki_file else {
        return Ok(LogRules { groups: all, surroundings: around.clone() });
    };
    let config = super::logs::load(std::slice::from_ref(file), false, |_| {})?.config;
    all.extend(of_ruler(&config, &RealFileSystem));
    Ok(LogRules { groups: all, surroundings: surroundings(&config.ruler, around) })
}

/// The groups of the folders of tenants. A file that cannot be used is passed over, as the ruler does.
fn of_ruler(config: &Config, files: &dyn FileSystem) -> Vec<GroupSettings> {
    let Some(folder) = config.folders().rules else { return Vec::new() };
    let ruler = &config.ruler;
    let defaults = GroupDefaults { interval: ruler.evaluation_interval.0, query_offset: Duration::ZERO };
    // There may be no such folder, which is no mistake.
    let mut tenants = files.list(&folder).unwrap_or_default();
    tenants.sort_by(|a, b| a.name.cmp(&b.name));
    let mut all = Vec::new();
    for tenant in tenants.iter().filter(|entry| is_evaluated(ruler, &entry.name)) {
        for path in rule_files(files, &folder.join(&tenant.name)) {
            match load_over_logs(&[&path], files) {
                Ok(loaded) => all.extend(of_tenant(groups(&loaded, defaults), &tenant.name)),
                Err(error) => tracing::error!(error, "a file of rules over logs is passed over"),
            }
        }
    }
    if !all.is_empty() && !ruler.alertmanager_url.0.is_empty() {
        tracing::warn!("ruler.alertmanager_url does nothing: alerts over logs go where all others go");
    }
    all
}

fn is_evaluated(ruler: &RulerConfig, tenant: &str) -> bool {
    let listed = |names: &[String]| names.iter().any(|name| name == tenant);
    let enabled = &ruler.enabled_tenants.0;
    (enabled.is_empty() || listed(enabled)) && !listed(&ruler.disabled_tenants.0)
}

/// The files in a folder, sorted, without those that are hidden.
fn rule_files(files: &dyn FileSystem, folder: &Path) -> Vec<String> {
    let mut entries = files.list(folder).unwrap_or_default();
    entries.retain(|entry| !entry.name.starts_with('.'));
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let paths = entries.iter().map(|entry| folder.join(&entry.name));
    let is_file = |path: &std::path::PathBuf| files.metadata(path).is_ok_and(|metadata| !metadata.is_dir);
    paths.filter(is_file).map(|path| path.display().to_string()).collect()
}

fn of_tenant(mut groups: Vec<GroupSettings>, tenant: &str) -> Vec<GroupSettings> {
    let tenant: Arc<str> = tenant.into();
    for group in &mut groups {
        group.dialect = Dialect::Logql { tenant: Arc::clone(&tenant) };
    }
    groups
}

/// What the block `ruler` says of the world, where it says something.
fn surroundings(ruler: &RulerConfig, around: &Surroundings) -> Surroundings {
    let mut own = around.clone();
    if !ruler.external_url.is_empty() {
        own.external_url = ruler.external_url.trim_end_matches('/').to_owned();
        own.path_prefix = path_of(&own.external_url).to_owned();
    }
    own.datasource_uid.clone_from(&ruler.datasource_uid);
    let mut labels = LabelsBuilder::new(std::mem::replace(&mut own.external_labels, Labels::empty()));
    for (name, value) in &ruler.external_labels {
        labels.set(name, value);
    }
    own.external_labels = labels.build();
    own
}
