//! Subcommands: what `promtool`, `logcli` and `amtool` do, and our own.

pub(crate) mod amtool;
mod bench;
mod check;
mod group;
mod inspect;
pub(crate) mod logcli;
mod promql;
mod query;
mod test;
mod tsdb;

use std::process::ExitCode;

use crate::cli::UsageError;
use crate::{answer, complain, version};

/// Shown below the server's flags.
pub(crate) const OVERVIEW: &str = "Without a subcommand the server runs. Subcommands:
  check     config, web-config, rules, metrics, healthy, ready: check files and servers (promtool's arguments);
            alertmanager: check Alertmanager's files (amtool's); loki: check Loki's files
  query     instant, range, series, labels, analyze: ask a server (promtool's arguments)
  promql    format, label-matchers: rewrite expressions (promtool's arguments)
  test      rules, promql: unit tests of rules (promtool's arguments), scripts of the promqltest language
  tsdb      list, analyze, dump, dump-openmetrics, create-blocks-from: data directories (promtool's arguments)
  inspect   FILE: print a file of a data directory, logs included
  logs      query, instant-query, labels, series, fmt, stats, volume, volume_range, detected-fields, tail, delete (logcli's arguments)
  alerts    query, add: ask for alerts and raise them (amtool's arguments)
  silence   query, add, update, expire, import: keep alerts quiet (amtool's arguments)
  config    show, routes show, routes test: who gets which alerts (amtool's arguments)
  template  render: what a notification says (amtool's arguments)
  bench     metrics-push, scrape, metrics-query, logs-push, logs-write, logs-query, alerts, restart, mixed, micro: the same work
            for any server, and what it costs
  debug: not supported yet
A link to this binary named prometheus, promtool, loki, logcli, alertmanager or amtool takes that program's command line.";

/// A subcommand with what runs it; `None` for a name that is only reserved.
type Entry = (&'static str, Option<fn(&str, &[String]) -> ExitCode>);

/// The subcommands of `lapwing`.
pub(crate) const ALL: &[Entry] = &[
    ("check", Some(check::run)),
    ("test", Some(test::run)),
    ("query", Some(query::run)),
    ("tsdb", Some(tsdb::run)),
    ("promql", Some(promql::run)),
    ("debug", None),
    ("push", None),
    ("logs", Some(logs)),
    ("alerts", Some(|program, rest| amtool::run_ours(program, "alerts", rest))),
    ("silence", Some(|program, rest| amtool::run_ours(program, "silence", rest))),
    ("config", Some(|program, rest| amtool::run_ours(program, "config", rest))),
    ("template", Some(|program, rest| amtool::run_ours(program, "template", rest))),
    ("inspect", Some(inspect::run)),
    ("bench", Some(bench::run)),
];

/// The subcommands of `promtool`.
pub(crate) const PROMTOOL: &[Entry] = &[
    ("check", Some(check::run)),
    ("test", Some(test::run)),
    ("query", Some(query::run)),
    ("tsdb", Some(tsdb::run)),
    ("promql", Some(promql::run)),
    ("debug", None),
    ("push", None),
];

fn logs(program: &str, arguments: &[String]) -> ExitCode {
    logcli::run(&format!("{program} logs"), arguments)
}

/// Runs the subcommand that the first word names; flags before it are for the subcommand.
pub(crate) fn run(program: &str, entries: &[Entry], arguments: &[String]) -> ExitCode {
    let (flags, words) = group::leading_flags(arguments);
    match flags.iter().chain(words.first()).map(String::as_str).find(|word| !word.starts_with("--e")) {
        Some("--version") => return answer(&version::text(program), 0),
        Some("--help" | "-h" | "help") => return answer(&overview(program, entries), 0),
        _ => {}
    }
    if let Some(error) = group::unknown_flag(flags) {
        return group::refuse(program, UsageError::Wrong(error));
    }
    let Some((first, rest)) = words.split_first() else {
        return complain(&format!("{program}: expected a subcommand; see {program} --help"), 2);
    };
    match entries.iter().find(|(name, _)| name == first) {
        Some((_, Some(run))) => run(program, &[flags, rest].concat()),
        Some((name, None)) => complain(&format!("{program}: {name} is not supported yet"), 2),
        None => group::refuse(
            program,
            UsageError::Wrong(format!("expected command but got {}", model::quote::quote(first))),
        ),
    }
}

fn overview(program: &str, entries: &[Entry]) -> String {
    let mut text = format!("usage: {program} <command> [<args> ...]\n\n{}\n\nCommands:\n", version::ABOUT);
    for (name, run) in entries {
        text.push_str(&format!("  {name}{}\n", if run.is_none() { " (not supported yet)" } else { "" }));
    }
    text
}
