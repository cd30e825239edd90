//! What follows from several keys: plain settings for those who do the work.

use std::path::PathBuf;
use std::time::Duration;

use log_intake::{
    Blocked, LabelLimits, LevelRules, Limits, LineLimits, MetadataLimits, Policy, TenantRate, TimeLimits,
};
use model::Matcher;
use storage::logs::{AppendRules, StreamRate};
use wire::loki::parse_rfc3339;

use super::{Config, LimitsConfig, PeriodConfig, Size};

/// How long entries are kept.
#[derive(Clone, Debug, Default)]
pub struct Retention {
    /// Entries of streams that no period below selects; `None` for ever.
    pub period: Option<Duration>,
    /// Entries of some streams: the first that selects a stream counts.
    pub streams: Vec<StreamPeriod>,
}

/// How long entries of some streams are kept.
#[derive(Clone, Debug)]
pub struct StreamPeriod {
    /// What the streams fulfil.
    pub matchers: Vec<Matcher>,
    /// How long their entries are kept; `None` for ever.
    pub period: Option<Duration>,
}

/// Folders that the file names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folders {
    /// Of entries.
    pub logs: Option<PathBuf>,
    /// Of rules, a folder for each tenant in it.
    pub rules: Option<PathBuf>,
}

impl PeriodConfig {
    /// The first nanosecond of the period since the Unix epoch; `None` where `from` is no date.
    pub fn first_ns(&self) -> Option<i64> {
        let day = self.from.split_once('T').map_or(self.from.as_str(), |(day, _)| day);
        parse_rfc3339(&format!("{day}T00:00:00Z"))
    }
}

impl LimitsConfig {
    fn blocked(&self, until: &str) -> Option<Blocked> {
        let until_ns = parse_rfc3339(until)?;
        let status = u16::try_from(self.block_ingestion_status_code).unwrap_or(260);
        Some(Blocked { until_ms: until_ns / 1_000_000, until: until.to_owned(), status })
    }

    fn policies(&self) -> Vec<Policy> {
        let mut ranked: Vec<(isize, Policy)> = self
            .policy_stream_mapping
            .iter()
            .map(|(name, streams)| {
                let until = self.block_ingestion_policy_until.get(name).map_or("", String::as_str);
                let policy = Policy {
                    name: name.clone(),
                    selectors: streams.iter().map(|stream| stream.selector.matchers().to_vec()).collect(),
                    enforced_labels: self.policy_enforced_labels.get(name).cloned().unwrap_or_default(),
                    blocked: self.blocked(until),
                };
                (streams.iter().map(|stream| stream.priority).max().unwrap_or_default(), policy)
            })
            .collect();
        ranked.sort_by_key(|(priority, _)| std::cmp::Reverse(*priority));
        ranked.into_iter().map(|(_, policy)| policy).collect()
    }

    /// Streams that may be active: the lower of the two keys that are on; 0 for any number.
    pub fn streams_max(&self) -> usize {
        let keys = [self.max_streams_per_user, self.max_global_streams_per_user];
        keys.into_iter().filter(|max| *max > 0).min().unwrap_or(0)
    }

    fn stream_rate(&self) -> Option<StreamRate> {
        let burst = self.per_stream_rate_limit_burst.on()?;
        Some(StreamRate { per_second: self.per_stream_rate_limit.0 as f64, burst })
    }
}

const MEBIBYTE: f64 = 1_048_576.0;

impl Config {
    /// What a tenant with these limits may push.
    pub fn intake_limits(&self, limits: &LimitsConfig) -> Limits {
        let window = self.ingester.max_chunk_age.on().map(|age| age / 2);
        let nanoseconds = |span: Duration| i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
        let periods = self.schema_config.configs.iter().filter_map(PeriodConfig::first_ns);
        let metadata = MetadataLimits {
            bytes_max: limits.max_structured_metadata_size.on(),
            count_max: Some(limits.max_structured_metadata_entries_count).filter(|max| *max > 0),
        };
        let cut_mark = limits.max_line_size_truncate_identifier.clone();
        let burst = limits.ingestion_burst_size_mb * MEBIBYTE;
        let hours = limits.retention_period.on().map(|period| (period.as_secs() / 3600).to_string());
        Limits {
            rate: Some(TenantRate { per_second: limits.ingestion_rate_mb * MEBIBYTE, burst: burst as usize }),
            lines: LineLimits {
                bytes_max: limits.max_line_size.on(),
                cut_mark: limits.cuts_lines().then_some(cut_mark),
            },
            labels: LabelLimits {
                count_max: limits.max_label_names_per_series,
                name_bytes_max: limits.max_label_name_length,
                value_bytes_max: limits.max_label_value_length,
            },
            times: TimeLimits {
                age_max: limits.reject_old_samples.then_some(limits.reject_old_samples_max_age.0),
                grace: limits.creation_grace_period.0,
                first: periods.min(),
            },
            metadata: limits.allow_structured_metadata.then_some(metadata),
            service_name_from: limits.discover_service_name.0.clone(),
            levels: limits.discover_log_levels.then(|| LevelRules {
                fields: limits.log_level_fields.0.clone(),
                json_depth: limits.log_level_from_json_max_depth,
            }),
            generic_fields: limits.discover_generic_fields.fields.clone(),
            increment_duplicates: limits.increment_duplicate_timestamp,
            enforced_labels: limits.enforced_labels.clone(),
            blocked: limits.blocked(&limits.block_ingestion_until),
            policies: limits.policies(),
            otlp: limits
                .otlp_config
                .rules(&self.distributor.otlp_config.default_resource_attributes_as_index_labels.0),
            append: AppendRules {
                out_of_order_window: window.map(nanoseconds),
                ordered: !limits.unordered_writes,
                streams_max: limits.streams_max(),
                stream_rate: limits.stream_rate(),
            },
            listed_errors_max: self.ingester.max_returned_stream_errors,
            retention_hours: hours.unwrap_or_default(),
        }
    }

    /// How long the entries of a tenant with these limits are kept. The limits count with
    /// `compactor.retention_enabled` alone, as in the original: without it nothing is removed that nobody expects to be
    /// removed; then the period of the old `table_manager` counts where it is on.
    pub fn retention(&self, limits: &LimitsConfig) -> Retention {
        if !self.compactor.retention_enabled {
            let old = &self.table_manager;
            let period = old.retention_period.on().filter(|_| old.retention_deletes_enabled);
            return Retention { period, streams: Vec::new() };
        }
        let mut ranked: Vec<_> = limits.retention_stream.iter().collect();
        ranked.sort_by_key(|stream| (std::cmp::Reverse(stream.priority), stream.period));
        let stream = |stream: &&super::StreamRetention| StreamPeriod {
            matchers: stream.selector.matchers().to_vec(),
            period: stream.period.on(),
        };
        Retention { period: limits.retention_period.on(), streams: ranked.iter().map(stream).collect() }
    }

    /// The folders that the file names, the more precise key first.
    pub fn folders(&self) -> Folders {
        let first = |names: [&str; 3]| names.into_iter().find(|name| !name.is_empty()).map(PathBuf::from);
        let under_prefix = |name: &str| {
            let prefix = &self.common.path_prefix;
            if prefix.is_empty() { String::new() } else { format!("{}/{name}", prefix.trim_end_matches('/')) }
        };
        let common = &self.common.storage.filesystem;
        Folders {
            logs: first([
                &self.storage_config.filesystem.directory,
                &common.chunks_directory,
                &under_prefix("chunks"),
            ]),
            rules: first([
                &self.ruler.storage.local.directory,
                &self.ruler_storage.local.directory,
                &common.rules_directory,
            ]),
        }
    }

    /// Bytes of a body of a push, as it comes and once it is decompressed.
    pub fn body_bytes_max(&self) -> (usize, usize) {
        let bytes = |size: Size| usize::try_from(size.0).unwrap_or(usize::MAX);
        (bytes(self.distributor.max_recv_msg_size), bytes(self.distributor.max_decompressed_size))
    }
}
