//! What a piece of work costs: time, the server's process, and the maker of the load.

use std::path::{Path, PathBuf};
use std::time::Duration;

use platform::real::RealFileSystem;
use platform::{Clock, FileSystem};

use crate::Error;
use crate::flags::{Flag, Given, value};
use crate::process::{self, Cost};
use crate::report::{Figure, Unit, figure, maybe};

/// The flags of whoever measures a server.
pub const FLAGS: &[Flag] = &[
    value("pid", "", "The server's process, for what it costs."),
    value("data", "", "The server's data directory, for what it takes on disk."),
];

/// Watches a server's process and this one.
#[derive(Clone)]
pub struct Meter<'a> {
    clock: &'a dyn Clock,
    server: Option<u32>,
    data: Option<PathBuf>,
}

/// What has been spent up to a moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    /// The moment.
    pub at: Duration,
    /// The server, where it is known.
    pub server: Option<Cost>,
    /// This process.
    pub own: Cost,
}

/// What was spent between two readings.
struct Spent {
    seconds: f64,
    /// Seconds of the processor that the server took, where it is known.
    server: Option<f64>,
    own: f64,
}

impl Reading {
    fn since(&self, before: &Self) -> Spent {
        let cpu = |before: Cost, after: Cost| after.cpu.saturating_sub(before.cpu).as_secs_f64();
        Spent {
            seconds: self.at.saturating_sub(before.at).as_secs_f64(),
            server: before.server.zip(self.server).map(|(before, after)| cpu(before, after)),
            own: cpu(before.own, self.own),
        }
    }
}

/// What is counted, for the names of the figures.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// The number of them.
    pub count: &'static str,
    /// How many a second.
    pub rate: &'static str,
}

/// Samples of series.
pub const SAMPLES: Counted = Counted { count: "samples", rate: "samples_per_second" };
/// Queries.
pub const QUERIES: Counted = Counted { count: "queries", rate: "queries_per_second" };
/// Lines of logs.
pub const LINES: Counted = Counted { count: "lines", rate: "lines_per_second" };
/// Queries of logs.
pub const LOG_QUERIES: Counted = Counted { count: "log_queries", rate: "log_queries_per_second" };
/// Alerts.
pub const ALERTS: Counted = Counted { count: "alerts", rate: "alerts_per_second" };

impl<'a> Meter<'a> {
    /// Watches the process `server`, if it is known, and the folder `data`, if it is.
    pub fn new(clock: &'a dyn Clock, server: Option<u32>, data: Option<PathBuf>) -> Self {
        Self { clock, server, data }
    }

    /// Watches what the flags say ([`FLAGS`]).
    ///
    /// # Errors
    /// [`Error::Usage`] for a process that is no number or not there.
    pub fn of(given: &Given, clock: &'a dyn Clock) -> Result<Self, Error> {
        let server = given.optional::<u32>("pid")?;
        if let Some(pid) = server.filter(|pid| process::cost(&pid.to_string()).is_none()) {
            return Err(Error::Usage(format!("--pid={pid}: no such process")));
        }
        let data = Some(given.text("data")).filter(|data| !data.is_empty()).map(PathBuf::from);
        Ok(Self::new(clock, server, data))
    }

    /// The time.
    pub fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// What has been spent so far.
    pub fn read(&self) -> Reading {
        let server = self.server.and_then(|process| process::cost(&process.to_string()));
        Reading { at: self.now(), server, own: process::own_cost() }
    }

    /// The figures of `count` pieces of work between two readings; processor time for a million of them.
    pub fn figures(&self, counted: Counted, count: u64, before: Reading, after: Reading) -> Vec<Figure> {
        let Spent { seconds, server, own } = after.since(&before);
        let million = count.max(1) as f64 / 1e6;
        vec![
            figure(counted.count, Unit::Count, count as f64),
            figure("seconds", Unit::Seconds, seconds),
            figure(counted.rate, Unit::PerSecond, count as f64 / seconds.max(1e-9)),
            maybe("server_cpu_seconds", Unit::Seconds, server),
            maybe("server_cpu_seconds_per_million", Unit::Number, server.map(|cpu| cpu / million)),
            figure("generator_cpu_seconds", Unit::Seconds, own),
            figure("generator_cpu_seconds_per_million", Unit::Number, own / million),
            maybe("resident_bytes", Unit::Bytes, after.server.map(|cost| cost.resident_bytes as f64)),
            maybe(
                "resident_bytes_peak",
                Unit::Bytes,
                after.server.map(|cost| cost.resident_bytes_peak as f64),
            ),
        ]
    }

    /// The throughput of bytes between two readings, and what the server would take in a second of the processor.
    pub fn throughput(&self, bytes: u64, before: Reading, after: Reading) -> [Figure; 2] {
        let Spent { seconds, server, .. } = after.since(&before);
        // The kernel counts in hundredths of a second: what took less is not known.
        let per_cpu = server.filter(|cpu| *cpu > 0.0).map(|cpu| bytes as f64 / cpu);
        [
            figure("bytes_per_second", Unit::PerSecond, bytes as f64 / seconds.max(1e-9)),
            maybe("bytes_per_server_cpu_second", Unit::PerSecond, per_cpu),
        ]
    }

    /// What the data directory takes, where it is known.
    pub fn disk(&self) -> Figure {
        maybe("disk_bytes", Unit::Bytes, self.data.as_deref().map(|data| folder_bytes(data) as f64))
    }
}

/// The length of all files below a folder; what goes away meanwhile is not counted.
pub fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = RealFileSystem.list(folder) else { return 0 };
    let bytes = |name: &str, is_dir: bool| {
        let path = folder.join(name);
        if is_dir { folder_bytes(&path) } else { RealFileSystem.metadata(&path).map_or(0, |file| file.len) }
    };
    entries.iter().map(|entry| bytes(&entry.name, entry.is_dir)).sum()
}

/// Says so where the maker of the load took more of the processor than the server: what was measured may then be the maker.
pub fn slow_generator(before: Reading, after: Reading) -> Option<String> {
    let Spent { server, own, .. } = after.since(&before);
    let server = server?;
    (own > server && own > 0.1).then(|| {
        format!("the load took {own:.2} s of the processor and the server {server:.2} s: its throughput may be that of the load")
    })
}

#[cfg(test)]
mod tests;
