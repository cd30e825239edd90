//! Subcommands: what `promtool`, `logcli` and `amtool` do, and our own.

mod check;
mod inspect;
mod test;
mod tsdb;

use std::process::ExitCode;

use crate::{answer, complain, version};

/// Shown below the server's flags.
pub(crate) const OVERVIEW: &str = "Without a subcommand the server runs. Subcommands:
  check     config, web-config, rules: check files (promtool's arguments)
  test      promql: run scripts of the promqltest language
  tsdb      list, analyze, dump, dump-openmetrics, create-blocks-from: data directories (promtool's arguments)
  inspect   FILE: print a file of a data directory
  query, promql, debug, logs, alerts, silence, config, template, bench: not supported yet
A link to this binary named prometheus or promtool takes that program's command line.";

/// A subcommand with what runs it; `None` for a name that is only reserved.
type Entry = (&'static str, Option<fn(&str, &[String]) -> ExitCode>);

/// The subcommands of `lapwing`.
pub(crate) const ALL: &[Entry] = &[
    ("check", Some(check::run)),
    ("test", Some(test::run)),
    ("query", None),
    ("tsdb", Some(tsdb::run)),
    ("promql", None),
    ("debug", None),
    ("push", None),
    ("logs", None),
    ("alerts", None),
    ("silence", None),
    ("config", None),
    ("template", None),
    ("inspect", Some(inspect::run)),
    ("bench", None),
];

/// The subcommands of `promtool`.
pub(crate) const PROMTOOL: &[Entry] = &[
    ("check", Some(check::run)),
    ("test", Some(test::run)),
    ("query", None),
    ("tsdb", Some(tsdb::run)),
    ("promql", None),
    ("debug", None),
    ("push", None),
];

/// Runs the subcommand that the first argument names.
pub(crate) fn run(program: &str, entries: &[Entry], arguments: &[String]) -> ExitCode {
    let Some((first, rest)) = arguments.split_first() else {
        return complain(&format!("{program}: expected a subcommand; see {program} --help"), 2);
    };
    match first.as_str() {
        "--version" => return answer(&version::text(program), 0),
        "--help" | "-h" | "help" => return answer(&overview(program, entries), 0),
        _ => {}
    }
    match entries.iter().find(|(name, _)| name == first) {
        Some((_, Some(run))) => run(program, rest),
        Some((name, None)) => complain(&format!("{program}: {name} is not supported yet"), 2),
        None => complain(&format!("{program}: expected command but got {}", model::quote::quote(first)), 2),
    }
}

fn overview(program: &str, entries: &[Entry]) -> String {
    let mut text = format!("usage: {program} <command> [<args> ...]\n\n{}\n\nCommands:\n", version::ABOUT);
    for (name, run) in entries {
        text.push_str(&format!("  {name}{}\n", if run.is_none() { " (not supported yet)" } else { "" }));
    }
    text
}
