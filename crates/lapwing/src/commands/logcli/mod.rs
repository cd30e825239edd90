//! `logcli`: asks a Loki. Also `lapwing logs …`.

mod ask;
mod attempts;
mod delete;
mod flags;
mod follow;
mod lines;
mod lists;
mod parallel;
mod show;
mod stdin;

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
    (follow::TAIL, follow::tail),
    (delete::CREATE, delete::create),
    (delete::LIST, delete::list),
    (delete::CANCEL, delete::cancel),
];

/// Words that only the next one makes a command of.
const GROUPS: [&str; 1] = ["delete"];

/// Runs the command that the first word names.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    if arguments.iter().any(|argument| argument == "--version") {
        return answer(&version::text(program), 0);
    }
    let called = choose(arguments).and_then(|(entry, rest)| match entry {
        Some((tool, run)) => tool.parse(program, &rest).map(|call| (tool, run, call)),
        None => Err(UsageError::Asked(overview(program))),
    });
    match called {
        Ok((tool, run, call)) => match check(tool, &call).and_then(|()| run(&call)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error, 1),
        },
        Err(UsageError::Asked(text)) => answer(&text, 0),
        Err(UsageError::Wrong(line)) => complain(&format!("{program}: error: {line}, try --help"), 1),
    }
}

/// Refuses flags that do nothing for a command.
fn check(tool: &Tool, call: &ToolCall) -> Result<(), String> {
    let output = call.get(flags::OUTPUT.name);
    // A command without the flag has no value of it.
    if !["", "default", "raw", "jsonl"].contains(&output) {
        let flag = flags::OUTPUT.name;
        return Err(format!("--{flag}: unknown mode {output}, expected one of default, raw, jsonl"));
    }
    let reads_input = [lines::QUERY.name, lists::FORMAT.name].contains(&tool.name);
    if call.is_on(flags::STDIN.name) && !reads_input { stdin::refuse() } else { Ok(()) }
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
        let mut name = argument.clone();
        if GROUPS.contains(&argument.as_str()) {
            let Some(next) = given.next() else {
                return Err(UsageError::Wrong(format!("must select a subcommand of '{argument}'")));
            };
            name = format!("{argument} {next}");
        }
        let Some(entry) = ENTRIES.iter().find(|(tool, _)| tool.name == name) else {
            let quoted = model::quote::quote(&name);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(line: &str) -> Result<(Option<&'static str>, Vec<String>), String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let found = choose(&arguments).map(|(entry, rest)| (entry.map(|(tool, _)| tool.name), rest));
        found.map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn commands_are_found_among_flags() {
        for (line, name, rest) in [
            ("-q query {a=\"b\"}", Some("query"), "-q {a=\"b\"}"),
            ("--addr http://a query -t x", Some("query"), "--addr http://a -t x"),
            ("delete list -o jsonl", Some("delete list"), "-o jsonl"),
            ("--org-id 1 delete cancel --request-id=x", Some("delete cancel"), "--org-id 1 --request-id=x"),
            ("tail x", Some("tail"), "x"),
            ("--quiet", None, "--quiet"),
        ] {
            let rest: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
            assert_eq!(chosen(line), Ok((name, rest)), "{line}");
        }
        assert!(chosen("delete").unwrap_err().contains("must select a subcommand of 'delete'"));
        assert!(chosen("delete all").unwrap_err().contains("delete all"));
    }

    #[test]
    fn modes_of_output_that_nobody_knows_are_refused() {
        let checked = |output: &str| {
            let arguments = ["-o".to_owned(), output.to_owned(), "{a=\"b\"}".to_owned()];
            let call = lines::QUERY.parse("logcli", &arguments).unwrap_or_else(|error| panic!("{error:?}"));
            check(&lines::QUERY, &call)
        };
        assert_eq!(checked("jsonl"), Ok(()));
        assert!(checked("json").unwrap_err().contains("unknown mode json"));
    }
}
