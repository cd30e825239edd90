//! Pushes a fleet's samples to a server, as fast as it takes them.

mod encode;
mod report;
mod sender;

use std::time::Duration;

use platform::Clock;

use crate::fleet;
use crate::http::Url;
use crate::process;
pub use report::{Phase, Report};
use sender::Sender;

/// What is pushed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where requests go.
    pub url: String,
    /// The server's process, for what it costs.
    pub server: Option<u32>,
    /// The fleet.
    pub fleet: fleet::Settings,
    /// Samples of each series.
    pub scrapes: u64,
    /// Distance of two scrapes in milliseconds.
    pub interval_ms: i64,
    /// Time of the last scrape; `None` for now.
    pub end_ms: Option<i64>,
    /// Connections that push at once.
    pub connections: usize,
    /// Samples in a request.
    pub batch: usize,
    /// Which version of remote write.
    pub version: Version,
}

/// Versions of remote write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 1.0.
    V1,
    /// 2.0.
    V2,
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No URL of `http`.
    #[error("expected http://host:port/path, found {0}")]
    Url(String),
    /// The server does not answer.
    #[error("{url}: {source}")]
    Connection {
        /// Where.
        url: String,
        /// Why.
        source: std::io::Error,
    },
    /// The server takes no samples.
    #[error("{url}: status {status}: {text}")]
    Refused {
        /// Where.
        url: String,
        /// The status of the answer.
        status: u16,
        /// The start of the answer.
        text: String,
    },
    /// A sender ended early.
    #[error("a sender panicked")]
    Panicked,
}

/// Pushes everything; the first scrape, in which a server learns all series, is told apart from the others.
///
/// # Errors
/// At the first request that is not taken.
pub fn run(settings: &Settings, clock: &dyn Clock) -> Result<Report, Error> {
    let url = Url::parse(&settings.url).ok_or_else(|| Error::Url(settings.url.clone()))?;
    let end = settings.end_ms.unwrap_or_else(|| clock.now_ms());
    let start = end - settings.interval_ms * settings.scrapes.saturating_sub(1) as i64;
    let mut senders = Sender::all(settings, &url, start)?;
    let series = senders.iter().map(Sender::series).sum();
    let mut phases = Vec::new();
    for (name, scrapes) in [("first scrape", 0..1), ("other scrapes", 1..settings.scrapes)] {
        if scrapes.is_empty() {
            continue;
        }
        let before = costs(settings, clock);
        push(&mut senders, scrapes.clone())?;
        let after = costs(settings, clock);
        let samples = series as u64 * (scrapes.end - scrapes.start);
        phases.push(Phase::between(name, samples, before, after));
    }
    Ok(Report { settings: settings.clone(), series, phases })
}

/// Pushes scrapes over all connections at once.
fn push(senders: &mut [Sender], scrapes: std::ops::Range<u64>) -> Result<(), Error> {
    std::thread::scope(|scope| {
        let running: Vec<_> = senders
            .iter_mut()
            .map(|sender| {
                let scrapes = scrapes.clone();
                scope.spawn(move || scrapes.into_iter().try_for_each(|scrape| sender.push(scrape)))
            })
            .collect();
        running.into_iter().try_for_each(|thread| thread.join().unwrap_or(Err(Error::Panicked)))
    })
}

/// Time, and what server and sender have cost so far.
type Costs = (Duration, process::Cost, process::Cost);

fn costs(settings: &Settings, clock: &dyn Clock) -> Costs {
    let server = settings.server.and_then(|process| process::cost(&process.to_string())).unwrap_or_default();
    (clock.monotonic(), server, process::own_cost())
}
