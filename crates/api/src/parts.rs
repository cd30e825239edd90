//! What the HTTP surface works with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use model::{Labels, Matcher};
use platform::{Clock, MemoryBudget};
use promql_engine::Engine;
use serde::Serialize;
use storage::{Appendable, ExemplarQueryable, Queryable, TimeRange};
use telemetry::Registry;
use tokio::sync::Semaphore;

use crate::alertmanager::Alertmanager;
use crate::loki::Loki;
use crate::notifications::Notifications;
use crate::otlp::Otlp;
use crate::profiles::Profiles;
use crate::prometheus::query::parsed::ParsedQueries;
use crate::prometheus::query::quick::QuickQueries;
use crate::prometheus::remote::Remote;
use crate::{Metrics, Settings};

/// The parts that are there from the start.
pub struct Parts {
    /// Wall clock and monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// The metrics that `/metrics` shows.
    pub registry: Registry,
    /// Flags with their values, by name.
    pub flags: BTreeMap<String, String>,
    /// What is known of this build.
    pub build: BuildInfo,
    /// What is built in and whether it is on, by category.
    pub features: BTreeMap<&'static str, BTreeMap<String, bool>>,
    /// Reload and quit.
    pub control: Arc<dyn Control>,
    /// How far the replay of the write-ahead log has come: first, last and present segment.
    pub replay: Box<dyn Fn() -> [i64; 3] + Send + Sync>,
    /// The memory that the process may take.
    pub memory: Arc<MemoryBudget>,
}

/// What needs recovery to be finished.
pub struct Services {
    /// All samples, local and remote.
    pub queryable: Arc<dyn Queryable>,
    /// Where samples of other servers go.
    pub appendable: Arc<dyn Appendable>,
    /// The samples of the local store alone.
    pub local: Arc<dyn Queryable>,
    /// Exemplars, where they are kept.
    pub exemplars: Option<Arc<dyn ExemplarQueryable>>,
    /// Facts about the local store.
    pub store: Arc<dyn StoreReport>,
    /// Changes of the local store.
    pub admin: Arc<dyn StoreAdmin>,
    /// The PromQL engine.
    pub engine: Arc<Engine>,
    /// The grammar's switches.
    pub syntax: promql_syntax::Options,
    /// Scrape targets.
    pub targets: Arc<dyn TargetReport>,
    /// Rules and alerts.
    pub rules: Arc<rules::Rules>,
    /// Where alerts are sent to.
    pub alertmanagers: Arc<notify::Alertmanagers>,
    /// The Alertmanager inside of the server.
    pub alertmanager: Option<Arc<Alertmanager>>,
}

/// Ends and reloads the process.
pub trait Control: Send + Sync {
    /// Loads the configuration files anew; all or nothing.
    ///
    /// # Errors
    /// Why the old settings stay.
    fn reload(&self) -> Result<(), String>;

    /// Asks for a clean stop; `false` where one was asked for already.
    fn quit(&self) -> bool;
}

/// Facts about the local store.
pub trait StoreReport: Send + Sync {
    /// Head statistics with tables of at most `limit` rows.
    fn head(&self, limit: usize) -> HeadReport;

    /// The `meta.json` of each block, oldest first.
    fn blocks(&self) -> Vec<serde_json::Value>;

    /// The retention as text, such as `15d or 1GiB`.
    fn retention(&self) -> String;

    /// How many corruptions recovery met.
    fn corruption_count(&self) -> u64;
}

/// Changes of the local store that an administrator asks for.
pub trait StoreAdmin: Send + Sync {
    /// Deletes what the series that fulfil every matcher have in `range`.
    ///
    /// # Errors
    /// Where reading or writing fails; some of it may be deleted then.
    fn delete_series(&self, range: TimeRange, matchers: &[Matcher]) -> storage::Result<()>;

    /// Removes from the disk what is deleted.
    ///
    /// # Errors
    /// Where reading or writing fails.
    fn clean_tombstones(&self) -> storage::Result<()>;

    /// Copies all samples, or all but those in memory, into a folder of this name among the snapshots.
    ///
    /// # Errors
    /// Where reading or writing fails; there is no copy then.
    fn snapshot(&self, name: &str, with_head: bool) -> storage::Result<()>;
}

/// Head statistics.
#[derive(Debug, Clone, Default)]
pub struct HeadReport {
    /// Series in memory.
    pub series: u64,
    /// Different pairs of label name and value.
    pub label_pairs: u64,
    /// Chunks in memory or mapped.
    pub chunks: u64,
    /// Time of the oldest sample, milliseconds.
    pub min_time: i64,
    /// Time of the newest sample, milliseconds.
    pub max_time: i64,
    /// Series by metric name.
    pub series_by_metric: Vec<NamedCount>,
    /// Values by label name.
    pub values_by_label: Vec<NamedCount>,
    /// Bytes of label values by label name.
    pub bytes_by_label: Vec<NamedCount>,
    /// Series by pair of label name and value.
    pub series_by_pair: Vec<NamedCount>,
}

/// A row of a table of counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedCount {
    /// What is counted.
    pub name: String,
    /// How many there are.
    pub value: u64,
}

/// What is known of scrape targets; the answers are in the API's JSON shapes.
pub trait TargetReport: Send + Sync {
    /// The data of `/api/v1/targets`: `state` is `active`, `dropped` or anything else for both; `pool` empty for
    /// all pools.
    fn targets(&self, state: &str, pool: &str) -> serde_json::Value;

    /// Names of the scrape pools, sorted.
    fn pools(&self) -> Vec<String>;

    /// The data of `/api/v1/metadata`: by metric name, at most `limit` names and `limit_per_metric` entries each.
    fn metadata(
        &self,
        metric: &str,
        limit: Option<usize>,
        limit_per_metric: Option<usize>,
    ) -> serde_json::Value;

    /// The data of `/api/v1/targets/metadata` for targets whose labels fulfil `matchers`.
    fn target_metadata(
        &self,
        matchers: &[Matcher],
        metric: &str,
        limit: Option<usize>,
    ) -> Vec<serde_json::Value>;

    /// The steps of `/api/v1/targets/relabel_steps`.
    ///
    /// # Errors
    /// Where there is no such pool.
    fn relabel_steps(&self, pool: &str, labels: &Labels) -> Result<serde_json::Value, String>;
}

/// What is known of this build; `version` is the one of Prometheus that the API follows.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildInfo {
    /// The version that clients look at.
    pub version: String,
    /// The commit, empty where unknown.
    pub revision: String,
    /// The branch, empty where unknown.
    pub branch: String,
    /// Who built it.
    pub build_user: String,
    /// When it was built, empty where unknown.
    pub build_date: String,
    /// The compiler; the key is the original's.
    pub go_version: String,
}

/// The configuration that is in force.
#[derive(Debug, Clone, Default)]
pub struct LoadedConfig {
    /// As YAML, defaults filled in, secrets masked.
    pub yaml: String,
    /// The labels that tell this server's series from those of others.
    pub external_labels: BTreeMap<String, String>,
    /// How metrics of OpenTelemetry are translated.
    pub otlp: wire::otlp::Settings,
    /// When it was loaded, milliseconds since the Unix epoch.
    pub loaded_ms: i64,
    /// Whether the last attempt to load was successful.
    pub last_successful: bool,
}

/// The HTTP surface's state, shared by all requests.
pub struct Api {
    pub(crate) settings: Settings,
    pub(crate) parts: Parts,
    pub(crate) metrics: Metrics,
    pub(crate) services: ArcSwapOption<Services>,
    pub(crate) config: ArcSwap<LoadedConfig>,
    pub(crate) loki: ArcSwapOption<Loki>,
    pub(crate) started_ms: i64,
    pub(crate) query_turns: Arc<Semaphore>,
    pub(crate) quick_queries: QuickQueries,
    pub(crate) parsed_queries: ParsedQueries,
    pub(crate) remote: Remote,
    pub(crate) otlp: Otlp,
    pub(crate) notifications: Arc<Notifications>,
    pub(crate) profiles: Arc<Profiles>,
    stopping: AtomicBool,
}

impl Api {
    /// The surface before recovery: it answers what needs no service.
    pub fn new(settings: Settings, parts: Parts) -> Arc<Self> {
        let metrics = Metrics::new(&parts.registry);
        metrics.queries_concurrent_max.set(settings.query_concurrency_max as f64);
        Arc::new(Self {
            query_turns: Arc::new(Semaphore::new(
                settings.query_concurrency_max.clamp(1, Semaphore::MAX_PERMITS),
            )),
            quick_queries: QuickQueries::new(),
            parsed_queries: ParsedQueries::new(),
            remote: Remote::new(&parts.registry, &settings.remote_read),
            otlp: Otlp::new(&parts.registry),
            notifications: Notifications::new(settings.notification_subscribers_max, &parts.registry),
            started_ms: parts.clock.now_ms(),
            services: ArcSwapOption::empty(),
            config: ArcSwap::default(),
            loki: ArcSwapOption::empty(),
            profiles: Arc::new(Profiles::new(settings.enable_profiles)),
            stopping: AtomicBool::new(false),
            settings,
            parts,
            metrics,
        })
    }

    /// Answers for logs too, at the paths that Prometheus leaves.
    pub fn add_loki(&self, loki: Arc<Loki>) {
        self.loki.store(Some(loki));
    }

    /// Recovery is finished: from now on everything is answered.
    pub fn open(&self, services: Services) {
        self.services.store(Some(Arc::new(services)));
        self.metrics.ready.set(1.0);
    }

    /// A stop has begun: what needs services is not answered any more.
    pub fn close(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.services.store(None);
        self.metrics.ready.set(0.0);
    }

    /// Ends the streams that would go on for ever, whose clients see the end of the answer, and what takes long.
    pub fn end_streams(&self) {
        self.profiles.end();
        self.notifications.end();
    }

    /// Tells users what holds from now on.
    pub fn notify(&self, text: &str) {
        self.notifications.add(text, self.parts.clock.now_ms());
    }

    /// Takes back what users were told.
    pub fn dismiss(&self, text: &str) {
        self.notifications.remove(text);
    }

    /// Whether a stop has begun.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Notes the configuration that is in force.
    pub fn set_config(&self, config: LoadedConfig) {
        self.config.store(Arc::new(config));
    }

    /// Notes whether the last attempt to load a configuration was successful.
    pub fn set_config_outcome(&self, successful: bool) {
        let present = self.config.load();
        self.config
            .store(Arc::new(LoadedConfig { last_successful: successful, ..LoadedConfig::clone(&present) }));
    }
}
