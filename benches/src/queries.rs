//! `metrics-query` and `logs-query`: sets of queries, whose answers are compared between two servers before their time is.

mod answer;
mod client;
mod measure;
mod set;
#[cfg(test)]
mod tests;

use platform::Clock;

use crate::Error;
use crate::command::Command;
use crate::flags::{Flag, Given, list, switch, value};
use crate::meter::Meter;
use crate::report::Report;
pub(crate) use client::{Client, Language};
use measure::{Side, compare};
pub(crate) use set::{LOG_SET, NODE_SET, Query, Span, parse_set};

/// `metrics-query`.
pub(crate) const METRICS: Command = Command {
    name: "metrics-query",
    about: "Ask one server, or two in turns, a set of PromQL queries; two must answer the same.",
    flags: &[FLAGS],
    run: |given, clock, _| run(METRICS.name, Language::Metrics, given, clock),
};

/// `logs-query`.
pub(crate) const LOGS: Command = Command {
    name: "logs-query",
    about: "Ask one server, or two in turns, a set of LogQL queries over Loki's interface; two must answer the same.",
    flags: &[FLAGS, LOG_FLAGS],
    run: |given, clock, _| run(LOGS.name, Language::Logs, given, clock),
};

const FLAGS: &[Flag] = &[
    value("url", "", "The server: http://host:port."),
    value("pid", "", "Its process, for what it costs."),
    value("against", "", "Another server that is asked in turn."),
    value("against-pid", "", "Its process."),
    value(
        "set",
        "",
        "A file of queries: on each line `instant` or RANGE/STEP such as 1h/15s, and a query; a set of its own if left out.",
    ),
    list("query", "A line as in such a file, in place of a set."),
    value(
        "end",
        "",
        "Time that queries are asked for, milliseconds since the Unix epoch; now if it is left out.",
    ),
    value("rounds", "3", "How often each server has its turn; medians are told."),
    value("measured-ms", "250", "A turn repeats a query for about so long."),
    value("tolerance", "1e-9", "By how much values may differ, relatively."),
    switch(
        "allow-differences",
        "Leave out queries that are answered differently, where otherwise nothing is measured.",
    ),
];

/// Selects all streams that the benches make.
pub(crate) const ALL_STREAMS: &str = "{job=~\".+\"}";

const LOG_FLAGS: &[Flag] = &[
    value("selector", ALL_STREAMS, "What stands for $SELECTOR in the queries."),
    value("limit", "1000", "Entries of an answer at most."),
];

fn run(
    name: &'static str,
    language: Language,
    given: &Given,
    clock: &dyn Clock,
) -> Result<Option<Report>, Error> {
    let queries = set::of(language, given)?;
    let limit = if language == Language::Logs { given.number("limit")? } else { 0 };
    let end_ms = given.optional("end")?.unwrap_or_else(|| clock.now_ms());
    let side = |url: &str, pid: &str| -> Result<Side<'_>, Error> {
        let client = Client::new(given.required(url)?, language, end_ms, limit)?;
        Ok(Side { client, meter: Meter::new(clock, given.optional(pid)?, None) })
    };
    let mut sides = vec![side("url", "pid")?];
    if !given.text("against").is_empty() {
        sides.push(side("against", "against-pid")?);
    }
    let report = Report::new(name)
        .about("url", given.text("url"))
        .about("against", given.text("against"))
        .about("queries", queries.len())
        .about("rounds", given.text("rounds"))
        .about("end_ms", end_ms);
    let settings = measure::Settings {
        rounds: given.number::<usize>("rounds")?.max(1),
        measured: std::time::Duration::from_millis(given.number("measured-ms")?),
        tolerance: given.number("tolerance")?,
        allow_differences: given.is_on("allow-differences"),
    };
    compare(report, &mut sides, &queries, &settings).map(Some)
}
