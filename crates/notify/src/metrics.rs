//! Metrics of sending alerts, named as the original names them.

use telemetry::{Counter, Family, Gauge, Histogram, Registry, Summary};

const RECEIVER: &[&str] = &["alertmanager"];

/// Handles of all metrics.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    pub(crate) discovered: Gauge,
    latency: Family<Summary>,
    latency_histogram: Family<Histogram>,
    errors: Family<Counter>,
    sent: Family<Counter>,
    dropped: Family<Counter>,
    queue_length: Family<Gauge>,
}

/// Handles of the metrics of one receiver.
#[derive(Clone, Debug)]
pub(crate) struct QueueMetrics {
    pub(crate) latency: Summary,
    pub(crate) latency_histogram: Histogram,
    pub(crate) errors: Counter,
    pub(crate) sent: Counter,
    pub(crate) dropped: Counter,
    pub(crate) length: Gauge,
}

impl Metrics {
    pub(crate) fn new(registry: &Registry, capacity: usize) -> Metrics {
        registry
            .gauge(
                "prometheus_notifications_queue_capacity",
                "The capacity of the alert notifications queue.",
            )
            .set(capacity as f64);
        Metrics {
            discovered: registry.gauge(
                "prometheus_notifications_alertmanagers_discovered",
                "The number of alertmanagers discovered and active.",
            ),
            latency: registry.summaries(
                "prometheus_notifications_latency_seconds",
                "Latency quantiles for sending alert notifications.",
                RECEIVER,
                &[0.5, 0.9, 0.99],
            ),
            latency_histogram: registry.histograms(
                "prometheus_notifications_latency_histogram_seconds",
                "Latency histogram for sending alert notifications.",
                RECEIVER,
                &[0.01, 0.1, 1.0, 10.0],
            ),
            errors: registry.counters(
                "prometheus_notifications_errors_total",
                "Total number of sent alerts affected by errors.",
                RECEIVER,
            ),
            sent: registry.counters(
                "prometheus_notifications_sent_total",
                "Total number of alerts sent.",
                RECEIVER,
            ),
            dropped: registry.counters(
                "prometheus_notifications_dropped_total",
                "Total number of alerts dropped due to errors when sending to Alertmanager.",
                RECEIVER,
            ),
            queue_length: registry.gauges(
                "prometheus_notifications_queue_length",
                "The number of alert notifications in the queue.",
                RECEIVER,
            ),
        }
    }

    pub(crate) fn of(&self, url: &str) -> QueueMetrics {
        QueueMetrics {
            latency: self.latency.with(&[url]),
            latency_histogram: self.latency_histogram.with(&[url]),
            errors: self.errors.with(&[url]),
            sent: self.sent.with(&[url]),
            dropped: self.dropped.with(&[url]),
            length: self.queue_length.with(&[url]),
        }
    }

    /// Takes the metrics of a receiver away that is there no more.
    pub(crate) fn forget(&self, url: &str) {
        self.latency.remove(&[url]);
        self.latency_histogram.remove(&[url]);
        for family in [&self.errors, &self.sent, &self.dropped] {
            family.remove(&[url]);
        }
        self.queue_length.remove(&[url]);
    }
}
