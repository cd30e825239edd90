//! Metrics of the Loki half, under the names that its dashboards and alerts know.

use telemetry::{Counter, Family, Gauge, Histogram, Registry};

/// The metrics.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    pub(super) request_seconds: Family<Histogram>,
    pub(super) inflight: Family<Gauge>,
    pub(super) request_bytes: Family<Histogram>,
    pub(super) response_bytes: Family<Histogram>,
    pub(super) index_seconds: Family<Histogram>,
    pub(super) panics: Counter,
    pub(super) query_latency: Family<Histogram>,
    pub(super) query_rate: Family<Histogram>,
    pub(super) duplicates: Counter,
    pub(super) chunks_read: Family<Counter>,
    pub(super) tails: Gauge,
    pub(super) tail_streams: Gauge,
    pub(super) tail_bytes: Counter,
}

impl Metrics {
    pub(super) fn new(registry: &Registry, build: &crate::BuildInfo) -> Self {
        let seconds = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0];
        let bytes: Vec<f64> = [1, 5, 10, 25, 50, 100, 250].map(|mib| f64::from(mib << 20)).to_vec();
        constant(registry);
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
            index_seconds: registry.histograms(
                "loki_index_request_duration_seconds",
                "Time (in seconds) spent in serving index query requests",
                &["operation", "status_code"],
                &[0.005, 0.02, 0.08, 0.32, 1.28, 5.12, 20.48, 81.92],
            ),
            request_bytes: registry.histograms(
                "loki_request_message_bytes",
                "Size (in bytes) of messages received in the request.",
                &["method", "route"],
                &bytes,
            ),
            response_bytes: registry.histograms(
                "loki_response_message_bytes",
                "Size (in bytes) of messages sent in response.",
                &["method", "route"],
                &bytes,
            ),
            duplicates: registry.counter(
                "loki_logql_querystats_duplicates_total",
                "Total count of duplicates found while executing LogQL queries.",
            ),
            chunks_read: registry.counters(
                "loki_logql_querystats_downloaded_chunk_total",
                "Total count of chunks downloaded found while executing LogQL queries.",
                &["status_code", "type", "range"],
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
            tail_streams: registry
                .gauge("loki_querier_tail_active_streams", "Number of active streams being tailed"),
            tail_bytes: registry.counter("loki_querier_tail_bytes_total", "total bytes tailed"),
        }
    }
}

/// What dashboards draw and what never changes here, where one process does everything: nothing is fetched from
/// another one, and nothing is cached by answer.
fn constant(registry: &Registry) {
    let buckets = &[0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
    registry.histograms(
        "loki_logql_querystats_chunk_download_latency_seconds",
        "Distribution of chunk downloads latency for LogQL queries.",
        &["status_code", "type", "range"],
        buckets,
    );
    registry.counter(
        "loki_logql_querystats_ingester_sent_lines_total",
        "Total count of lines sent from ingesters while executing LogQL queries.",
    );
    for (name, help) in [
        ("loki_embeddedcache_entries", "The total number of entries in the cache"),
        ("loki_embeddedcache_memory_bytes", "The current cache size in bytes"),
        ("loki_query_frontend_queue_length", "Number of queries in the queue."),
    ] {
        registry.gauge(name, help);
    }
    registry
        .counter("loki_query_frontend_discarded_requests_total", "Total number of query requests discarded.");
    registry
        .gauge("loki_query_frontend_connected_clients", "Number of workers that answer queries.")
        .set(1.0);
}

/// What a route asks of the index, where it asks nothing else.
pub(super) fn index_operation(route: &str) -> Option<&'static str> {
    Some(match route {
        "loki_api_v1_labels" | "loki_api_v1_label" | "api_prom_label" => "label_names",
        "loki_api_v1_label_name_values" | "api_prom_label_name_values" => "label_values",
        "loki_api_v1_series" | "api_prom_series" => "series",
        "loki_api_v1_index_stats" => "stats",
        "loki_api_v1_index_volume" | "loki_api_v1_index_volume_range" => "volume",
        "loki_api_v1_index_shards" => "shards",
        _ => return None,
    })
}
