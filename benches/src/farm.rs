//! `scrape`: a farm of targets. The machines of a fleet answer scrapes, each under a path of its own (`/0`, `/1`, …).
//!
//! Several servers may scrape the farm at once; each says its name in the parameter `server`, so that what each has
//! got is counted. Values go on with the time and not with the scrapes: all servers see the same ones.

mod configuration;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use platform::Clock;
use platform::real::RealClock;

use crate::command::Command;
use crate::flags::{Flag, Given, list, value};
use crate::meter::{Meter, Reading, SAMPLES};
use crate::pace;
use crate::report::{Report, Unit, figure};
use crate::{Error, fleet};
use target::Target;

/// `scrape`.
pub(crate) const COMMAND: Command = Command {
    name: "scrape",
    about: "Be a farm of targets that servers scrape, and say what that costs them; or print the configuration for it.",
    flags: &[FLAGS, fleet::FLAGS],
    run,
};

const FLAGS: &[Flag] = &[
    value("listen", "127.0.0.1:9101", "Where the targets answer."),
    value(
        "interval",
        "10",
        "Seconds between two scrapes of a target: for the configuration, and the pace of the values.",
    ),
    value("print-config", "", "Print the configuration for the server of this name, and end."),
    list("server", "NAME=PID of a server that scrapes; what it costs is told."),
    value("warm", "30", "Seconds in which servers learn the series."),
    value("seconds", "0", "Seconds to measure behind that; 0 for none: the farm answers until it is ended."),
];

/// All targets of a fleet.
pub struct Farm {
    targets: Vec<Mutex<Target>>,
    asked: Mutex<BTreeMap<String, Asked>>,
    clock: Arc<dyn Clock>,
    interval: Duration,
}

/// What a server has got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    scrapes: u64,
    samples: u64,
}

fn run(given: &Given, clock: &dyn Clock, out: &mut dyn Write) -> Result<Option<Report>, Error> {
    let (settings, listen) = (fleet::Settings::of(given)?, given.required("listen")?);
    let interval: u64 = given.number("interval")?;
    if !given.text("print-config").is_empty() {
        let text = configuration::text(&settings.machines(), listen, interval, given.text("print-config"));
        out.write_all(text.as_bytes()).map_err(Error::io("standard output"))?;
        return Ok(None);
    }
    let servers = servers(given)?;
    let (warm, seconds) = (given.number("warm")?, given.number("seconds")?);
    let listener = TcpListener::bind(listen).map_err(Error::io(listen))?;
    let farm =
        Arc::new(Farm::new(settings, Duration::from_secs(interval.max(1)), Arc::new(RealClock::new())));
    let answering = Arc::clone(&farm);
    let thread = std::thread::spawn(move || answering.serve(&listener));
    if seconds == 0 {
        return thread.join().unwrap_or(Ok(())).map_err(Error::io(listen)).map(|()| None);
    }
    pace::wait(Duration::from_secs(warm));
    let before: Vec<_> = servers.iter().map(|(name, pid)| farm.reading(clock, name, *pid)).collect();
    pace::wait(Duration::from_secs(seconds));
    let mut report = Report::new(COMMAND.name)
        .about("targets", farm.targets.len())
        .about("series", settings.series)
        .about("interval_s", interval)
        .about("seed", settings.seed);
    for ((name, pid), (before, asked)) in servers.iter().zip(before) {
        let (after, asked_then) = farm.reading(clock, name, *pid);
        let samples = asked_then.samples - asked.samples;
        let mut figures = Meter::new(clock, Some(*pid), None).figures(SAMPLES, samples, before, after);
        figures.push(figure("scrapes", Unit::Count, (asked_then.scrapes - asked.scrapes) as f64));
        report.row(name.as_str(), figures);
        if samples == 0 {
            report.failure = Some(format!("{name} has scraped nothing"));
        }
    }
    Ok(Some(report))
}

fn servers(given: &Given) -> Result<Vec<(String, u32)>, Error> {
    let server = |text: &String| {
        let (name, pid) = text.split_once('=')?;
        Some((name.to_owned(), pid.parse().ok()?))
    };
    let all = given.list("server").iter();
    all.map(|text| server(text).ok_or_else(|| Error::Usage(format!("--server={text}: expected NAME=PID"))))
        .collect()
}

impl Farm {
    /// As many machines as `settings` needs; what they say goes on from interval to interval.
    pub fn new(settings: fleet::Settings, interval: Duration, clock: Arc<dyn Clock>) -> Self {
        let places = settings.machines().into_iter().enumerate();
        let targets: Vec<Target> =
            places.map(|(place, series)| Target::new(place, &series, settings)).collect();
        let count = targets.len();
        let targets = targets.into_iter().map(|target| Mutex::new(target.of(count))).collect();
        Self { targets, asked: Mutex::default(), clock, interval }
    }

    /// What a target answers in an interval, counted by the clock; `None` where there is none of this number.
    pub fn body(&self, target: usize, interval: u64) -> Option<Arc<str>> {
        let target = self.targets.get(target)?;
        Some(target.lock().unwrap_or_else(PoisonError::into_inner).at(interval).0)
    }

    fn reading(&self, clock: &dyn Clock, name: &str, pid: u32) -> (Reading, Asked) {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        (Meter::new(clock, Some(pid), None).read(), asked.unwrap_or_default())
    }

    /// Answers scrapes until the process ends.
    fn serve(self: &Arc<Self>, listener: &TcpListener) -> io::Result<()> {
        for stream in listener.incoming() {
            let (farm, stream) = (Arc::clone(self), stream?);
            // Who goes away in the middle of an answer does not want it.
            std::thread::spawn(move || farm.answer(stream));
        }
        Ok(())
    }

    fn answer(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let url = line.split(' ').nth(1).unwrap_or_default().to_owned();
            while !line.trim_end().is_empty() {
                line.clear();
                stream.read_line(&mut line)?;
            }
            let body = self.scrape(&url);
            let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
            let body = body.unwrap_or_default();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let writer = stream.get_mut();
            writer.write_all(head.as_bytes())?;
            writer.write_all(body.as_bytes())?;
        }
    }

    /// What the target of a path says now; `None` where there is none.
    fn scrape(&self, url: &str) -> Option<Arc<str>> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let target = self.targets.get(path.strip_prefix('/')?.parse::<usize>().ok()?)?;
        let tick = (self.clock.monotonic().as_millis() / self.interval.as_millis().max(1)) as u64;
        let (body, samples) = target.lock().unwrap_or_else(PoisonError::into_inner).at(tick);
        let server = query.split('&').find_map(|pair| pair.strip_prefix("server=")).unwrap_or_default();
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(server) {
            Some(asked) => *asked = Asked { scrapes: asked.scrapes + 1, samples: asked.samples + samples },
            None => {
                all.insert(server.to_owned(), Asked { scrapes: 1, samples });
            }
        }
        Some(body)
    }
}
