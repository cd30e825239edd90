//! Metrics of the HTTP surface and of queries.

use telemetry::{Counter, Family, Gauge, Histogram, Registry, Summary};

/// The metrics, under the names that dashboards know.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) requests: Family<Counter>,
    pub(crate) request_seconds: Family<Histogram>,
    pub(crate) response_bytes: Family<Histogram>,
    pub(crate) ready: Gauge,
    pub(crate) queries: Gauge,
    pub(crate) queries_concurrent_max: Gauge,
    pub(crate) query_seconds: Family<Summary>,
    pub(crate) query_samples: Counter,
    pub(crate) scrapes_of_metrics: Family<Counter>,
    pub(crate) scrapes_in_flight: Gauge,
    pub(crate) federation_errors: Counter,
    pub(crate) federation_warnings: Counter,
}

impl Metrics {
    /// Enters the metrics.
    pub fn new(registry: &Registry) -> Self {
        let objectives = &[0.5, 0.9, 0.99];
        let seconds = &[0.1, 0.2, 0.4, 1.0, 3.0, 8.0, 20.0, 60.0, 120.0];
        let bytes = telemetry::exponential_buckets(100.0, 10.0, 8);
        Self {
            requests: registry.counters(
                "prometheus_http_requests_total",
                "Counter of HTTP requests.",
                &["handler", "code"],
            ),
            request_seconds: registry.histograms(
                "prometheus_http_request_duration_seconds",
                "Histogram of latencies for HTTP requests.",
                &["handler"],
                seconds,
            ),
            response_bytes: registry.histograms(
                "prometheus_http_response_size_bytes",
                "Histogram of response size for HTTP requests.",
                &["handler"],
                &bytes,
            ),
            ready: registry.gauge(
                "prometheus_ready",
                "Whether Prometheus startup was fully completed and the server is ready for normal operation.",
            ),
            queries: registry
                .gauge("prometheus_engine_queries", "The current number of queries being executed or waiting."),
            queries_concurrent_max: registry
                .gauge("prometheus_engine_queries_concurrent_max", "The max number of concurrent queries."),
            query_seconds: registry.summaries(
                "prometheus_engine_query_duration_seconds",
                "Query timings",
                &["slice"],
                objectives,
            ),
            query_samples: registry.counter(
                "prometheus_engine_query_samples_total",
                "The total number of samples loaded by all queries.",
            ),
            scrapes_of_metrics: registry.counters(
                "promhttp_metric_handler_requests_total",
                "Total number of scrapes by HTTP status code.",
                &["code"],
            ),
            scrapes_in_flight: registry.gauge(
                "promhttp_metric_handler_requests_in_flight",
                "Current number of scrapes being served.",
            ),
            federation_errors: registry.counter(
                "prometheus_web_federation_errors_total",
                "Total number of errors that occurred while sending federation responses.",
            ),
            federation_warnings: registry.counter(
                "prometheus_web_federation_warnings_total",
                "Total number of warnings that occurred while sending federation responses.",
            ),
        }
    }
}
