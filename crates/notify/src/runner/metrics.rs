//! Metrics of notifications, by the names that dashboards know.

use telemetry::{Counter, Family, Gauge, Histogram, Registry};

use crate::integration::Integration;

/// The bounds of latencies in seconds.
const LATENCY_BOUNDS: [f64; 5] = [1.0, 5.0, 10.0, 15.0, 20.0];

#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) alerts: Family<Gauge>,
    pub(crate) received: Family<Counter>,
    pub(crate) invalid: Family<Counter>,
    pub(crate) sent: Family<Counter>,
    pub(crate) failed: Family<Counter>,
    pub(crate) requests: Family<Counter>,
    pub(crate) requests_failed: Family<Counter>,
    pub(crate) latency: Family<Histogram>,
    pub(crate) suppressed: Family<Gauge>,
    pub(crate) silences: Family<Gauge>,
    pub(crate) groups: Gauge,
    pub(crate) receivers: Gauge,
    pub(crate) integrations: Gauge,
    pub(crate) inhibition_rules: Gauge,
    pub(crate) config_hash: Gauge,
    pub(crate) reload_successful: Gauge,
    pub(crate) reloaded_at: Gauge,
}

impl Metrics {
    pub(crate) fn new(registry: &Registry) -> Metrics {
        let counters = |name: &str, help: &str, labels: &[&str]| registry.counters(name, help, labels);
        let gauge = |name: &str, help: &str| registry.gauge(name, help);
        let metrics = Metrics {
            alerts: registry.gauges("alertmanager_alerts", "How many alerts by state.", &["state"]),
            received: counters("alertmanager_alerts_received_total", "The total number of received alerts.", &["status", "version"]),
            invalid: counters("alertmanager_alerts_invalid_total", "The total number of received alerts that were invalid.", &["version"]),
            sent: counters("alertmanager_notifications_total", "The total number of attempted notifications.", &["integration"]),
            failed: counters("alertmanager_notifications_failed_total", "The total number of failed notifications.", &["integration", "reason"]),
            requests: counters("alertmanager_notification_requests_total", "The total number of attempted notification requests.", &["integration"]),
            requests_failed: counters("alertmanager_notification_requests_failed_total", "The total number of failed notification requests.", &["integration"]),
            latency: registry.histograms("alertmanager_notification_latency_seconds", "The latency of notifications in seconds.", &["integration"], &LATENCY_BOUNDS),
            suppressed: registry.gauges("alertmanager_notifications_suppressed_total", "The total number of notifications suppressed for being silenced, inhibited, outside of active time intervals or within muted time intervals.", &["reason"]),
            silences: registry.gauges("alertmanager_silences", "How many silences by state.", &["state"]),
            groups: gauge("alertmanager_dispatcher_aggregation_groups", "Number of active aggregation groups"),
            receivers: gauge("alertmanager_receivers", "Number of configured receivers."),
            integrations: gauge("alertmanager_integrations", "Number of configured integrations."),
            inhibition_rules: gauge("alertmanager_inhibition_rules", "Number of configured inhibition rules."),
            config_hash: gauge("alertmanager_config_hash", "Hash of the currently loaded alertmanager configuration."),
            reload_successful: gauge("alertmanager_config_last_reload_successful", "Whether the last configuration reload attempt was successful."),
            reloaded_at: gauge("alertmanager_config_last_reload_success_timestamp_seconds", "Timestamp of the last successful configuration reload."),
        };
        gauge("alertmanager_cluster_enabled", "Indicates whether the clustering is enabled or not.").set(0.0);
        for name in Integration::NAMES {
            metrics.sent.with(&[name]);
            metrics.requests.with(&[name]);
            metrics.requests_failed.with(&[name]);
            metrics.latency.with(&[name]);
            for reason in [
                "other",
                "clientError",
                "serverError",
                "contextCanceled",
                "contextDeadlineExceeded",
                "authError",
                "rateLimited",
            ] {
                metrics.failed.with(&[name, reason]);
            }
        }
        metrics.invalid.with(&["v2"]);
        for status in ["firing", "resolved"] {
            metrics.received.with(&[status, "v2"]);
        }
        metrics
    }
}
