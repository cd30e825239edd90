//! What Loki's file says, as the settings of those who do it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::{BlockedPattern, BlockedQuery, LokiSettings, ReadLimits};
use config::loki::{Config, LimitsConfig, RuntimeConfig};
use platform::FileSystem;
use platform::real::RealFileSystem;
use serde_json::{Value, json};

/// The largest file of overrides.
const OVERRIDES_BYTES_MAX: u64 = 64 << 20;

/// A configuration and what follows from it.
pub(crate) struct Configured {
    pub(crate) config: Config,
    pub(crate) settings: LokiSettings,
}

/// The values of variables of the environment.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads a configuration: the first file that exists, or the defaults of a server that has other things to do too.
///
/// # Errors
/// A file that cannot be used.
pub(crate) fn load(
    files: &[PathBuf],
    expand_env: bool,
    adjust: impl FnOnce(&mut Config),
) -> Result<Configured, String> {
    let mut config = match files {
        [] => Config { auth_enabled: false, ..Config::default() },
        [first, ..] => {
            let exists = |path: &&PathBuf| RealFileSystem.metadata(path).is_ok();
            let path = files.iter().find(exists).unwrap_or(first);
            let variable = |name: &str| std::env::var(name).ok();
            let environment: Option<Variables<'_>> = if expand_env { Some(&variable) } else { None };
            let loaded = Config::load(path, &RealFileSystem, environment).map_err(|error| error.explain())?;
            for warning in &loaded.warnings {
                tracing::warn!(file = %path.display(), "{warning}");
            }
            loaded.config
        }
    };
    adjust(&mut config);
    let overrides = overrides(&config)?;
    let settings = settings(&config, &overrides);
    Ok(Configured { config, settings })
}

/// The limits of single tenants, where there is a file of them.
fn overrides(config: &Config) -> Result<RuntimeConfig, String> {
    let old = &config.limits_config.per_tenant_override_config;
    let named = config.runtime_config.file.0.iter().map(String::as_str).find(|name| !name.is_empty());
    let Some(path) = named.or(Some(old.as_str()).filter(|name| !name.is_empty())) else {
        return Ok(RuntimeConfig::default());
    };
    let path = Path::new(path);
    let bytes = RealFileSystem.read(path, OVERRIDES_BYTES_MAX);
    let bytes = bytes.map_err(|error| format!("open {}: {error}", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    RuntimeConfig::load_text(&text, path, &config.limits_config).map_err(|error| error.explain())
}

fn settings(config: &Config, overrides: &RuntimeConfig) -> LokiSettings {
    let (body_bytes_max, decoded_bytes_max) = config.body_bytes_max();
    let read = |limits: &LimitsConfig| Arc::new(read_limits(config, limits));
    let push = |limits: &LimitsConfig| Arc::new(config.intake_limits(limits));
    let of_tenants = &overrides.overrides;
    LokiSettings {
        auth_enabled: config.auth_enabled,
        multi_tenant_reads: config.querier.multi_tenant_queries_enabled,
        patterns_enabled: config.pattern_ingester.enabled,
        deletes_enabled: config.compactor.retention_enabled,
        delete_cancel_period: config.compactor.delete_request_cancel_period.0,
        tail_duration_max: config.querier.tail_max_duration.0,
        rules_folder: config.folders().rules,
        body_bytes_max,
        decoded_bytes_max,
        config: config.to_yaml(),
        config_defaults: Config::default().to_yaml(),
        limits: read(&config.limits_config),
        overrides: of_tenants.iter().map(|(name, limits)| (name.clone(), read(limits))).collect(),
        push_limits: push(&config.limits_config),
        push_overrides: of_tenants
            .iter()
            .map(|(name, limits)| (name.clone(), push(limits)))
            .collect::<BTreeMap<_, _>>(),
    }
}

fn read_limits(config: &Config, limits: &LimitsConfig) -> ReadLimits {
    ReadLimits {
        entries_max: limits.max_entries_limit_per_query,
        series_max: limits.max_query_series,
        length_max: limits.max_query_length.on(),
        lookback_max: limits.max_query_lookback.on(),
        range_max: limits.max_query_range.on(),
        timeout: limits.query_timeout.0,
        bytes_max: limits.max_query_bytes_read.0,
        matchers_max: limits.max_streams_matchers_per_query,
        tails_max: limits.max_concurrent_tail_requests,
        aligns_steps: config.query_range.align_queries_with_step
            || limits.split_queries_by_interval.on().is_some(),
        required_labels: limits.required_labels.clone(),
        matchers_min: limits.minimum_labels_number,
        volume_enabled: limits.volume_enabled,
        volume_series_max: limits.volume_max_series,
        blocked: limits.blocked_queries.iter().filter_map(blocked).collect(),
        strict_selectors: false,
        deletion_mode: limits.deletion_mode.clone(),
        published: published(limits),
        shown: String::new(),
    }
}

fn blocked(rule: &config::loki::BlockedQuery) -> Option<BlockedQuery> {
    let pattern = match (rule.pattern.as_str(), rule.regex) {
        ("", _) => BlockedPattern::Any,
        (text, false) => BlockedPattern::Text(text.to_owned()),
        (text, true) => match go_regex::Regex::new(text) {
            Ok(regex) => BlockedPattern::Regex(regex),
            Err(error) => {
                tracing::warn!(%error, pattern = text, "a rule for blocked queries is passed over");
                return None;
            }
        },
    };
    let hash = u32::try_from(rule.hash).unwrap_or_default();
    Some(BlockedQuery { pattern, hash, kinds: rule.types.0.clone() })
}

/// What Grafana's application for logs reads of the limits.
fn published(limits: &LimitsConfig) -> Value {
    let shown = |span: config::loki::Span| model::duration::format_duration(span.0);
    json!({
        "discover_log_levels": limits.discover_log_levels,
        "discover_service_name": limits.discover_service_name.0,
        "log_level_fields": limits.log_level_fields.0,
        "max_entries_limit_per_query": limits.max_entries_limit_per_query,
        "max_line_size_truncate": limits.cuts_lines(),
        "max_query_bytes_read": limits.max_query_bytes_read.0.to_string(),
        "max_query_length": shown(limits.max_query_length),
        "max_query_lookback": shown(limits.max_query_lookback),
        "max_query_range": shown(limits.max_query_range),
        "max_query_series": limits.max_query_series,
        "metric_aggregation_enabled": false,
        "otlp_config": {},
        "pattern_persistence_enabled": false,
        "query_timeout": shown(limits.query_timeout),
        "retention_period": shown(limits.retention_period),
        "retention_stream": [],
        "volume_enabled": limits.volume_enabled,
        "volume_max_series": limits.volume_max_series,
    })
}
