//! `metrics-push`: a fleet's samples over remote write, as fast as a server takes them.

mod encode;
mod sender;
#[cfg(test)]
mod tests;

use std::io::Write;

use platform::Clock;

use crate::command::Command;
use crate::flags::{Flag, Given, switch, value};
use crate::http::Url;
use crate::meter::{self, Meter, SAMPLES, slow_generator};
use crate::report::{Report, Unit, maybe};
use crate::{Error, fleet};
pub(crate) use sender::Sender;

/// `metrics-push`.
pub(crate) const COMMAND: Command = Command {
    name: "metrics-push",
    about: "Push the samples of a fleet over remote write, 1.0 or 2.0, as fast as the server takes them.",
    flags: &[FLAGS, fleet::FLAGS, meter::FLAGS],
    run,
};

const FLAGS: &[Flag] = &[
    value("url", "", "Where requests go: http://host:port/api/v1/write."),
    value("scrapes", "120", "Samples of each series."),
    value("interval", "15000", "Milliseconds between two samples of a series."),
    value("end", "", "Time of the last sample, milliseconds since the Unix epoch; now if it is left out."),
    value("connections", "4", "Connections that push at once."),
    value("batch", "2000", "Samples in a request."),
    switch("v2", "Remote write 2.0 in place of 1.0."),
];

/// What is pushed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where requests go.
    pub url: String,
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

impl Settings {
    fn of(given: &Given) -> Result<Self, Error> {
        Ok(Self {
            url: given.required("url")?.to_owned(),
            fleet: fleet::Settings::of(given)?,
            scrapes: given.number("scrapes")?,
            interval_ms: given.number("interval")?,
            end_ms: given.optional("end")?,
            connections: given.number("connections")?,
            batch: given.number("batch")?,
            version: if given.is_on("v2") { Version::V2 } else { Version::V1 },
        })
    }
}

fn run(given: &Given, clock: &dyn Clock, _: &mut dyn Write) -> Result<Option<Report>, Error> {
    push(&Settings::of(given)?, &Meter::of(given, clock)?, clock).map(Some)
}

/// Pushes everything; the first scrape, in which a server learns all series, is told apart from the others.
///
/// # Errors
/// At the first request that is not taken.
pub fn push(settings: &Settings, meter: &Meter<'_>, clock: &dyn Clock) -> Result<Report, Error> {
    let url = Url::of(&settings.url)?;
    let end = settings.end_ms.unwrap_or_else(|| clock.now_ms());
    let start = end - settings.interval_ms * settings.scrapes.saturating_sub(1) as i64;
    let mut senders = Sender::all(settings, &url, start)?;
    let series: usize = senders.iter().map(Sender::series).sum();
    let mut report = Report::new(COMMAND.name)
        .about("url", settings.url.as_str())
        .about("remote_write", if settings.version == Version::V1 { "1.0" } else { "2.0" })
        .about("series", series)
        .about("scrapes", settings.scrapes)
        .about("interval_ms", settings.interval_ms)
        .about("connections", settings.connections)
        .about("batch", settings.batch)
        .about("seed", settings.fleet.seed);
    let begun = meter.read();
    let mut after = begun;
    for (name, scrapes) in [("first scrape", 0..1), ("other scrapes", 1..settings.scrapes)] {
        if scrapes.is_empty() {
            continue;
        }
        let before = after;
        all_at_once(&mut senders, |sender| scrapes.clone().try_for_each(|scrape| sender.push(scrape)))?;
        after = meter.read();
        let samples = series as u64 * (scrapes.end - scrapes.start);
        report.row(name, meter.figures(SAMPLES, samples, before, after));
    }
    let mut all = meter.figures(SAMPLES, series as u64 * settings.scrapes, begun, after);
    let per_series = |bytes: u64| bytes as f64 / series.max(1) as f64;
    let resident = after.server.map(|cost| per_series(cost.resident_bytes));
    let peak = after.server.map(|cost| per_series(cost.resident_bytes_peak));
    all.push(maybe("resident_bytes_per_series", Unit::Count, resident));
    all.push(maybe("resident_bytes_peak_per_series", Unit::Count, peak));
    all.push(meter.disk());
    report.row("all", all);
    let replaced: u64 = senders.iter().map(Sender::replaced).sum();
    if replaced > 0 {
        report.remarks.push(format!("{replaced} series came in place of others"));
    }
    report.remarks.extend(slow_generator(begun, after));
    Ok(report)
}

/// Has all senders work at once; the error of the first that fails.
pub(crate) fn all_at_once<S: Send>(
    senders: &mut [S],
    work: impl Fn(&mut S) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = senders.iter_mut().map(|sender| scope.spawn(move || work(sender))).collect();
        running.into_iter().try_for_each(|thread| thread.join().unwrap_or(Err(Error::Panicked)))
    })
}
