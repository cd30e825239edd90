//! What the Loki half of the surface is told by its configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

/// Settings that hold until the next reload.
#[derive(Debug, Clone)]
pub struct LokiSettings {
    /// Whether requests name their tenant; without it everything belongs to one.
    pub auth_enabled: bool,
    /// Whether a read may name several tenants.
    pub multi_tenant_reads: bool,
    /// Whether a read may bring limits along that are tighter than its tenant's.
    pub per_request_limits: bool,
    /// Whether answers are compressed for clients that want it.
    pub compresses: bool,
    /// From how long on a query is told to the log as a slow one; `None` for never.
    pub slow_query: Option<Duration>,
    /// Whether patterns are mined.
    pub patterns_enabled: bool,
    /// Whether entries can be deleted through the API.
    pub deletes_enabled: bool,
    /// How long after a request its entries are removed for good; it can be taken back until then.
    pub delete_cancel_period: Duration,
    /// The longest `max_interval` of a request to delete; zero for any.
    pub delete_interval_max: Duration,
    /// The longest that a tail may go on.
    pub tail_duration_max: Duration,
    /// The folder with the rules of each tenant, where there is one.
    pub rules_folder: Option<PathBuf>,
    /// Requests with a body of more bytes are refused.
    pub body_bytes_max: usize,
    /// Requests whose body is larger once it is decompressed are refused too.
    pub decoded_bytes_max: usize,
    /// What `/config` shows.
    pub config: String,
    /// What `/config?mode=defaults` shows.
    pub config_defaults: String,
    /// The limits of tenants that have none of their own.
    pub limits: Arc<ReadLimits>,
    /// The limits of single tenants.
    pub overrides: BTreeMap<String, Arc<ReadLimits>>,
    /// What tenants may push that have no limits of their own.
    pub push_limits: Arc<log_intake::Limits>,
    /// What single tenants may push.
    pub push_overrides: BTreeMap<String, Arc<log_intake::Limits>>,
}

impl LokiSettings {
    /// The limits of a tenant.
    pub fn limits(&self, tenant: &str) -> &Arc<ReadLimits> {
        self.overrides.get(tenant).unwrap_or(&self.limits)
    }

    /// What a tenant may push.
    pub fn push_limits(&self, tenant: &str) -> &Arc<log_intake::Limits> {
        self.push_overrides.get(tenant).unwrap_or(&self.push_limits)
    }
}

impl Default for LokiSettings {
    fn default() -> Self {
        Self {
            auth_enabled: false,
            multi_tenant_reads: false,
            per_request_limits: false,
            compresses: true,
            slow_query: None,
            patterns_enabled: true,
            deletes_enabled: true,
            delete_cancel_period: Duration::from_secs(24 * 3600),
            delete_interval_max: Duration::from_secs(24 * 3600),
            tail_duration_max: Duration::from_secs(3600),
            rules_folder: None,
            body_bytes_max: 100 << 20,
            decoded_bytes_max: 1 << 30,
            config: String::new(),
            config_defaults: String::new(),
            limits: Arc::default(),
            overrides: BTreeMap::new(),
            push_limits: Arc::default(),
            push_overrides: BTreeMap::new(),
        }
    }
}

/// What a tenant's reads must keep to; `None` and 0 stand for no limit.
#[derive(Debug, Clone)]
pub struct ReadLimits {
    /// The most entries of an answer.
    pub entries_max: usize,
    /// The most series of an answer.
    pub series_max: usize,
    /// The longest span of a query.
    pub length_max: Option<Duration>,
    /// How far back reads see.
    pub lookback_max: Option<Duration>,
    /// The longest range of a range aggregation.
    pub range_max: Option<Duration>,
    /// The longest that a query may take.
    pub timeout: Duration,
    /// The most bytes that a query may be expected to read.
    pub bytes_max: u64,
    /// The most matchers of a query.
    pub matchers_max: usize,
    /// The most tails at once.
    pub tails_max: usize,
    /// Whether the times of a range query are rounded to its step, as splitting queries does in the original.
    pub aligns_steps: bool,
    /// Labels that each selector must name.
    pub required_labels: Vec<String>,
    /// The fewest matchers of a selector.
    pub matchers_min: usize,
    /// Whether volumes are told.
    pub volume_enabled: bool,
    /// The most series of a volume.
    pub volume_series_max: usize,
    /// Queries that are refused.
    pub blocked: Vec<BlockedQuery>,
    /// Whether `{}` is refused as the original does.
    pub strict_selectors: bool,
    /// Whether the grammar knows `variants(…) of (…)`.
    pub variants: bool,
    /// Whether `approx_topk` is answered.
    pub approx_topk: bool,
    /// Fields of JSON lines that hold what patterns are made of.
    pub pattern_fields: Vec<String>,
    /// What the deletion API may do for the tenant: `disabled`, `filter-only` or `filter-and-delete`.
    pub deletion_mode: String,
    /// What `/drilldown-limits` tells.
    pub published: Value,
    /// All limits, as YAML.
    pub shown: String,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            entries_max: 5000,
            series_max: 500,
            length_max: Some(Duration::from_secs(721 * 3600)),
            lookback_max: None,
            range_max: None,
            timeout: Duration::from_secs(60),
            bytes_max: 0,
            matchers_max: 1000,
            tails_max: 10,
            aligns_steps: true,
            required_labels: Vec::new(),
            matchers_min: 0,
            volume_enabled: true,
            volume_series_max: 1000,
            blocked: Vec::new(),
            strict_selectors: false,
            variants: false,
            approx_topk: true,
            pattern_fields: ["log", "message", "msg", "msg_", "_msg", "content"].map(str::to_owned).into(),
            deletion_mode: "filter-and-delete".to_owned(),
            published: Value::Object(serde_json::Map::new()),
            shown: String::new(),
        }
    }
}

impl ReadLimits {
    /// The grammar that the tenant's queries are read with.
    pub(super) fn syntax(&self) -> logql_syntax::Options {
        let options = match self.strict_selectors {
            true => logql_syntax::Options::STRICT,
            false => logql_syntax::Options::default(),
        };
        logql_syntax::Options { variants: self.variants, ..options }
    }
}

/// A rule for queries that are refused.
#[derive(Debug, Clone)]
pub struct BlockedQuery {
    /// What a query's text must be, where it says something.
    pub pattern: BlockedPattern,
    /// FNV-1 of the query's text, 0 for any.
    pub hash: u32,
    /// The kinds of query it holds for (`metric`, `filter`, `limited`); none for all.
    pub kinds: Vec<String>,
    /// What the header `X-Query-Tags` must say.
    pub tags: Vec<(String, String)>,
}

/// What the text of a blocked query looks like.
#[derive(Debug, Clone)]
pub enum BlockedPattern {
    /// Like anything.
    Any,
    /// Exactly so, spaces at both ends aside.
    Text(String),
    /// An expression that is found in it.
    Regex(go_regex::Regex),
}
