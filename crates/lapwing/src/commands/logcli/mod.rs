//! `logcli`: asks a Loki. Also `lapwing logs …`.

mod ask;
mod flags;
mod lines;
mod lists;

use std::process::ExitCode;

use crate::cli::UsageError;
use crate::cli::tool::{Tool, ToolCall, ToolFlagKind};
use crate::{answer, complain, version};

/// A command with what runs it; what it prints goes out as it comes.
type Entry = (Tool, fn(&ToolCall) -> Result<(), String>);

const ENTRIES: &[Entry] = &[
    (lines::QUERY, lines::query),
    (lines::INSTANT, lines::instant),
    (lists::LABELS, lists::labels),
    (lists::SERIES, lists::series),
    (lists::FORMAT, lists::format),
    (lists::STATS, lists::stats),
    (lists::VOLUME, lists::volume),
    (lists::VOLUME_RANGE, lists::volume_range),
    (lists::FIELDS, lists::fields),
];

/// Runs the command that the first word names.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    if arguments.iter().any(|argument| argument == "--version") {
        return answer(&version::text(program), 0);
    }
    let called = choose(arguments).and_then(|(entry, rest)| match entry {
        Some((tool, run)) => tool.parse(program, &rest).map(|call| (run, call)),
        None => Err(UsageError::Asked(overview(program))),
    });
    match called {
        Ok((run, call)) => match run(&call) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error, 1),
        },
        Err(UsageError::Asked(text)) => answer(&text, 0),
        Err(UsageError::Wrong(line)) => complain(&format!("{program}: error: {line}, try --help"), 1),
    }
}

/// Finds the command among flags, and what is left for it.
fn choose(arguments: &[String]) -> Result<(Option<&'static Entry>, Vec<String>), UsageError> {
    let mut rest = Vec::new();
    let mut given = arguments.iter();
    while let Some(argument) = given.next() {
        if argument.starts_with('-') {
            rest.push(argument.clone());
            if takes_next(argument) {
                rest.extend(given.next().cloned());
            }
            continue;
        }
        let Some(entry) = ENTRIES.iter().find(|(tool, _)| tool.name == argument) else {
            let quoted = model::quote::quote(argument);
            return Err(UsageError::Wrong(format!("expected command but got {quoted}")));
        };
        rest.extend(given.cloned());
        return Ok((Some(entry), rest));
    }
    Ok((None, rest))
}

/// Whether the argument behind a flag is its value.
fn takes_next(flag: &str) -> bool {
    let known = ENTRIES.iter().flat_map(|(tool, _)| tool.flags).find(|known| match flag.strip_prefix("--") {
        Some(long) => known.name == long,
        None => known.short.is_some_and(|short| flag.strip_prefix('-') == Some(&*short.to_string())),
    });
    known.is_some_and(|known| known.kind != ToolFlagKind::Switch)
}

fn overview(program: &str) -> String {
    let mut text =
        format!("usage: {program} [<flags>] <command> [<args> ...]\n\nAsks a Loki.\n\nCommands:\n");
    for (tool, _) in ENTRIES {
        text.push_str(&format!("  {}\n    {}\n", tool.name, tool.about));
    }
    text
}
