//! What Loki's file says, as the settings of those who do it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::{BlockedPattern, BlockedQuery, LokiSettings, ReadLimits};
use config::loki::{Config, LimitsConfig, RuntimeConfig};
use logstore::{DeleteMode, Retention, StreamRetention};
use platform::FileSystem;
use platform::real::RealFileSystem;
use serde_json::{Value, json};

use super::overrides::Texts;

/// The largest file of overrides.
const OVERRIDES_BYTES_MAX: u64 = 64 << 20;
/// What `shard_aggregations` names to have it answered.
const APPROX_TOPK: &str = "approx_topk";
/// It is not read more often.
const OVERRIDES_PERIOD_MIN: Duration = Duration::from_secs(1);

/// A configuration and what follows from it.
pub(crate) struct Configured {
    pub(crate) config: Config,
    pub(crate) settings: LokiSettings,
    pub(crate) store: StoreRules,
    /// The files of overrides, as they were read.
    pub(crate) texts: Texts,
    /// What is to be told once there is a log.
    pub(crate) warnings: Vec<String>,
}

impl Configured {
    /// A configuration with what its files of overrides say; of two that tell of one tenant the later one counts.
    ///
    /// # Errors
    /// A text that cannot be used.
    pub(super) fn new(config: Config, texts: Texts) -> Result<Self, String> {
        let mut overrides = RuntimeConfig::default();
        let mut warnings = Vec::new();
        for (path, text) in &texts {
            let of_file = RuntimeConfig::load_text(text, path, &config.limits_config);
            let of_file = of_file.map_err(|error| error.explain())?;
            warnings.extend(of_file.warnings.iter().map(|warning| format!("{}: {warning}", path.display())));
            overrides.overrides.extend(of_file.overrides);
        }
        let settings = settings(&config, &overrides);
        let store = StoreRules::new(&config, &overrides);
        warnings.extend(retention_warnings(&config, &overrides).into_iter().map(str::to_owned));
        Ok(Self { config, settings, store, texts, warnings })
    }

    /// Tells the log what of the file does not count.
    pub(crate) fn warn(&self) {
        for warning in &self.warnings {
            tracing::warn!("{warning}");
        }
    }
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
    let mut warnings = Vec::new();
    let mut config = match files {
        [] => without_file(),
        [first, ..] => {
            let exists = |path: &&PathBuf| RealFileSystem.metadata(path).is_ok();
            let path = files.iter().find(exists).unwrap_or(first);
            let variable = |name: &str| std::env::var(name).ok();
            let environment: Option<Variables<'_>> = if expand_env { Some(&variable) } else { None };
            let loaded = Config::load(path, &RealFileSystem, environment).map_err(|error| error.explain())?;
            let told = loaded.warnings.iter().map(|warning| format!("{}: {warning}", path.display()));
            warnings.extend(told);
            loaded.config
        }
    };
    adjust(&mut config);
    let texts = read_overrides(&overrides_files(&config))?;
    let mut configured = Configured::new(config, texts)?;
    warnings.append(&mut configured.warnings);
    configured.warnings = warnings;
    Ok(configured)
}

/// The configuration where no file of Loki's tells what its users expect: everything is on.
fn without_file() -> Config {
    let shard_aggregations = config::loki::Names::from(&[APPROX_TOPK][..]);
    let limits_config = LimitsConfig { shard_aggregations, ..LimitsConfig::default() };
    Config { auth_enabled: false, limits_config, ..Config::default() }
}

/// What the file says about how the store keeps entries.
#[derive(Debug)]
pub(crate) struct StoreRules {
    retention: Retention,
    tenant_retention: HashMap<String, Retention>,
    cancel_period: Duration,
    delete_mode: DeleteMode,
    tenant_delete_modes: HashMap<String, DeleteMode>,
}

impl StoreRules {
    fn new(config: &Config, overrides: &RuntimeConfig) -> Self {
        let delete_mode = |limits: &LimitsConfig| match limits.deletion_mode.as_str() {
            "disabled" => DeleteMode::Ignore,
            "filter-only" => DeleteMode::Hide,
            _ => DeleteMode::Remove,
        };
        let of_tenants = || overrides.overrides.iter();
        Self {
            retention: retention(config, &config.limits_config),
            tenant_retention: of_tenants()
                .map(|(name, limits)| (name.clone(), retention(config, limits)))
                .collect(),
            cancel_period: config.compactor.delete_request_cancel_period.0,
            delete_mode: delete_mode(&config.limits_config),
            tenant_delete_modes: of_tenants()
                .map(|(name, limits)| (name.clone(), delete_mode(limits)))
                .collect(),
        }
    }

    /// The settings of the store with these rules.
    pub(super) fn with(&self, base: &logstore::Settings) -> logstore::Settings {
        logstore::Settings {
            retention: self.retention.clone(),
            tenant_retention: self.tenant_retention.clone(),
            delete_cancel_period: self.cancel_period,
            delete_mode: self.delete_mode,
            tenant_delete_modes: self.tenant_delete_modes.clone(),
            ..base.clone()
        }
    }
}

/// What is said about retention and does not count, or counts in another way.
fn retention_warnings(config: &Config, overrides: &RuntimeConfig) -> Vec<&'static str> {
    let mut all = overrides.overrides.values().chain([&config.limits_config]);
    let has_period = all.any(|limits| {
        limits.retention_period.on().is_some() || limits.retention_stream.iter().next().is_some()
    });
    let mut warnings = Vec::new();
    if !config.compactor.retention_enabled && has_period {
        warnings.push("periods of retention in the limits do not count: compactor.retention_enabled is off");
    }
    match (config.table_manager.retention_deletes_enabled, config.compactor.retention_enabled) {
        (true, true) => warnings.push("table_manager does not count: compactor.retention_enabled is on"),
        (true, false) => warnings.push(
            "table_manager.retention_period counts for all tenants; it is old: better set compactor.retention_enabled and limits_config.retention_period",
        ),
        (false, _) => {}
    }
    warnings
}

/// How long the entries of a tenant are kept: its periods, and the delay of what removes them.
fn retention(config: &Config, limits: &LimitsConfig) -> Retention {
    let kept = config.retention(limits);
    let delay = match config.compactor.retention_enabled {
        true => config.compactor.retention_delete_delay.0,
        false => Duration::ZERO,
    };
    let delayed = |period: Option<Duration>| period.map(|period| period.saturating_add(delay));
    // The first that selects a stream counts, in the store the one of the highest priority.
    let rules = kept.streams.into_iter().zip(0i64..).map(|(rule, place)| StreamRetention {
        matchers: rule.matchers,
        priority: -place,
        period: delayed(rule.period),
    });
    Retention { period: delayed(kept.period), streams: rules.collect() }
}

/// The files of the limits of single tenants.
pub(super) fn overrides_files(config: &Config) -> Vec<PathBuf> {
    let named = |names: &[String]| -> Vec<PathBuf> {
        names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).map(PathBuf::from).collect()
    };
    let files = named(&config.runtime_config.file.0);
    match files.is_empty() {
        true => named(std::slice::from_ref(&config.limits_config.per_tenant_override_config)),
        false => files,
    }
}

/// How often they are read again.
pub(super) fn overrides_period(config: &Config) -> Duration {
    let is_named = config.runtime_config.file.0.iter().any(|name| !name.is_empty());
    let period = match is_named {
        true => config.runtime_config.period,
        false => config.limits_config.per_tenant_override_period,
    };
    period.0.max(OVERRIDES_PERIOD_MIN)
}

/// What stands in them.
///
/// # Errors
/// One cannot be read.
pub(super) fn read_overrides(files: &[PathBuf]) -> Result<Texts, String> {
    let read = |path: &PathBuf| {
        let bytes = RealFileSystem.read(path, OVERRIDES_BYTES_MAX);
        let bytes = bytes.map_err(|error| format!("open {}: {error}", path.display()))?;
        Ok((path.clone(), String::from_utf8_lossy(&bytes).into_owned()))
    };
    files.iter().map(read).collect()
}

fn settings(config: &Config, overrides: &RuntimeConfig) -> LokiSettings {
    let (body_bytes_max, decoded_bytes_max) = config.body_bytes_max();
    let read = |limits: &LimitsConfig| Arc::new(read_limits(config, limits));
    let push = |limits: &LimitsConfig| Arc::new(config.intake_limits(limits));
    let of_tenants = &overrides.overrides;
    LokiSettings {
        auth_enabled: config.auth_enabled,
        multi_tenant_reads: config.querier.multi_tenant_queries_enabled,
        per_request_limits: config.querier.per_request_limits_enabled,
        compresses: config.frontend.compress_responses,
        slow_query: config.frontend.log_queries_longer_than.on(),
        patterns_enabled: config.pattern_ingester.enabled,
        deletes_enabled: config.compactor.retention_enabled,
        delete_interval_max: config.compactor.delete_max_interval.0,
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
        strict_selectors: limits.strict_selectors,
        variants: limits.enable_multi_variant_queries,
        approx_topk: limits.shard_aggregations.0.iter().any(|name| name == APPROX_TOPK),
        pattern_fields: limits.pattern_fields(),
        deletion_mode: limits.deletion_mode.clone(),
        published: published(limits, &config.tenant_limits_allow_publish.0),
        shown: limits.to_yaml(),
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
    let tags = rule.tags.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Some(BlockedQuery { pattern, hash, kinds: rule.types.0.clone(), tags })
}

/// What Grafana's application for logs reads of the limits: all that it looks at, or the named ones of these.
fn published(limits: &LimitsConfig, named: &[String]) -> Value {
    let shown = |span: config::loki::Span| model::duration::format_duration(span.0);
    let kept = |rule: &config::loki::StreamRetention| json!({ "selector": rule.selector.as_str(), "priority": rule.priority, "period": shown(rule.period) });
    let mut published = json!({
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
        "retention_stream": limits.retention_stream.iter().map(kept).collect::<Vec<_>>(),
        "volume_enabled": limits.volume_enabled,
        "volume_max_series": limits.volume_max_series,
    });
    if let Some(limits) = published.as_object_mut().filter(|_| !named.is_empty()) {
        limits.retain(|name, _| named.contains(name));
    }
    published
}
