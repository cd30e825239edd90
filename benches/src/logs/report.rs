//! What a push has come to.

use std::time::Duration;

use serde_json::{Value, json};

use super::corpus::{Totals, needle};
use super::push::PushSettings;
use crate::process::Cost;

/// What a push has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was pushed.
    pub settings: PushSettings,
    /// Lines and their bytes.
    pub totals: Totals,
    /// Requests that were taken.
    pub requests: u64,
    /// How long it took.
    pub wall: Duration,
    /// Time of the server on the processor.
    pub server_cpu: Duration,
    /// Time of the sender on the processor.
    pub sender_cpu: Duration,
    /// Memory of the server at the end.
    pub server_resident_bytes: u64,
    /// The most memory of the server so far.
    pub server_resident_bytes_peak: u64,
}

impl Report {
    pub(super) fn between(
        settings: PushSettings,
        totals: Totals,
        requests: u64,
        before: (Duration, Cost, Cost),
        after: (Duration, Cost, Cost),
    ) -> Self {
        Self {
            settings,
            totals,
            requests,
            wall: after.0.saturating_sub(before.0),
            server_cpu: after.1.cpu.saturating_sub(before.1.cpu),
            sender_cpu: after.2.cpu.saturating_sub(before.2.cpu),
            server_resident_bytes: after.1.resident_bytes,
            server_resident_bytes_peak: after.1.resident_bytes_peak,
        }
    }

    /// The report as one line.
    pub fn to_json(&self) -> Value {
        let corpus = &self.settings.corpus;
        let bytes = self.totals.all_bytes() as f64;
        let per = |duration: Duration| (bytes / duration.as_secs_f64().max(1e-9)).round();
        let mut report = json!({
            "bench": "logs-push",
            "url": self.settings.url,
            "form": self.settings.form.name(),
            "streams": corpus.streams,
            "seed": corpus.seed,
            "end_ms": corpus.end_ms,
            "span_seconds": corpus.span.as_secs(),
            "connections": self.settings.connections,
            "batch_bytes": self.settings.batch_bytes,
            "needle": needle(corpus.seed),
            "requests": self.requests,
            "seconds": rounded(self.wall),
            "bytes_per_second": per(self.wall),
            "server_cpu_seconds": rounded(self.server_cpu),
            "bytes_per_server_cpu_second": per(self.server_cpu),
            "sender_cpu_seconds": rounded(self.sender_cpu),
            "server_resident_bytes": self.server_resident_bytes,
            "server_resident_bytes_peak": self.server_resident_bytes_peak,
        });
        if let (Value::Object(all), Value::Object(totals)) = (&mut report, self.totals.to_json()) {
            all.extend(totals);
        }
        report
    }
}

fn rounded(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}
