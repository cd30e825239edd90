//! `limits_config`: what a tenant may do.

use std::collections::BTreeMap;

use super::otlp::OtlpConfig;
use super::selector::Selector;
use super::values::{Names, Size, Span};
use crate::{
    decode::{Check, Decoder, Field, Invalid, List, section},
    prometheus::RemoteWriteConfig,
    yaml::Node,
};

section! {
    /// What a tenant may do. A key that is 0 is off where nothing else is said.
    ///
    /// Defaults are Loki's, wider where Loki's are those of a shared cloud: `docs/operating/loki.md` lists them.
    pub struct LimitsConfig as "validation.plain" {
        /// Megabytes a second that the tenant may send.
        ingestion_rate_mb: f64 = 1024.0 => ["ingestion_rate_mb", always];
        /// Megabytes at once.
        ingestion_burst_size_mb: f64 = 2048.0 => ["ingestion_burst_size_mb", always];
        /// The longest line.
        max_line_size: Size = LINE_SIZE_MAX => ["max_line_size", always];
        /// Whether a longer line is cut instead of refused; see [`LimitsConfig::cuts_lines`].
        max_line_size_truncate: Option<bool> = None => ["max_line_size_truncate"];
        /// What a line ends with that was cut.
        max_line_size_truncate_identifier: String = " [truncated]".into() => ["max_line_size_truncate_identifier", always];
        /// Bytes of the name of a label.
        max_label_name_length: usize = 1024 => ["max_label_name_length", always];
        /// Bytes of the value of a label.
        max_label_value_length: usize = 2048 => ["max_label_value_length", always];
        /// Labels of a stream, `service_name` not counted.
        max_label_names_per_series: usize = 40 => ["max_label_names_per_series", always];
        /// Whether old entries are refused.
        reject_old_samples: bool = true => ["reject_old_samples", always];
        /// How old they may be then.
        reject_old_samples_max_age: Span = Span::hours(168) => ["reject_old_samples_max_age", always];
        /// How far in the future an entry may lie.
        creation_grace_period: Span = Span::seconds(600) => ["creation_grace_period", always];
        /// Whether entries of equal time are moved apart by 1 ns.
        increment_duplicate_timestamp: bool = false => ["increment_duplicate_timestamp", always];
        /// Labels that may tell the name of the service.
        discover_service_name: Names = Names::from(&log_intake::SERVICE_NAME_FROM[..]) => ["discover_service_name", always];
        /// Whether the level of an entry is looked for.
        discover_log_levels: bool = true => ["discover_log_levels", always];
        /// Names of fields that hold a level.
        log_level_fields: Names = Names::from(&log_intake::LEVEL_FIELDS[..]) => ["log_level_fields", always];
        /// How many objects deep such a field may stand in a line of JSON.
        log_level_from_json_max_depth: usize = 1 => ["log_level_from_json_max_depth", always];
        /// Structured metadata that is taken from elsewhere.
        discover_generic_fields: GenericFields = GenericFields::default() => ["discover_generic_fields"];
        /// Streams that may be active.
        max_streams_per_user: usize = 0 => ["max_streams_per_user", always];
        /// Streams that may be active.
        max_global_streams_per_user: usize = 1_000_000 => ["max_global_streams_per_user", always];
        /// Whether entries of a stream may come in any order.
        unordered_writes: bool = true => ["unordered_writes", always];
        /// What one stream may take in a second.
        per_stream_rate_limit: Size = Size::megabytes(512) => ["per_stream_rate_limit", always];
        /// What it may take at once.
        per_stream_rate_limit_burst: Size = Size::megabytes(1024) => ["per_stream_rate_limit_burst", always];
        /// Whether structured metadata is allowed.
        allow_structured_metadata: bool = true => ["allow_structured_metadata", always];
        /// Bytes of structured metadata of an entry.
        max_structured_metadata_size: Size = Size::kilobytes(64) => ["max_structured_metadata_size", always];
        /// Pairs of structured metadata of an entry.
        max_structured_metadata_entries_count: usize = 128 => ["max_structured_metadata_entries_count", always];
        /// What becomes of attributes of OpenTelemetry.
        otlp_config: OtlpConfig = OtlpConfig::default() => ["otlp_config"];
        /// Labels that every stream must have.
        enforced_labels: Vec<String> = Vec::new() => ["enforced_labels"];
        /// Labels that the streams of a policy must have.
        policy_enforced_labels: BTreeMap<String, Vec<String>> = BTreeMap::new() => ["policy_enforced_labels"];
        /// Which streams belong to which policy.
        policy_stream_mapping: BTreeMap<String, Vec<PolicyStream>> = BTreeMap::new() => ["policy_stream_mapping"];
        /// Until when nothing is taken, as a time of RFC 3339.
        block_ingestion_until: String = String::new() => ["block_ingestion_until"];
        /// Until when nothing of a policy is taken.
        block_ingestion_policy_until: BTreeMap<String, String> = BTreeMap::new() => ["block_ingestion_policy_until"];
        /// The status of the answer then.
        block_ingestion_status_code: usize = 260 => ["block_ingestion_status_code", always];
        /// Entries of an answer.
        max_entries_limit_per_query: usize = 5000 => ["max_entries_limit_per_query", always];
        /// Series of an answer.
        max_query_series: usize = 500 => ["max_query_series", always];
        /// The span of time of a query.
        max_query_length: Span = Span::hours(721) => ["max_query_length", always];
        /// How far back a query sees.
        max_query_lookback: Span = Span::seconds(0) => ["max_query_lookback", always];
        /// The longest range of a range vector.
        max_query_range: Span = Span::seconds(0) => ["max_query_range", always];
        /// How long a query may take.
        query_timeout: Span = Span::seconds(60) => ["query_timeout", always];
        /// Bytes that a query may read.
        max_query_bytes_read: Size = Size(0) => ["max_query_bytes_read", always];
        /// Matchers of a query.
        max_streams_matchers_per_query: usize = 1000 => ["max_streams_matchers_per_query", always];
        /// Tails at once.
        max_concurrent_tail_requests: usize = 10 => ["max_concurrent_tail_requests", always];
        /// Parts of a query at once.
        max_query_parallelism: usize = 32 => ["max_query_parallelism", always];
        /// How ranges are split, which aligns their steps; 0 for not at all.
        split_queries_by_interval: Span = Span::hours(1) => ["split_queries_by_interval", always];
        /// Labels that a selector must name.
        required_labels: Vec<String> = Vec::new() => ["required_labels"];
        /// How many labels it must name.
        minimum_labels_number: usize = 0 => ["minimum_labels_number", always];
        /// Queries that are refused.
        blocked_queries: List<BlockedQuery> = List::default() => ["blocked_queries"];
        /// Whether the grammar knows `variants(…) of (…)`.
        enable_multi_variant_queries: bool = false => ["enable_multi_variant_queries", always];
        /// Aggregations that the original answers by shards; `approx_topk` is answered where it stands here.
        shard_aggregations: Names = Names::default() => ["shard_aggregations"];
        /// Whether a selector that could match every stream (`{}`) is refused; a key of our own.
        strict_selectors: bool = false => ["strict_selectors", always];
        /// Whether volumes may be asked for.
        volume_enabled: bool = true => ["volume_enabled", always];
        /// Series of an answer about volumes.
        volume_max_series: usize = 1000 => ["volume_max_series", always];
        /// How long entries are kept; 0 for ever.
        retention_period: Span = Span::seconds(0) => ["retention_period", always];
        /// How long entries of some streams are kept.
        retention_stream: List<StreamRetention> = List::default() => ["retention_stream"];
        /// What may be deleted: `disabled`, `filter-only`, `filter-and-delete`.
        deletion_mode: String = "filter-and-delete".into() => ["deletion_mode", always];
        /// A file of overrides by tenant; the old name of `runtime_config.file`.
        per_tenant_override_config: String = String::new() => ["per_tenant_override_config"];
        /// How often it is read again.
        per_tenant_override_period: Span = Span::seconds(10) => ["per_tenant_override_period", always];
        /// Rules of a group.
        ruler_max_rules_per_rule_group: usize = 0 => ["ruler_max_rules_per_rule_group", always];
        /// Groups of rules.
        ruler_max_rule_groups_per_tenant: usize = 0 => ["ruler_max_rule_groups_per_tenant", always];
        /// Whether samples of rules are not sent on.
        ruler_remote_write_disabled: bool = false => ["ruler_remote_write_disabled"];
        /// Where samples of rules are sent.
        ruler_remote_write_config: BTreeMap<String, Option<RemoteWriteConfig>> = BTreeMap::new() => ["ruler_remote_write_config"];
        /// Fields of JSON lines that hold what patterns are made of.
        pattern_ingester_tokenizable_json_fields_default: Names = Names::from(&["log", "message", "msg", "msg_", "_msg", "content"][..]) => ["pattern_ingester_tokenizable_json_fields_default", always];
        /// More of them.
        pattern_ingester_tokenizable_json_fields_append: Names = Names::default() => ["pattern_ingester_tokenizable_json_fields_append"];
        /// Those of them that are left out.
        pattern_ingester_tokenizable_json_fields_delete: Names = Names::default() => ["pattern_ingester_tokenizable_json_fields_delete"];
    }
}

section! {
    /// Structured metadata that is taken from labels, other metadata or lines.
    pub struct GenericFields as "validation.FieldDetectorConfig" {
        /// By name, where to look for it.
        fields: BTreeMap<String, Vec<String>> = BTreeMap::new() => ["fields"];
    }
}

impl Check for GenericFields {}

section! {
    /// Streams of a policy.
    pub struct PolicyStream as "validation.PriorityStream" {
        /// The selector.
        selector: Selector = Selector::default() => ["selector", always];
        /// What decides where several policies select a stream: the highest.
        priority: isize = 0 => ["priority", always];
    }
}

impl Check for PolicyStream {}

section! {
    /// How long entries of some streams are kept.
    pub struct StreamRetention as "validation.StreamRetention" {
        /// The selector.
        selector: Selector = Selector::default() => ["selector", always];
        /// What decides where several select a stream: the highest, and the shortest period of equals.
        priority: isize = 0 => ["priority", always];
        /// How long.
        period: Span = Span::seconds(0) => ["period", always];
    }
}

impl Check for StreamRetention {}

section! {
    /// Queries that are refused.
    pub struct BlockedQuery as "validation.BlockedQuery" {
        /// The text, or a pattern of it; everything where it is empty.
        pattern: String = String::new() => ["pattern"];
        /// Whether it is a pattern.
        regex: bool = false => ["regex"];
        /// The hash of the text.
        hash: usize = 0 => ["hash"];
        /// Kinds of queries: `metric`, `filter`, `limited`.
        types: Names = Names::default() => ["types"];
        /// What the header `X-Query-Tags` must say.
        tags: BTreeMap<String, String> = BTreeMap::new() => ["tags"];
    }
}

impl Check for BlockedQuery {}

/// Known keys that mean nothing here.
const UNUSED: &[&str] = &[
    "ingestion_rate_strategy",
    "simulated_push_latency",
    "use_owned_stream_count",
    "shard_streams",
    "ingestion_partitions_tenant_shard_size",
    "max_querier_bytes_read",
    "max_chunks_per_query",
    "cardinality_limit",
    "tsdb_*",
    "max_queriers_per_tenant",
    "max_query_capacity",
    "split_instant_metric_queries_by_interval",
    "split_metadata_queries_by_interval",
    "split_recent_metadata_queries_by_interval",
    "recent_metadata_query_window",
    "split_ingester_queries_by_interval",
    "min_sharding_lookback",
    "max_cache_freshness_per_query",
    "max_metadata_cache_freshness",
    "max_stats_cache_freshness",
    "engine_results_cache_time_bucket_interval",
    "query_ready_index_num_days",
    "allow_deletes",
    "ruler_tenant_shard_size",
    "ruler_enable_wal_replay",
    "ruler_remote_write_url",
    "ruler_remote_write_timeout",
    "ruler_remote_write_headers",
    "ruler_remote_write_relabel_configs",
    "ruler_remote_write_queue_*",
    "ruler_remote_write_sigv4_config",
    "ruler_remote_evaluation_*",
    "ruler_evaluation_delay_duration",
    "metric_aggregation_enabled",
    "pattern_persistence_*",
    "pattern_rate_threshold",
    "index_gateway_*",
    "bloom_*",
    "s3_sse_*",
    "max_scan_task_parallelism",
    "debug_engine_*",
    "enforce_metric_name",
    "max_query_bytes",
    "max_cache_freshness",
    "max_streams_matchers_per_query_*",
    "creation_grace_period_*",
];

/// The longest line where no file says anything.
const LINE_SIZE_MAX: Size = Size::megabytes(1);
/// The shortest time that entries may be kept for.
const RETENTION_MIN: Span = Span::hours(24);

impl Check for LimitsConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let too_short = |span: Span| span.on().is_some() && span < RETENTION_MIN;
        let periods = self.retention_stream.iter().map(|stream| stream.period);
        if let Some(period) = periods.chain([self.retention_period]).find(|period| too_short(*period)) {
            let shown = model::duration::format_duration(period.0);
            let message = format!("retention period must be >= 24h was {shown}");
            return Err(decoder.invalid_key(node, "retention_period", message));
        }
        if !["disabled", "filter-only", "filter-and-delete"].contains(&self.deletion_mode.as_str()) {
            return Err(decoder.invalid_key(node, "deletion_mode", "invalid deletion mode"));
        }
        let times = self.block_ingestion_policy_until.values().chain([&self.block_ingestion_until]);
        for time in times.filter(|time| !matches!(time.as_str(), "" | "0")) {
            if wire::loki::parse_rfc3339(time).is_none() {
                let message = format!("{} is no time of RFC 3339", model::quote::quote(time));
                return Err(decoder.invalid_key(node, "block_ingestion_until", message));
            }
        }
        Ok(())
    }

    fn take_unknown(&mut self, key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        Ok(super::ignored::take("limits_config", UNUSED, key, node, decoder))
    }
}

impl LimitsConfig {
    /// Whether a line that is too long is cut: as the key says, else only where the limit is our own. Who sets a limit
    /// and nothing else means to refuse what is longer, as in the original.
    pub fn cuts_lines(&self) -> bool {
        self.max_line_size_truncate.unwrap_or(self.max_line_size == LINE_SIZE_MAX)
    }

    /// The limits as they are printed: defaults filled in, secrets masked.
    pub fn to_yaml(&self) -> String {
        self.encode().print()
    }

    /// Fields of JSON lines that hold what patterns are made of.
    pub fn pattern_fields(&self) -> Vec<String> {
        let all = self.pattern_ingester_tokenizable_json_fields_default.0.iter();
        let all = all.chain(&self.pattern_ingester_tokenizable_json_fields_append.0);
        all.filter(|name| !self.pattern_ingester_tokenizable_json_fields_delete.0.contains(name))
            .cloned()
            .collect()
    }
}
