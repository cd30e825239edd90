//! What a push has come to, as a line of JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Costs, Settings, Version};

/// What a push has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What was pushed.
    pub settings: Settings,
    /// Series in all.
    pub series: usize,
    /// Parts of the push, in order.
    pub phases: Vec<Phase>,
}

/// A part of a push.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Which part.
    pub name: &'static str,
    /// Samples that were taken.
    pub samples: u64,
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

impl Phase {
    pub(super) fn between(name: &'static str, samples: u64, before: Costs, after: Costs) -> Self {
        Self {
            name,
            samples,
            wall: after.0.saturating_sub(before.0),
            server_cpu: after.1.cpu.saturating_sub(before.1.cpu),
            sender_cpu: after.2.cpu.saturating_sub(before.2.cpu),
            server_resident_bytes: after.1.resident_bytes,
            server_resident_bytes_peak: after.1.resident_bytes_peak,
        }
    }

    fn to_json(&self) -> Value {
        let per_million = |duration: Duration| duration.as_secs_f64() * 1e6 / self.samples.max(1) as f64;
        json!({
            "name": self.name,
            "samples": self.samples,
            "seconds": rounded(self.wall.as_secs_f64()),
            "samples_per_second": (self.samples as f64 / self.wall.as_secs_f64().max(1e-9)).round(),
            "server_cpu_seconds_per_million": rounded(per_million(self.server_cpu)),
            "sender_cpu_seconds_per_million": rounded(per_million(self.sender_cpu)),
            "server_resident_bytes": self.server_resident_bytes,
            "server_resident_bytes_peak": self.server_resident_bytes_peak,
        })
    }
}

impl Report {
    /// The report as one line.
    pub fn to_json(&self) -> Value {
        let mut all = Phase {
            name: "all",
            samples: 0,
            wall: Duration::ZERO,
            server_cpu: Duration::ZERO,
            sender_cpu: Duration::ZERO,
            server_resident_bytes: 0,
            server_resident_bytes_peak: 0,
        };
        for phase in &self.phases {
            all.samples += phase.samples;
            all.wall += phase.wall;
            all.server_cpu += phase.server_cpu;
            all.sender_cpu += phase.sender_cpu;
            all.server_resident_bytes = phase.server_resident_bytes;
            all.server_resident_bytes_peak = phase.server_resident_bytes_peak;
        }
        let per_series = |bytes: u64| rounded(bytes as f64 / self.series.max(1) as f64);
        let version = if self.settings.version == Version::V1 { "1.0" } else { "2.0" };
        json!({
            "bench": "metrics-push",
            "url": self.settings.url,
            "remote_write": version,
            "series": self.series,
            "scrapes": self.settings.scrapes,
            "connections": self.settings.connections,
            "batch": self.settings.batch,
            "seed": self.settings.fleet.seed,
            "resident_bytes_per_series": per_series(all.server_resident_bytes),
            "resident_bytes_per_series_peak": per_series(all.server_resident_bytes_peak),
            "all": all.to_json(),
            "phases": self.phases.iter().map(Phase::to_json).collect::<Vec<_>>(),
        })
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
