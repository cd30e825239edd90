//! `benches metrics-push …`, `benches logs-push …` and `benches logs-write …` print a line of JSON, `benches metrics-farm …`
//! answers scrapes.

use std::io::Write;
use std::process::ExitCode;

use benches::farm::Farm;
use benches::push::{self, Settings, Version};
use benches::{fleet, logs};
use platform::real::{RealClock, RealFileSystem};

const USAGE: &str = "usage: benches metrics-push --url=http://host:port/path [--server-pid=N] [--series=100000] \
[--scrapes=120] [--interval=15000] [--end=MS] [--connections=4] [--batch=2000] [--seed=1] [--v2]\n       benches metrics-farm --listen=host:port [--series=100000] [--seed=1]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("metrics-farm", flags)) = command(&arguments) {
        return farm(flags).map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS);
    }
    if let Some((name, flags)) = command(&arguments).filter(|(name, _)| logs::COMMANDS.contains(name)) {
        return match logs::command(name, flags, &RealClock::new(), &RealFileSystem) {
            Err(error) => fail(&error),
            Ok(told) => tell(&told),
        };
    }
    match settings(&arguments) {
        Err(error) => fail(&error),
        Ok(settings) => match push::run(&settings, &RealClock::new()) {
            Err(error) => fail(&error.to_string()),
            Ok(report) => tell(&report.to_json()),
        },
    }
}

fn tell(report: &serde_json::Value) -> ExitCode {
    let written = writeln!(std::io::stdout(), "{report}");
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fail(text: &str) -> ExitCode {
    // There is nobody left to tell where this fails.
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::FAILURE
}

fn command(arguments: &[String]) -> Option<(&str, &[String])> {
    arguments.split_first().map(|(first, rest)| (first.as_str(), rest))
}

fn farm(flags: &[String]) -> Result<(), String> {
    let (mut listen, mut fleet) = ("", fleet::Settings { series: 100_000, seed: 1 });
    for flag in flags {
        let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
        let number = || value.parse::<u64>().map_err(|_| format!("{flag}: not a number\n{USAGE}"));
        match name {
            "--listen" => listen = value,
            "--series" => fleet.series = number()? as usize,
            "--seed" => fleet.seed = number()?,
            _ => return Err(format!("{flag}: not known\n{USAGE}")),
        }
    }
    Farm::new(fleet).serve(listen).map_err(|error| format!("{listen}: {error}\n{USAGE}"))
}

fn settings(arguments: &[String]) -> Result<Settings, String> {
    let mut settings = Settings {
        url: String::new(),
        server: None,
        fleet: fleet::Settings { series: 100_000, seed: 1 },
        scrapes: 120,
        interval_ms: 15_000,
        end_ms: None,
        connections: 4,
        batch: 2000,
        version: Version::V1,
    };
    let Some(("metrics-push", flags)) = command(arguments) else { return Err(USAGE.to_owned()) };
    for flag in flags {
        let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
        let wrong = || format!("{flag}: not a number\n{USAGE}");
        let number = || value.parse::<usize>().map_err(|_| wrong());
        match name {
            "--url" => value.clone_into(&mut settings.url),
            "--server-pid" => settings.server = Some(value.parse().map_err(|_| wrong())?),
            "--series" => settings.fleet.series = number()?,
            "--scrapes" => settings.scrapes = number()? as u64,
            "--interval" => settings.interval_ms = number()? as i64,
            "--end" => settings.end_ms = Some(number()? as i64),
            "--connections" => settings.connections = number()?,
            "--batch" => settings.batch = number()?,
            "--seed" => settings.fleet.seed = number()? as u64,
            "--v2" => settings.version = Version::V2,
            _ => return Err(format!("{flag}: not known\n{USAGE}")),
        }
    }
    if settings.url.is_empty() { Err(USAGE.to_owned()) } else { Ok(settings) }
}
