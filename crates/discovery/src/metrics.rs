//! Metrics of discoveries, under the names that dashboards know.

use crate::KubernetesRole;
use telemetry::{Counter, Family, Gauge, Histogram, Registry, Summary};

/// Handles to the metrics of all discoveries.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    /// By kind of discoverer and set.
    pub(crate) discovered_targets: Family<Gauge>,
    /// By kind of discoverer and set.
    pub(crate) last_update: Family<Gauge>,
    pub(crate) received_updates: Family<Counter>,
    pub(crate) updates: Family<Counter>,
    pub(crate) updates_delayed: Family<Counter>,
    pub(crate) failed_configs: Family<Gauge>,
    /// By mechanism and set.
    pub(crate) refresh_failures: Family<Counter>,
    /// By mechanism and set.
    pub(crate) refresh_duration: Family<Summary>,
    pub(crate) refresh_duration_histogram: Family<Histogram>,
    pub(crate) file_read_errors: Counter,
    pub(crate) file_scan_duration: Summary,
    pub(crate) http_failures: Counter,
    pub(crate) servers: ServerMetrics,
}

/// Handles to the metrics of discoveries that ask servers other than those of HTTP lists.
#[derive(Debug, Clone)]
pub(crate) struct ServerMetrics {
    pub(crate) dns_lookups: Counter,
    pub(crate) dns_lookup_failures: Counter,
    /// By endpoint and call.
    pub(crate) consul_duration: Family<Summary>,
    pub(crate) consul_failures: Counter,
    /// By role and event.
    pub(crate) kubernetes_events: Family<Counter>,
    pub(crate) kubernetes_failures: Counter,
}

impl Metrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let quantiles = &[0.5, 0.9, 0.99];
        // Declared so that rules about it find it: changes are polled for, so that no watcher can fail.
        registry.counter(
            "prometheus_sd_file_watcher_errors_total",
            "The number of File-SD errors caused by filesystem watch failures.",
        );
        Self {
            discovered_targets: registry.gauges(
                "prometheus_sd_discovered_targets",
                "Current number of discovered targets.",
                &["name", "config"],
            ),
            last_update: registry.gauges(
                "prometheus_sd_last_update_timestamp_seconds",
                "Timestamp of the last update sent to the SD consumers.",
                &["name", "config"],
            ),
            received_updates: registry.counters(
                "prometheus_sd_received_updates_total",
                "Total number of update events received from the SD providers.",
                &["name"],
            ),
            updates: registry.counters(
                "prometheus_sd_updates_total",
                "Total number of update events sent to the SD consumers.",
                &["name"],
            ),
            updates_delayed: registry.counters(
                "prometheus_sd_updates_delayed_total",
                "Total number of update events that couldn't be sent immediately.",
                &["name"],
            ),
            failed_configs: registry.gauges(
                "prometheus_sd_failed_configs",
                "Current number of service discovery configurations that failed to load.",
                &["name"],
            ),
            refresh_failures: registry.counters(
                "prometheus_sd_refresh_failures_total",
                "Number of refresh failures for the given SD mechanism.",
                &["mechanism", "config"],
            ),
            refresh_duration: registry.summaries(
                "prometheus_sd_refresh_duration_seconds",
                "The duration of a refresh in seconds for the given SD mechanism.",
                &["mechanism", "config"],
                quantiles,
            ),
            refresh_duration_histogram: registry.histograms(
                "prometheus_sd_refresh_duration_histogram_seconds",
                "The duration of a refresh for the given SD mechanism.",
                &["mechanism", "config"],
                &[0.01, 0.1, 1.0, 10.0],
            ),
            file_read_errors: registry
                .counter("prometheus_sd_file_read_errors_total", "The number of File-SD read errors."),
            file_scan_duration: registry.summary(
                "prometheus_sd_file_scan_duration_seconds",
                "The duration of the File-SD scan in seconds.",
                quantiles,
            ),
            http_failures: registry.counter(
                "prometheus_sd_http_failures_total",
                "Number of HTTP service discovery refresh failures.",
            ),
            servers: ServerMetrics::new(registry, quantiles),
        }
    }
}

impl ServerMetrics {
    fn new(registry: &Registry, quantiles: &[f64]) -> Self {
        let kubernetes_events = registry.counters(
            "prometheus_sd_kubernetes_events_total",
            "The number of Kubernetes events handled.",
            &["role", "event"],
        );
        // There from the start, so that rates of them are right.
        for role in KubernetesRole::ALL {
            for event in ["add", "delete", "update"] {
                kubernetes_events.with(&[role.as_str(), event]);
            }
        }
        Self {
            kubernetes_events,
            kubernetes_failures: registry.counter(
                "prometheus_sd_kubernetes_failures_total",
                "The number of failed WATCH/LIST requests.",
            ),
            dns_lookups: registry.counter("prometheus_sd_dns_lookups_total", "The number of DNS-SD lookups."),
            dns_lookup_failures: registry
                .counter("prometheus_sd_dns_lookup_failures_total", "The number of DNS-SD lookup failures."),
            consul_duration: registry.summaries(
                "prometheus_sd_consul_rpc_duration_seconds",
                "The duration of a Consul RPC call in seconds.",
                &["endpoint", "call"],
                quantiles,
            ),
            consul_failures: registry.counter(
                "prometheus_sd_consul_rpc_failures_total",
                "The number of Consul RPC call failures.",
            ),
        }
    }
}
