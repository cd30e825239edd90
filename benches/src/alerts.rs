//! `alerts`: a storm of alerts that are posted again and again, and when a receiver hears of them.

mod hook;
mod storm;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::time::Duration;

use platform::Clock;

use crate::Error;
use crate::command::Command;
use crate::flags::{Flag, Given, switch, value};
use crate::latency::Latencies;
use crate::meter::{self, ALERTS, Meter, slow_generator};
use crate::pace;
use crate::report::{Figure, Report, Unit, figure};
use hook::Hook;
pub(crate) use storm::Storm;

/// `alerts`.
pub(crate) const COMMAND: Command = Command {
    name: "alerts",
    about: "Post a storm of alerts to an Alertmanager, round after round, and be the receiver that is told of them.",
    flags: &[FLAGS, meter::FLAGS],
    run,
};

const FLAGS: &[Flag] = &[
    value("url", "", "The Alertmanager: http://host:port."),
    value("hook", "127.0.0.1:9199", "Where notifications are received."),
    switch("print-config", "Print the configuration for the Alertmanager, and end."),
    value("alerts", "100000", "Active alerts."),
    value("groups", "2000", "Groups that they are told in."),
    value("rounds", "3", "How often all are posted again behind the first time."),
    value("interval", "60", "Seconds from round to round."),
    value("batch", "256", "Alerts in a request."),
    value("probes", "10", "New groups in each round, for the time from a post to the first notification."),
    value("patience", "120", "Seconds to wait for notifications at most."),
];

/// Both kinds of groups are told at once or a second after their first alert.
const CONFIGURATION: &str = "\
route:
  receiver: hook
  group_by: [service]
  group_wait: 1s
  group_interval: 30s
  repeat_interval: 4h
  routes:
    - matchers: [probe=\"yes\"]
      group_by: [service]
      group_wait: 0s
receivers:
  - name: hook
    webhook_configs:
      - url: http://ADDRESS/
";

fn run(given: &Given, clock: &dyn Clock, out: &mut dyn Write) -> Result<Option<Report>, Error> {
    let address = given.required("hook")?;
    if given.is_on("print-config") {
        let text = CONFIGURATION.replace("ADDRESS", address);
        out.write_all(text.as_bytes()).map_err(Error::io("standard output"))?;
        return Ok(None);
    }
    measure(given, clock, &Hook::listen(address)?).map(Some)
}

fn measure(given: &Given, clock: &dyn Clock, hook: &Hook) -> Result<Report, Error> {
    let meter = Meter::of(given, clock)?;
    let patience = Duration::from_secs(given.number("patience")?);
    let mut storm = Storm::of(given, clock)?;
    let mut report = Report::new(COMMAND.name)
        .about("url", given.required("url")?)
        .about("alerts", storm.len())
        .about("groups", given.number::<usize>("groups")?)
        .about("rounds", given.number::<u64>("rounds")?)
        .about("interval_s", given.number::<u64>("interval")?);
    first_round(&mut storm, hook, (&meter, clock), (given.number("groups")?, patience), &mut report)?;
    let begun = meter.read();
    let (mut posts, mut told) = (Latencies::default(), Latencies::default());
    let rounds: u64 = given.number("rounds")?;
    for round in 0..rounds {
        let next = clock.monotonic() + Duration::from_secs(given.number("interval")?);
        std::thread::scope(|scope| {
            let posting = scope.spawn(|| storm.post(clock));
            for probe in 0..given.number("probes")? {
                let service = format!("probe-{round}-{probe}");
                told.add(probe_once(given, &service, hook, clock, patience)?);
            }
            posts.extend(&posting.join().unwrap_or(Err(Error::Panicked))?);
            Ok::<_, Error>(())
        })?;
        pace::wait_until(clock, next);
    }
    let after = meter.read();
    let mut figures = meter.figures(ALERTS, storm.len() as u64 * rounds, begun, after);
    figures.push(figure("notifications", Unit::Count, hook.count() as f64));
    report.row("rounds", [figures, posts.figures()].concat());
    report.row("post of a new group to its first notification", told.figures());
    report.remarks.extend(slow_generator(begun, after));
    Ok(report)
}

/// All alerts for the first time, and until all groups were told.
fn first_round(
    storm: &mut Storm,
    hook: &Hook,
    (meter, clock): (&Meter<'_>, &dyn Clock),
    (groups, patience): (usize, Duration),
    report: &mut Report,
) -> Result<(), Error> {
    let before = meter.read();
    let posts = storm.post(clock)?;
    let posted = meter.read();
    hook.wait(patience, |told| told.len() >= groups).ok_or_else(|| Error::TooLate {
        what: format!("notifications of {groups} groups"),
        seconds: patience.as_secs(),
    })?;
    let after = meter.read();
    let mut figures = meter.figures(ALERTS, storm.len() as u64, before, posted);
    figures.push(told_figure(after.at.saturating_sub(before.at)));
    report.row("first round", [figures, posts.figures()].concat());
    Ok(())
}

fn told_figure(took: Duration) -> Figure {
    figure("told_seconds", Unit::Seconds, took.as_secs_f64())
}

/// Posts an alert of a new group; the time until it was told.
fn probe_once(
    given: &Given,
    service: &str,
    hook: &Hook,
    clock: &dyn Clock,
    patience: Duration,
) -> Result<Duration, Error> {
    let before = clock.monotonic();
    storm::post_probe(given.required("url")?, service, clock)?;
    hook.wait(patience, |told| told.contains(service)).ok_or_else(|| Error::TooLate {
        what: format!("the notification of {service}"),
        seconds: patience.as_secs(),
    })?;
    Ok(clock.monotonic().saturating_sub(before))
}
