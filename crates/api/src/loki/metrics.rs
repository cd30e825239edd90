//! Metrics of the Loki half, under the names that its dashboards and alerts know.

use telemetry::{Counter, Family, Gauge, Histogram, Registry};

/// The metrics.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    pub(super) request_seconds: Family<Histogram>,
    pub(super) inflight: Family<Gauge>,
    pub(super) panics: Counter,
    pub(super) query_latency: Family<Histogram>,
    pub(super) query_rate: Family<Histogram>,
    pub(super) tails: Gauge,
    pub(super) tail_bytes: Counter,
}

impl Metrics {
    pub(super) fn new(registry: &Registry, build: &crate::BuildInfo) -> Self {
        let seconds = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0];
        let rates: Vec<f64> = (0..9).map(|power| 20e6 * f64::from(1u32 << power)).collect();
        let build_info = registry.gauges(
            "loki_build_info",
            "What this build is; the value is always 1.",
            &["version", "revision", "branch", "goversion"],
        );
        build_info.with(&[&build.version, &build.revision, &build.branch, &build.go_version]).set(1.0);
        Self {
            request_seconds: registry.histograms(
                "loki_request_duration_seconds",
                "Time (in seconds) spent serving HTTP requests.",
                &["method", "route", "status_code", "ws"],
                seconds,
            ),
            inflight: registry.gauges(
                "loki_inflight_requests",
                "Current number of inflight requests.",
                &["method", "route"],
            ),
            panics: registry.counter("loki_panic_total", "The total number of panic triggered"),
            query_latency: registry.histograms(
                "loki_logql_querystats_latency_seconds",
                "Distribution of latency for LogQL queries.",
                &["status_code", "type", "range"],
                &[0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0],
            ),
            query_rate: registry.histograms(
                "loki_logql_querystats_bytes_processed_per_seconds",
                "Distribution of bytes processed per second for LogQL queries.",
                &["status_code", "type", "range", "latency_type", "sharded"],
                &rates,
            ),
            tails: registry.gauge("loki_querier_tail_active", "Number of active tailers"),
            tail_bytes: registry.counter("loki_querier_tail_bytes_total", "total bytes tailed"),
        }
    }
}
