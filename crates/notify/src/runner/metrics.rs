//! Metrics of notifications, by the names that dashboards know.

use std::sync::Arc;

use alerting::silence::SilenceState;
use alerting::{Dispatcher, Suppression};
use telemetry::{Counter, Family, Gauge, Histogram, Metric, MetricFamily, MetricKind, Registry, Value};

use super::Runner;
use crate::integration::Integration;

/// The bounds of latencies in seconds.
const LATENCY_BOUNDS: [f64; 5] = [1.0, 5.0, 10.0, 15.0, 20.0];

#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) received: Family<Counter>,
    pub(crate) invalid: Family<Counter>,
    pub(crate) sent: Family<Counter>,
    pub(crate) failed: Family<Counter>,
    pub(crate) requests: Family<Counter>,
    pub(crate) requests_failed: Family<Counter>,
    pub(crate) latency: Family<Histogram>,
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
            received: counters(
                "alertmanager_alerts_received_total",
                "The total number of received alerts.",
                &["status", "version"],
            ),
            invalid: counters(
                "alertmanager_alerts_invalid_total",
                "The total number of received alerts that were invalid.",
                &["version"],
            ),
            sent: counters(
                "alertmanager_notifications_total",
                "The total number of attempted notifications.",
                &["integration"],
            ),
            failed: counters(
                "alertmanager_notifications_failed_total",
                "The total number of failed notifications.",
                &["integration", "reason"],
            ),
            requests: counters(
                "alertmanager_notification_requests_total",
                "The total number of attempted notification requests.",
                &["integration"],
            ),
            requests_failed: counters(
                "alertmanager_notification_requests_failed_total",
                "The total number of failed notification requests.",
                &["integration"],
            ),
            latency: registry.histograms(
                "alertmanager_notification_latency_seconds",
                "The latency of notifications in seconds.",
                &["integration"],
                &LATENCY_BOUNDS,
            ),
            receivers: gauge("alertmanager_receivers", "Number of configured receivers."),
            integrations: gauge("alertmanager_integrations", "Number of configured integrations."),
            inhibition_rules: gauge(
                "alertmanager_inhibition_rules",
                "Number of configured inhibition rules.",
            ),
            config_hash: gauge(
                "alertmanager_config_hash",
                "Hash of the currently loaded alertmanager configuration.",
            ),
            reload_successful: gauge(
                "alertmanager_config_last_reload_successful",
                "Whether the last configuration reload attempt was successful.",
            ),
            reloaded_at: gauge(
                "alertmanager_config_last_reload_success_timestamp_seconds",
                "Timestamp of the last successful configuration reload.",
            ),
        };
        gauge("alertmanager_cluster_enabled", "Indicates whether the clustering is enabled or not.").set(0.0);
        metrics.show_all();
        metrics
    }

    /// Has every label set be there from the start, as zero.
    fn show_all(&self) {
        for name in Integration::NAMES {
            self.sent.with(&[name]);
            self.requests.with(&[name]);
            self.requests_failed.with(&[name]);
            self.latency.with(&[name]);
            for reason in [
                "other",
                "clientError",
                "serverError",
                "contextCanceled",
                "contextDeadlineExceeded",
                "authError",
                "rateLimited",
            ] {
                self.failed.with(&[name, reason]);
            }
        }
        self.invalid.with(&["v2"]);
        for status in ["firing", "resolved"] {
            self.received.with(&[status, "v2"]);
        }
    }
}

impl Runner {
    /// Has the registry show what is read of the state.
    pub(super) fn show_state(&self) {
        let inner = Arc::downgrade(&self.inner);
        self.inner.parts.registry.collector(move |families| {
            if let Some(inner) = inner.upgrade() {
                families.extend(Runner { inner }.look(state_families));
            }
        });
    }
}

fn state_families(dispatcher: &mut Dispatcher, now: i64) -> [MetricFamily; 5] {
    let gauge = |count: usize| Value::Gauge(count as f64);
    let (active, suppressed) = dispatcher.count_alerts(now);
    let states = [SilenceState::Active, SilenceState::Expired, SilenceState::Pending];
    let silences = states.map(|state| (state.as_str(), gauge(dispatcher.count_silences(state, now))));
    let kept_back =
        Suppression::ALL.map(|why| (why.as_str(), Value::Counter(dispatcher.count_suppressed(why) as f64)));
    [
        family(
            "alertmanager_alerts",
            "How many alerts by state.",
            (MetricKind::Gauge, "state"),
            &[("active", gauge(active)), ("suppressed", gauge(suppressed)), ("unprocessed", gauge(0))],
        ),
        family(
            "alertmanager_silences",
            "How many silences by state.",
            (MetricKind::Gauge, "state"),
            &silences,
        ),
        family(
            "alertmanager_notifications_suppressed_total",
            "The total number of notifications suppressed for being silenced, inhibited, outside of active time intervals or within muted time intervals.",
            (MetricKind::Counter, "reason"),
            &kept_back,
        ),
        family(
            "alertmanager_dispatcher_aggregation_groups",
            "Number of active aggregation groups",
            (MetricKind::Gauge, ""),
            &[("", gauge(dispatcher.count_groups()))],
        ),
        family(
            "alertmanager_alerts_limited_total",
            "The total number of alerts that were refused since there were too many of their name.",
            (MetricKind::Counter, ""),
            &[("", Value::Counter(dispatcher.count_limited() as f64))],
        ),
    ]
}

fn family(
    name: &str,
    help: &str,
    (kind, label): (MetricKind, &str),
    values: &[(&str, Value)],
) -> MetricFamily {
    let labels = |text: &str| match label {
        "" => Vec::new(),
        label => vec![(label.to_owned(), text.to_owned())],
    };
    let metric = |(text, value): &(&str, Value)| Metric { labels: labels(text), value: value.clone() };
    MetricFamily {
        name: name.to_owned(),
        help: help.to_owned(),
        kind,
        unit: String::new(),
        metrics: values.iter().map(metric).collect(),
    }
}
