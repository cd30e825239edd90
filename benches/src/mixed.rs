//! `mixed`: samples, lines, queries and alerts all at once, at the pace of a real day.

mod kinds;
mod load;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::time::Duration;

use platform::Clock;

use crate::command::Command;
use crate::flags::{Flag, Given, value};
use crate::meter::{self, Counted, Meter};
use crate::report::{Report, Unit, figure, maybe};
use crate::{Error, fleet};
use load::{Memory, run_all};

/// `mixed`.
pub(crate) const COMMAND: Command = Command {
    name: "mixed",
    about: "Samples, lines, queries and alerts at once for some minutes, each at its own pace: times of queries, and whether memory grows.",
    flags: &[FLAGS, fleet::FLAGS, meter::FLAGS],
    run,
};

const FLAGS: &[Flag] = &[
    value("url", "", "The server: http://host:port."),
    value("minutes", "10", "How long."),
    value("interval", "15", "Seconds between two samples of a series."),
    value("connections", "2", "Connections that push at once."),
    value("batch", "2000", "Samples in a request."),
    value("readers", "2", "Connections that ask queries at once; 0 for none."),
    value("pause-ms", "500", "Milliseconds from query to query on each of them."),
    value("log-bytes", "0", "Bytes of log lines a second, over Loki's push; 0 for none."),
    value("streams", "280", "Streams of the lines."),
    value(
        "log-readers",
        "1",
        "Connections that ask queries of logs at once, where lines are pushed; 0 for none.",
    ),
    value("alerts-url", "", "The Alertmanager that alerts are posted to; none if it is left out."),
    value("alerts", "1000", "Active alerts, posted again each minute."),
    value("groups", "50", "Groups of the alerts."),
];

fn run(given: &Given, clock: &dyn Clock, _: &mut dyn Write) -> Result<Option<Report>, Error> {
    let meter = Meter::of(given, clock)?;
    let time = Duration::from_secs_f64(given.number::<f64>("minutes")?.max(0.0) * 60.0);
    let loads = kinds::all(given, clock)?;
    let mut report = Report::new(COMMAND.name)
        .about("url", given.text("url"))
        .about("minutes", given.text("minutes"))
        .about("series", given.number::<u64>("series")?)
        .about("interval_s", given.number::<u64>("interval")?)
        .about("readers", given.number::<u64>("readers")?)
        .about("log_bytes", given.number::<u64>("log-bytes")?)
        .about("seed", given.number::<u64>("seed")?);
    let before = meter.read();
    let (done, memory) = run_all(loads, &meter, clock, time)?;
    let after = meter.read();
    let mut errors = 0;
    for load in &done {
        let mut figures = vec![
            figure("turns", Unit::Count, load.latencies.len() as f64),
            figure("units", Unit::Count, load.units as f64),
            figure("errors", Unit::Count, load.errors as f64),
        ];
        figures.extend(load.latencies.figures());
        report.row(load.name, figures);
        errors += load.errors;
        report.remarks.extend(load.first_error.as_ref().map(|error| format!("{}: {error}", load.name)));
    }
    let counted = Counted { count: "units", rate: "units_per_second" };
    let mut all = meter.figures(counted, done.iter().map(|load| load.units).sum(), before, after);
    all.push(maybe("resident_bytes_growth_per_hour", Unit::Bytes, memory.growth_per_hour()));
    all.push(meter.disk());
    report.row("all", all);
    if errors > 0 {
        report.failure = Some(format!("{errors} requests failed"));
    }
    Ok(Some(report))
}

impl Memory {
    /// By how much resident memory grows in an hour, by the line through the second half of what was seen.
    fn growth_per_hour(&self) -> Option<f64> {
        let seen = self.seen.get(self.seen.len() / 2..).filter(|seen| seen.len() >= 3)?;
        let count = seen.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| seen.iter().map(value).sum::<f64>() / count;
        let (time, bytes) = (mean(|seen| seen.0), mean(|seen| seen.1));
        let spread: f64 = seen.iter().map(|seen| (seen.0 - time).powi(2)).sum();
        let slope = seen.iter().map(|seen| (seen.0 - time) * (seen.1 - bytes)).sum::<f64>() / spread;
        slope.is_finite().then_some(slope * 3600.0)
    }
}
