//! `amtool`: looks at configurations and talks to an Alertmanager.

mod alerts;
mod check;
mod defaults;
mod flags;
mod render;
mod routes;
mod server;
mod silences;
mod table;

use std::process::ExitCode;

use platform::real::RealFileSystem;

use crate::cli::UsageError;
use crate::cli::tool::{Tool, ToolCall, ToolDefaults, ToolFlagKind};
use crate::{answer, complain, version};

/// A command with what runs it.
type Entry = (Tool, fn(&str, &ToolCall) -> ExitCode);

const ENTRIES: &[Entry] = &[
    (alerts::QUERY, alerts::query),
    (alerts::ADD, alerts::add),
    (silences::QUERY, silences::query),
    (silences::ADD, silences::add),
    (silences::EXPIRE, silences::expire),
    (silences::IMPORT, silences::import),
    (silences::UPDATE, silences::update),
    (alerts::CLUSTER, alerts::cluster),
    (alerts::SHOW, alerts::show),
    (check::TOOL, check::run),
    (routes::SHOW, routes::show),
    (routes::TEST, routes::test),
    (render::TOOL, render::run),
];

/// Commands that stand for another one.
const SHORT: &[(&str, &str)] = &[
    ("alert", "alert query"),
    ("alerts", "alerts query"),
    ("silence", "silence query"),
    ("cluster", "cluster show"),
    ("config", "config show"),
    ("config routes", "config routes show"),
];

/// The same as commands of `lapwing`.
const OURS: &[Entry] = &[
    (Tool { name: "alerts query", ..alerts::QUERY }, alerts::query),
    (Tool { name: "alerts add", ..alerts::ADD }, alerts::add),
    (silences::QUERY, silences::query),
    (silences::ADD, silences::add),
    (silences::EXPIRE, silences::expire),
    (silences::IMPORT, silences::import),
    (silences::UPDATE, silences::update),
    (alerts::SHOW, alerts::show),
    (routes::SHOW, routes::show),
    (routes::TEST, routes::test),
    (render::TOOL, render::run),
];

/// Where the server answers that `lapwing` asks unless flags or a file of the user say otherwise.
const OUR_URL: &str = "http://localhost:9090";

/// `check alertmanager`.
pub(super) const CHECK: super::group::Entry =
    (Tool { name: "check alertmanager", ..check::TOOL }, check::run);

/// Runs the command of `lapwing` that begins with `word`.
pub(super) fn run_ours(program: &str, word: &str, arguments: &[String]) -> ExitCode {
    let arguments: Vec<String> = std::iter::once(word.to_owned()).chain(arguments.iter().cloned()).collect();
    run_of(OURS, program, &arguments, |defaults| {
        defaults.entry(flags::URL.name.to_owned()).or_insert_with(|| vec![OUR_URL.to_owned()]);
    })
}

/// Runs the command of amtool that the words among the arguments name.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    if arguments.iter().any(|argument| argument == "--version") {
        return answer(&version::text(program), 0);
    }
    run_of(ENTRIES, program, arguments, |_| {})
}

fn run_of(
    entries: &'static [Entry],
    program: &str,
    arguments: &[String],
    complete: impl FnOnce(&mut ToolDefaults),
) -> ExitCode {
    let mut defaults = match defaults::load(&RealFileSystem, &defaults::places()) {
        Ok(defaults) => defaults,
        Err(error) => return failed(program, error),
    };
    complete(&mut defaults);
    let called = choose(entries, arguments).and_then(|(entry, rest)| match entry {
        Some((tool, run)) => {
            let call = tool.parse_with(program, &rest, &defaults)?;
            check_output(call.get(flags::OUTPUT.name)).map(|()| (run, call))
        }
        None => match rest.iter().find(|flag| is_unknown(entries, flag)) {
            Some(flag) => Err(UsageError::Wrong(format!("unknown long flag '{flag}'"))),
            None => Err(UsageError::Asked(overview(entries, program))),
        },
    });
    match called {
        Ok((run, call)) => run(program, &call),
        Err(UsageError::Asked(text)) => answer(&text, 0),
        Err(UsageError::Wrong(line)) => complain(&format!("{program}: error: {line}, try --help"), 1),
    }
}

/// Flags that ask for help.
const ASKING: [&str; 4] = ["--help", "-h", "--help-long", "--help-man"];

/// Whether an argument is a flag that no command knows.
fn is_unknown(entries: &[Entry], argument: &str) -> bool {
    let Some(flag) = argument.strip_prefix("--").filter(|_| !ASKING.contains(&argument)) else {
        return false;
    };
    let name = flag.split('=').next().unwrap_or_default();
    !entries.iter().flat_map(|(tool, _)| tool.flags).any(|known| known.name == name)
}

/// Refuses forms of results that there are not.
fn check_output(form: &str) -> Result<(), UsageError> {
    match form {
        "" | "simple" | "extended" | "json" => Ok(()),
        _ => {
            let text = format!("enum value must be one of simple,extended,json, got '{form}'");
            Err(UsageError::Wrong(text))
        }
    }
}

/// Finds the longest command that the words name, and what is left for it.
fn choose(
    entries: &'static [Entry],
    arguments: &[String],
) -> Result<(Option<&'static Entry>, Vec<String>), UsageError> {
    let mut name = String::new();
    let mut rest = Vec::new();
    let mut given = arguments.iter();
    let leads = |name: &str| entries.iter().any(|(tool, _)| tool.name == name || leads_on(tool.name, name));
    while let Some(argument) = given.next() {
        if argument.starts_with('-') {
            rest.push(argument.clone());
            if takes_next(entries, argument) {
                rest.extend(given.next().cloned());
            }
            continue;
        }
        let longer = if name.is_empty() { argument.clone() } else { format!("{name} {argument}") };
        if leads(&longer) || SHORT.iter().any(|(short, _)| *short == longer) {
            name = longer;
            continue;
        }
        if name.is_empty() {
            let quoted = model::quote::quote(argument);
            return Err(UsageError::Wrong(format!("expected command but got {quoted}")));
        }
        rest.push(argument.clone());
        rest.extend(given.by_ref().cloned());
    }
    let full = SHORT.iter().find(|(short, _)| *short == name).map_or(name.as_str(), |(_, full)| *full);
    match entries.iter().find(|(tool, _)| tool.name == full) {
        Some(entry) => Ok((Some(entry), rest)),
        None if name.is_empty() || rest.iter().any(|flag| flag == "--help" || flag == "-h") => {
            Ok((None, rest))
        }
        None => Err(UsageError::Wrong(format!("must select a subcommand of '{name}'"))),
    }
}

fn leads_on(tool: &str, name: &str) -> bool {
    tool.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '))
}

/// Whether the argument behind a flag is its value.
fn takes_next(entries: &[Entry], flag: &str) -> bool {
    let known = entries.iter().flat_map(|(tool, _)| tool.flags).find(|known| match flag.strip_prefix("--") {
        Some(long) => known.name == long,
        None => known.short.is_some_and(|short| flag.strip_prefix('-') == Some(&*short.to_string())),
    });
    known.is_some_and(|known| known.kind != ToolFlagKind::Switch)
}

fn overview(entries: &[Entry], program: &str) -> String {
    let mut text = format!(
        "usage: {program} [<flags>] <command> [<args> ...]\n\nView and modify the current Alertmanager state.\n\nCommands:\n"
    );
    for (tool, _) in entries {
        text.push_str(&format!("  {}\n    {}\n", tool.name, tool.about));
    }
    text
}

/// Says that a command failed.
fn failed(program: &str, error: impl std::fmt::Display) -> ExitCode {
    complain(&format!("{program}: error: {error}"), 1)
}
