//! `restart`: a server is killed and stopped, started again, and asked until it answers rightly.

mod server;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::time::Duration;

use platform::Clock;

use crate::Error;
use crate::command::Command;
use crate::flags::{Flag, Given, switch, value};
use crate::queries::{Client, Language, Query, Span};
use crate::report::{Report, Unit, figure};
use server::{Server, Start, Stop};

/// `restart`.
pub(crate) const COMMAND: Command = Command {
    name: "restart",
    about: "Run a server (its command stands behind --), kill it, stop it, and take the time until it is ready and answers rightly.",
    flags: &[FLAGS],
    run,
};

const FLAGS: &[Flag] = &[
    value("url", "", "Where the server answers: http://host:port."),
    value("ready", "/-/ready", "What says that it is ready."),
    value("query", "count(up)", "The instant PromQL query whose answer must be right."),
    value("end", "", "Time of the query, milliseconds since the Unix epoch; now if it is left out."),
    value(
        "expect",
        "",
        "The right value, for a server that was killed before; otherwise what it answers at first is right.",
    ),
    value("rounds", "3", "How often it is killed, and how often it is stopped."),
    value("patience", "120", "Seconds to wait at most for a start and for a stop."),
    switch("show-log", "Leave what the server writes on standard error."),
];

/// What is asked of a server until it is right.
struct Question {
    query: Query,
    end_ms: i64,
    expected: Option<String>,
}

fn run(given: &Given, clock: &dyn Clock, _: &mut dyn Write) -> Result<Option<Report>, Error> {
    let patience = Duration::from_secs(given.number("patience")?);
    let mut question = Question {
        query: Query { text: given.text("query").to_owned(), span: Span::Instant },
        end_ms: given.optional("end")?.unwrap_or_else(|| clock.now_ms()),
        expected: Some(given.text("expect").to_owned()).filter(|text| !text.is_empty()),
    };
    let mut server = Server::new(given, clock, patience)?;
    let mut starts =
        vec![("first start", Vec::new()), ("after SIGKILL", Vec::new()), ("after SIGTERM", Vec::new())];
    let mut stops = Vec::new();
    let first = server.start(&mut question)?;
    keep(&mut starts, "first start", first);
    for _ in 0..given.number::<u64>("rounds")? {
        server.end(Stop::Kill)?;
        let start = server.start(&mut question)?;
        keep(&mut starts, "after SIGKILL", start);
        stops.push(server.end(Stop::Terminate)?);
        let start = server.start(&mut question)?;
        keep(&mut starts, "after SIGTERM", start);
    }
    server.end(Stop::Terminate)?;
    let mut report = Report::new(COMMAND.name)
        .about("url", given.text("url"))
        .about("query", question.query.text.as_str())
        .about("answer", question.expected.unwrap_or_default());
    for (name, starts) in &starts {
        if !starts.is_empty() {
            report.row(*name, medians(starts));
        }
    }
    if let Some(stop) = median(stops.iter().map(Duration::as_secs_f64).collect()) {
        report.row("a stop", vec![figure("stop_seconds", Unit::Seconds, stop)]);
    }
    Ok(Some(report))
}

fn keep(starts: &mut [(&'static str, Vec<Start>)], name: &str, start: Start) {
    if let Some((_, starts)) = starts.iter_mut().find(|(of, _)| *of == name) {
        starts.push(start);
    }
}

fn medians(starts: &[Start]) -> Vec<crate::report::Figure> {
    let of = |value: fn(&Start) -> f64| median(starts.iter().map(value).collect()).unwrap_or_default();
    vec![
        figure("starts", Unit::Count, starts.len() as f64),
        figure("ready_seconds", Unit::Seconds, of(|start| start.ready.as_secs_f64())),
        figure("answer_seconds", Unit::Seconds, of(|start| start.answered.as_secs_f64())),
        figure("server_cpu_seconds", Unit::Seconds, of(|start| start.cost.cpu.as_secs_f64())),
        figure("resident_bytes", Unit::Bytes, of(|start| start.cost.resident_bytes as f64)),
        figure("resident_bytes_peak", Unit::Bytes, of(|start| start.cost.resident_bytes_peak as f64)),
    ]
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

impl Question {
    /// Asks once; whether the answer is right. The first answer that has a value is, where none is expected.
    fn ask(&mut self, url: &str) -> Result<bool, Error> {
        let body = Client::new(url, Language::Metrics, self.end_ms, 0)?.ask(&self.query)?;
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
        let Some(value) = answer.pointer("/data/result/0/value/1").and_then(|value| value.as_str()) else {
            return Ok(false);
        };
        match &self.expected {
            Some(expected) => Ok(expected == value),
            None => {
                self.expected = Some(value.to_owned());
                Ok(true)
            }
        }
    }
}
