//! All pools, and the discoveries that feed them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use discovery::{Discoverer, Snapshot};
use http_client::Client;
use model::Labels;
use parking_lot::Mutex;
use platform::{Clock, FileSystem};
use storage::Appendable;
use telemetry::{Metric, MetricFamily, MetricKind, Registry, Value};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cycle::{Shared, Signal};
use crate::error::ApplyError;
use crate::failure_log::FailureLogs;
use crate::metrics::Metrics;
use crate::pool::{Pool, Running};
use crate::spare::Spare;
use crate::target::Declarations;
use crate::{Features, JobSettings, Settings, Target};

/// What a scraper works with.
#[derive(Clone)]
pub struct Parts {
    /// Where samples go.
    pub appendable: Arc<dyn Appendable>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where files of secrets and of targets are read.
    pub files: Arc<dyn FileSystem>,
    /// Where metrics are declared.
    pub registry: Registry,
    /// How requests name this program.
    pub user_agent: String,
    /// This machine's name: servers on different machines scrape at other moments.
    pub host: String,
    /// What is switched on for all jobs.
    pub features: Features,
    /// The least time between two looks at what was discovered.
    pub discovery_interval: Duration,
}

/// Scrapes the targets of all jobs until it is stopped or dropped.
pub struct Scraper {
    parts: Parts,
    shared: Arc<Shared>,
    pools: Arc<Mutex<Pools>>,
    discoverer: Discoverer,
    follower: JoinHandle<()>,
}

#[derive(Default)]
struct Pools {
    by_job: BTreeMap<String, Pool>,
    /// Targets that are gone and whose series are still to be marked as ended.
    ending: Vec<Running>,
    /// Whether the server stops: nothing is started any more.
    stopped: bool,
}

/// A pool and its targets.
#[derive(Debug, Clone)]
pub struct PoolStatus {
    /// The name, which is that of the job.
    pub name: String,
    /// What is scraped, by labels.
    pub active: Vec<Arc<Target>>,
    /// The labels before relabelling of what it dropped, as many as are kept.
    pub dropped: Vec<Labels>,
    /// How many it dropped.
    pub dropped_count: usize,
}

impl Scraper {
    /// Starts without any job; must be called within a Tokio runtime.
    pub fn new(parts: Parts) -> Self {
        let shared = Arc::new(Shared {
            appendable: Arc::clone(&parts.appendable),
            clock: Arc::clone(&parts.clock),
            metrics: Metrics::new(&parts.registry),
            declarations: Declarations::default(),
            features: parts.features,
            user_agent: parts.user_agent.clone(),
            bodies: Spare::default(),
            batches: Spare::default(),
        });
        let discoverer = Discoverer::new(discovery::Parts {
            name: "scrape",
            clock: Arc::clone(&parts.clock),
            files: Arc::clone(&parts.files),
            registry: parts.registry.clone(),
            user_agent: parts.user_agent.clone(),
            interval: parts.discovery_interval,
        });
        let pools = Arc::new(Mutex::new(Pools::default()));
        let follower = tokio::spawn(follow(Arc::clone(&pools), discoverer.subscribe()));
        declare_computed_metrics(&parts.registry, &pools);
        Self { parts, shared, pools, discoverer, follower }
    }

    /// Takes whole new settings. Jobs that did not change go on untouched; of those that did, targets go on with
    /// what was learnt about them; the series of targets that are gone are marked as ended.
    ///
    /// # Errors
    /// The HTTP client of a job cannot be made, or the file for its failed scrapes not be opened: then nothing has
    /// changed.
    pub fn apply(&self, settings: Settings) -> Result<(), ApplyError> {
        let metrics = &self.shared.metrics;
        let seed = seed(&self.parts.host, &settings.external_labels);
        let mut jobs = Vec::with_capacity(settings.jobs.len());
        let mut failure_logs = FailureLogs::default();
        for job in settings.jobs {
            let client =
                Client::new(job.client.clone(), Arc::clone(&self.parts.files)).inspect_err(|_| {
                    metrics.pool_reloads_failed.inc();
                    metrics.pools_failed.inc();
                })?;
            let failures = failure_logs.open(&*self.parts.files, job.failure_log.as_deref())?;
            jobs.push((Arc::new(job), client, failures));
        }
        let sets = jobs.iter().map(|(job, ..)| (job.job_name.clone(), job.discoveries.clone())).collect();
        let mut pools = self.pools.lock();
        if pools.stopped {
            return Ok(());
        }
        let mut before = std::mem::take(&mut pools.by_job);
        for (job, client, failures) in jobs {
            let name = job.job_name.clone();
            let before = before.remove(&name).inspect(|pool| pool.failures.set(failures.clone()));
            let pool = match before {
                Some(mut pool) if pool.job.scrapes_like(&job) => {
                    pool.job = job;
                    pool
                }
                Some(mut pool) => {
                    metrics.pool_reloads.inc();
                    let start = self.shared.clock.monotonic();
                    let interval = model::duration::format_duration(job.scrape_interval);
                    pools.ending.extend(pool.reload(job, client, seed));
                    let seconds = self.shared.clock.monotonic().saturating_sub(start).as_secs_f64();
                    metrics.reload_length.with(&[&interval]).observe(seconds);
                    pool
                }
                None => {
                    metrics.pools.inc();
                    let pool = Pool::new(Arc::clone(&self.shared), job, client, seed);
                    pool.failures.set(failures);
                    pool
                }
            };
            pools.by_job.insert(name, pool);
        }
        for (name, mut gone) in before {
            pools.ending.extend(gone.end(Signal::Gone));
            metrics.jobs.remove(&name);
        }
        drop(pools);
        self.discoverer.apply(sets);
        Ok(())
    }

    /// All pools by name, their targets by labels.
    pub fn pools(&self) -> Vec<PoolStatus> {
        let pools = self.pools.lock();
        pools
            .by_job
            .iter()
            .map(|(name, pool)| {
                let mut active: Vec<_> = pool.targets().map(Arc::clone).collect();
                active.sort_by(|a, b| a.labels().cmp(b.labels()));
                PoolStatus {
                    name: name.clone(),
                    active,
                    dropped: pool.dropped.clone(),
                    dropped_count: pool.dropped_count,
                }
            })
            .collect()
    }

    /// The settings of a job.
    pub fn job(&self, name: &str) -> Option<Arc<JobSettings>> {
        self.pools.lock().by_job.get(name).map(|pool| Arc::clone(&pool.job))
    }

    /// Ends all scrapes. No series is marked as ended: the server may be back soon.
    pub async fn stop(&self) {
        self.follower.abort();
        let mut all = Vec::new();
        {
            let mut pools = self.pools.lock();
            pools.stopped = true;
            all.append(&mut pools.ending);
            for (_, mut pool) in std::mem::take(&mut pools.by_job) {
                all.extend(pool.end(Signal::Shutdown));
            }
        }
        for running in all {
            running.tell(Signal::Shutdown);
            // A task that panicked was logged by the runtime; the others are to be waited for all the same.
            let _ = running.task.await;
        }
    }
}

impl Drop for Scraper {
    fn drop(&mut self) {
        self.follower.abort();
        let mut pools = self.pools.lock();
        pools.stopped = true;
        pools.ending.iter().for_each(|running| running.tell(Signal::Shutdown));
        for pool in pools.by_job.values_mut() {
            pool.end(Signal::Shutdown);
        }
    }
}

impl fmt::Debug for Scraper {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scraper({} jobs)", self.pools.lock().by_job.len())
    }
}

/// Keeps the pools' targets those that were discovered last.
async fn follow(pools: Arc<Mutex<Pools>>, mut snapshots: watch::Receiver<Arc<Snapshot>>) {
    while snapshots.changed().await.is_ok() {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        let mut pools = pools.lock();
        if pools.stopped {
            return;
        }
        let Pools { by_job, ending, .. } = &mut *pools;
        ending.retain(|running| !running.task.is_finished());
        for (name, pool) in by_job {
            if let Some(groups) = snapshot.get(name) {
                ending.extend(pool.update(groups.clone()));
            }
        }
    }
}

/// Declares the metrics that are computed from the pools and the metadata of their targets.
fn declare_computed_metrics(registry: &Registry, pools: &Arc<Mutex<Pools>>) {
    let pools = Arc::downgrade(pools);
    registry.collector(move |families| {
        let Some(pools) = pools.upgrade() else { return };
        let (mut entries, mut bytes, mut series) = (Vec::new(), Vec::new(), Vec::new());
        for (name, pool) in &pools.lock().by_job {
            let sizes = pool.targets().map(|target| target.metadata.lock().size());
            let (count, size) = sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
            let labels = vec![("scrape_job".to_owned(), name.clone())];
            entries.push(Metric { labels: labels.clone(), value: Value::Gauge(count as f64) });
            bytes.push(Metric { labels: labels.clone(), value: Value::Gauge(size as f64) });
            series.push(Metric { labels, value: Value::Gauge(pool.series() as f64) });
        }
        let mut add = |name: &str, help: &str, metrics| {
            families.push(MetricFamily {
                name: name.to_owned(),
                help: help.to_owned(),
                kind: MetricKind::Gauge,
                unit: String::new(),
                metrics,
            });
        };
        add(
            "prometheus_target_metadata_cache_entries",
            "Total number of metric metadata entries in the cache",
            entries,
        );
        add(
            "prometheus_target_metadata_cache_bytes",
            "The number of bytes that are currently used for storing metric metadata in the cache",
            bytes,
        );
        add(
            "lapwing_target_scrape_pool_series",
            "Number of series that the targets of this scrape pool have together.",
            series,
        );
    });
}

/// A number that differs between servers.
fn seed(host: &str, external_labels: &Labels) -> u64 {
    Labels::from_pairs([("host", host)]).hash64() ^ external_labels.hash64()
}
