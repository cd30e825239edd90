//! The metrics of what comes in, under the names that dashboards know.

use std::ops::AddAssign;

use telemetry::{Counter, Family, Histogram, Registry};

use crate::error::Reason;

/// Bounds of `loki_bytes_per_line`.
const LINE_BYTES: [f64; 10] = [16.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 16_384.0, 65_536.0];

/// What comes in, by tenant.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    bytes_received: Family<Counter>,
    lines_received: Family<Counter>,
    metadata_bytes_received: Family<Counter>,
    discarded_lines: Family<Counter>,
    discarded_bytes: Family<Counter>,
    mutated_lines: Family<Counter>,
    mutated_bytes: Family<Counter>,
    bytes_per_line: Histogram,
    pub(crate) appends: Family<Counter>,
    pub(crate) append_failures: Family<Counter>,
}

impl Metrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let received = ["tenant", "retention_hours", "is_internal_stream", "policy", "format"];
        let discarded = ["reason", "tenant", "retention_hours", "policy", "format"];
        let counters = |name: &str, help: &str, labels: &[&str]| registry.counters(name, help, labels);
        Self {
            bytes_received: counters(
                "loki_distributor_bytes_received_total",
                "The total number of uncompressed bytes received per tenant. Includes structured metadata bytes.",
                &received,
            ),
            lines_received: counters(
                "loki_distributor_lines_received_total",
                "The total number of lines received per tenant",
                &received,
            ),
            metadata_bytes_received: counters(
                "loki_distributor_structured_metadata_bytes_received_total",
                "The total number of uncompressed bytes received per tenant for entries' structured metadata",
                &received,
            ),
            discarded_lines: counters(
                "loki_discarded_samples_total",
                "The total number of samples that were discarded.",
                &discarded,
            ),
            discarded_bytes: counters(
                "loki_discarded_bytes_total",
                "The total number of bytes that were discarded.",
                &discarded,
            ),
            mutated_lines: counters(
                "loki_mutated_samples_total",
                "The total number of samples that have been mutated.",
                &["reason", "tenant"],
            ),
            mutated_bytes: counters(
                "loki_mutated_bytes_total",
                "The total number of bytes that have been mutated.",
                &["reason", "tenant"],
            ),
            bytes_per_line: registry.histogram(
                "loki_bytes_per_line",
                "The total number of bytes per line.",
                &LINE_BYTES,
            ),
            appends: counters(
                "loki_distributor_ingester_appends_total",
                "The total number of batch appends sent to ingesters.",
                &["ingester"],
            ),
            append_failures: counters(
                "loki_distributor_ingester_append_failures_total",
                "The total number of failed batch appends sent to ingesters.",
                &["ingester"],
            ),
        }
    }

    pub(crate) fn tenant(&self, tenant: &str) -> TenantMetrics {
        TenantMetrics { tenant: tenant.to_owned(), metrics: self.clone() }
    }
}

/// The metrics of one tenant.
#[derive(Debug, Clone)]
pub(crate) struct TenantMetrics {
    tenant: String,
    metrics: Metrics,
}

/// What a push brought of one kind of stream.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Received {
    pub(crate) lines: usize,
    pub(crate) line_bytes: usize,
    pub(crate) metadata_bytes: usize,
}

impl AddAssign for Received {
    fn add_assign(&mut self, other: Self) {
        self.lines += other.lines;
        self.line_bytes += other.line_bytes;
        self.metadata_bytes += other.metadata_bytes;
    }
}

/// What tells the numbers of one push apart from those of others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Labelled<'a> {
    pub(crate) retention_hours: &'a str,
    pub(crate) policy: &'a str,
    pub(crate) format: &'a str,
}

impl TenantMetrics {
    pub(crate) fn received(&self, received: Received, is_internal: bool, labelled: Labelled<'_>) {
        let is_internal = if is_internal { "true" } else { "false" };
        let values = [&self.tenant, labelled.retention_hours, is_internal, labelled.policy, labelled.format];
        let all = received.line_bytes + received.metadata_bytes;
        self.metrics.bytes_received.with(&values).add(all as u64);
        self.metrics.lines_received.with(&values).add(received.lines as u64);
        self.metrics.metadata_bytes_received.with(&values).add(received.metadata_bytes as u64);
    }

    /// Takes note of how long the lines of the streams of a push are.
    pub(crate) fn lines(&self, of_streams: &[f64]) {
        self.metrics.bytes_per_line.observe_all(of_streams.iter().copied());
    }

    pub(crate) fn discarded(&self, reason: Reason, lines: usize, bytes: usize, labelled: Labelled<'_>) {
        let values =
            [reason.as_str(), &self.tenant, labelled.retention_hours, labelled.policy, labelled.format];
        self.metrics.discarded_lines.with(&values).add(lines as u64);
        self.metrics.discarded_bytes.with(&values).add(bytes as u64);
    }

    pub(crate) fn cut(&self, lines: usize, bytes: usize) {
        let values = ["line_too_long", &self.tenant];
        self.metrics.mutated_lines.with(&values).add(lines as u64);
        self.metrics.mutated_bytes.with(&values).add(bytes as u64);
    }
}
