//! What a tenant may push.

use std::collections::BTreeMap;
use std::time::Duration;

use model::Matcher;
use storage::logs::{AppendRules, StreamRate};

use crate::OtlpRules;

/// What a tenant may push, and what is made of it.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of lines and structured metadata that the tenant may send; `None` for any number.
    pub rate: Option<TenantRate>,
    /// Lengths of lines.
    pub lines: LineLimits,
    /// Labels of streams.
    pub labels: LabelLimits,
    /// Times of entries.
    pub times: TimeLimits,
    /// Structured metadata; `None` where it is not allowed.
    pub metadata: Option<MetadataLimits>,
    /// Labels that may tell the `service_name` of a stream without one, the first that is there does; none switches
    /// it off.
    pub service_name_from: Vec<String>,
    /// How the level of an entry is found; `None` where it is not looked for.
    pub levels: Option<LevelRules>,
    /// Structured metadata that is taken from labels, metadata or lines: by its name, where to look for it.
    pub generic_fields: BTreeMap<String, Vec<String>>,
    /// Whether an entry whose time is that of the one before it, of the same push and stream, is moved on by 1 ns.
    pub increment_duplicates: bool,
    /// Labels that every stream must have.
    pub enforced_labels: Vec<String>,
    /// Until when nothing is taken.
    pub blocked: Option<Blocked>,
    /// Streams that belong to a policy, with its own rules; the first policy that selects a stream counts.
    pub policies: Vec<Policy>,
    /// What becomes of attributes of OpenTelemetry.
    pub otlp: OtlpRules,
    /// What the store has to check.
    pub append: AppendRules,
    /// Refused entries that an answer names at most, by stream; 0 for all.
    pub listed_errors_max: usize,
    /// The value of the label `retention_hours` of metrics.
    pub retention_hours: String,
}

/// Bytes that a tenant may send.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TenantRate {
    /// Bytes a second.
    pub per_second: f64,
    /// Bytes at once: also the largest push.
    pub burst: usize,
}

/// Lengths of lines, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineLimits {
    /// The longest line; `None` for any length.
    pub bytes_max: Option<usize>,
    /// What a longer line ends with once it is cut (within the limit); `None`: it is refused instead.
    pub cut_mark: Option<String>,
}

/// Labels of streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelLimits {
    /// The most labels, `service_name` not counted.
    pub count_max: usize,
    /// Bytes of a name at most.
    pub name_bytes_max: usize,
    /// Bytes of a value at most.
    pub value_bytes_max: usize,
}

/// Times of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeLimits {
    /// How old an entry may be; `None` for any age.
    pub age_max: Option<Duration>,
    /// How far an entry may lie in the future.
    pub grace: Duration,
    /// The first time that the store is set up for (the first `from` of `schema_config`), in nanoseconds since the
    /// Unix epoch; `None` for any time.
    pub first: Option<i64>,
}

/// Structured metadata of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataLimits {
    /// Bytes of names and values at most; `None` for any number.
    pub bytes_max: Option<usize>,
    /// Pairs at most; `None` for any number.
    pub count_max: Option<usize>,
}

/// How the level of an entry is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelRules {
    /// Names that hold a level: of labels, of structured metadata, and of fields of lines.
    pub fields: Vec<String>,
    /// How many objects deep a field of a JSON line may stand; 0 for any depth.
    pub json_depth: usize,
}

/// Until when nothing is taken, and how that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// Milliseconds since the Unix epoch.
    pub until_ms: i64,
    /// The time as it was written.
    pub until: String,
    /// The status of the answer; 200 for one that looks like success.
    pub status: u16,
}

/// Rules for some streams.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// What its streams fulfil: all matchers of one of these.
    pub selectors: Vec<Vec<Matcher>>,
    /// Labels that these streams must have too.
    pub enforced_labels: Vec<String>,
    /// Until when none of their entries are taken.
    pub blocked: Option<Blocked>,
}

/// Names of labels that tell what a service is called.
pub const SERVICE_NAME_FROM: [&str; 13] = [
    "service",
    "app",
    "application",
    "app_name",
    "name",
    "app_kubernetes_io_name",
    "container",
    "container_name",
    "k8s_container_name",
    "component",
    "workload",
    "job",
    "k8s_job_name",
];

/// Names of fields that hold a level.
pub const LEVEL_FIELDS: [&str; 9] =
    ["level", "LEVEL", "Level", "severity", "SEVERITY", "Severity", "lvl", "LVL", "Lvl"];

const MIB: usize = 1 << 20;

/// What a node that owns its machine takes; `docs/operating/loki.md` says where the original takes less.
impl Default for Limits {
    fn default() -> Self {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            rate: Some(TenantRate { per_second: (1024 * MIB) as f64, burst: 2048 * MIB }),
            lines: LineLimits { bytes_max: Some(MIB), cut_mark: Some(" [truncated]".to_owned()) },
            labels: LabelLimits { count_max: 40, name_bytes_max: 1024, value_bytes_max: 2048 },
            times: TimeLimits {
                age_max: Some(Duration::from_secs(7 * 86_400)),
                grace: Duration::from_secs(600),
                first: None,
            },
            metadata: Some(MetadataLimits { bytes_max: Some(64 << 10), count_max: Some(128) }),
            service_name_from: own(&SERVICE_NAME_FROM),
            levels: Some(LevelRules { fields: own(&LEVEL_FIELDS), json_depth: 1 }),
            generic_fields: BTreeMap::new(),
            increment_duplicates: false,
            enforced_labels: Vec::new(),
            blocked: None,
            policies: Vec::new(),
            otlp: OtlpRules::default(),
            append: AppendRules {
                out_of_order_window: Some(3_600_000_000_000),
                ordered: false,
                streams_max: 1_000_000,
                stream_rate: Some(StreamRate { per_second: (512 * MIB) as f64, burst: 1024 * MIB }),
            },
            listed_errors_max: 10,
            retention_hours: String::new(),
        }
    }
}
