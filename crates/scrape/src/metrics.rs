//! Metrics of scraping, under the names that dashboards know.

use telemetry::{Counter, Family, Gauge, Histogram, Registry, Summary};

/// Handles to the metrics of all pools.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) cache_flushes: Counter,
    pub(crate) pools: Counter,
    pub(crate) pools_failed: Counter,
    pub(crate) pool_reloads: Counter,
    pub(crate) pool_reloads_failed: Counter,
    pub(crate) exceeded_target_limit: Counter,
    pub(crate) exceeded_label_limits: Counter,
    pub(crate) exceeded_body_limit: Counter,
    pub(crate) exceeded_sample_limit: Counter,
    pub(crate) exceeded_bucket_limit: Counter,
    pub(crate) duplicate_samples: Counter,
    pub(crate) out_of_order: Counter,
    pub(crate) out_of_bounds: Counter,
    pub(crate) exemplars_out_of_order: Counter,
    pub(crate) scrape_duration: Histogram,
    /// By job.
    pub(crate) jobs: JobFamilies,
    /// By the interval as configured.
    pub(crate) interval_length: Family<Summary>,
    pub(crate) interval_length_histogram: Family<Histogram>,
    pub(crate) reload_length: Family<Summary>,
}

/// Metrics that are labelled with the job.
#[derive(Debug, Clone)]
pub(crate) struct JobFamilies {
    pub(crate) syncs: Family<Counter>,
    pub(crate) sync_failed: Family<Counter>,
    pub(crate) sync_length: Family<Summary>,
    pub(crate) sync_length_histogram: Family<Histogram>,
    pub(crate) targets: Family<Gauge>,
    pub(crate) target_limit: Family<Gauge>,
    pub(crate) series_refused: Family<Counter>,
}

const QUANTILES: [f64; 5] = [0.01, 0.05, 0.5, 0.9, 0.99];

impl Metrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let scrapes = |name: &str, help: &str| registry.counter(&format!("prometheus_target_{name}"), help);
        Self {
            cache_flushes: scrapes(
                "scrapes_cache_flush_forced_total",
                "How many times a scrape cache was flushed due to getting big while scrapes are failing.",
            ),
            pools: scrapes("scrape_pools_total", "Total number of scrape pool creation attempts."),
            pools_failed: scrapes(
                "scrape_pools_failed_total",
                "Total number of scrape pool creations that failed.",
            ),
            pool_reloads: scrapes("scrape_pool_reloads_total", "Total number of scrape pool reloads."),
            pool_reloads_failed: scrapes(
                "scrape_pool_reloads_failed_total",
                "Total number of failed scrape pool reloads.",
            ),
            exceeded_target_limit: scrapes(
                "scrape_pool_exceeded_target_limit_total",
                "Total number of times scrape pools hit the target limit, during sync or config reload.",
            ),
            exceeded_label_limits: scrapes(
                "scrape_pool_exceeded_label_limits_total",
                "Total number of times scrape pools hit the label limits, during sync or config reload.",
            ),
            exceeded_body_limit: scrapes(
                "scrapes_exceeded_body_size_limit_total",
                "Total number of scrapes that hit the body size limit",
            ),
            exceeded_sample_limit: scrapes(
                "scrapes_exceeded_sample_limit_total",
                "Total number of scrapes that hit the sample limit and were rejected.",
            ),
            exceeded_bucket_limit: scrapes(
                "scrapes_exceeded_native_histogram_bucket_limit_total",
                "Total number of scrapes that hit the native histogram bucket limit and were rejected.",
            ),
            duplicate_samples: scrapes(
                "scrapes_sample_duplicate_timestamp_total",
                "Total number of samples rejected due to duplicate timestamps but different values.",
            ),
            out_of_order: scrapes(
                "scrapes_sample_out_of_order_total",
                "Total number of samples rejected due to not being out of the expected order.",
            ),
            out_of_bounds: scrapes(
                "scrapes_sample_out_of_bounds_total",
                "Total number of samples rejected due to timestamp falling outside of the time bounds.",
            ),
            exemplars_out_of_order: scrapes(
                "scrapes_exemplar_out_of_order_total",
                "Total number of exemplar rejected due to not being out of the expected order.",
            ),
            scrape_duration: registry.histogram(
                "prometheus_target_scrape_duration_seconds",
                "Scrape request latency histogram.",
                &telemetry::DEFAULT_BUCKETS,
            ),
            jobs: JobFamilies::new(registry),
            interval_length: registry.summaries(
                "prometheus_target_interval_length_seconds",
                "Actual intervals between scrapes.",
                &["interval"],
                &QUANTILES,
            ),
            interval_length_histogram: registry.histograms(
                "prometheus_target_interval_length_histogram_seconds",
                "Actual intervals between scrapes.",
                &["interval"],
                &[0.01, 0.1, 1.0, 10.0],
            ),
            reload_length: registry.summaries(
                "prometheus_target_reload_length_seconds",
                "Actual interval to reload the scrape pool with a given configuration.",
                &["interval"],
                &QUANTILES,
            ),
        }
    }
}

impl JobFamilies {
    fn new(registry: &Registry) -> Self {
        let labels = &["scrape_job"];
        Self {
            syncs: registry.counters(
                "prometheus_target_scrape_pool_sync_total",
                "Total number of syncs that were executed on a scrape pool.",
                labels,
            ),
            sync_failed: registry.counters(
                "prometheus_target_sync_failed_total",
                "Total number of target sync failures.",
                labels,
            ),
            sync_length: registry.summaries(
                "prometheus_target_sync_length_seconds",
                "Actual interval to sync the scrape pool.",
                labels,
                &QUANTILES,
            ),
            sync_length_histogram: registry.histograms(
                "prometheus_target_sync_length_histogram_seconds",
                "Actual interval to sync the scrape pool.",
                labels,
                &[0.01, 0.1, 1.0, 10.0],
            ),
            targets: registry.gauges(
                "prometheus_target_scrape_pool_targets",
                "Current number of targets in this scrape pool.",
                labels,
            ),
            target_limit: registry.gauges(
                "prometheus_target_scrape_pool_target_limit",
                "Maximum number of targets allowed in this scrape pool.",
                labels,
            ),
            series_refused: registry.counters(
                "lapwing_target_scrape_pool_series_refused_total",
                "Samples of new series that were not taken since this scrape pool has as many series as it may have.",
                labels,
            ),
        }
    }

    /// Forgets a job that is gone.
    pub(crate) fn remove(&self, job: &str) {
        let job = &[job];
        self.syncs.remove(job);
        self.sync_failed.remove(job);
        self.sync_length.remove(job);
        self.sync_length_histogram.remove(job);
        self.targets.remove(job);
        self.target_limit.remove(job);
        self.series_refused.remove(job);
    }
}
