//! Groups of promtool's commands: the words of a command line choose one, whose flags may stand among the words.

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use model::quote::quote;

use crate::cli::UsageError;
use crate::cli::tool::{Tool, ToolCall, ToolFlagKind};
use crate::{answer, complain, version};

/// A command with what runs it.
pub(super) type Entry = (Tool, fn(&str, &ToolCall) -> ExitCode);

/// The flag of promtool that stands before commands too and takes a value.
const FEATURES_FLAG: &str = "--enable-feature";

/// Runs the command of the group `name` that the arguments call.
pub(super) fn run(program: &str, name: &str, entries: &[Entry], arguments: &[String]) -> ExitCode {
    let called = choose(program, name, entries, arguments)
        .and_then(|((tool, run), rest)| tool.parse(program, &rest).map(|call| (run, call)));
    match called {
        Ok((run, call)) => run(program, &call),
        Err(error) => refuse(program, error),
    }
}

/// Says what is wrong with the command line, or what the user asked for.
pub(super) fn refuse(program: &str, error: UsageError) -> ExitCode {
    match error {
        UsageError::Asked(text) => answer(&text, 0),
        UsageError::Wrong(line) => complain(&format!("{program}: error: {line}, try --help"), 1),
    }
}

/// Parts the flags that stand before the first word from it.
pub(super) fn leading_flags(arguments: &[String]) -> (&[String], &[String]) {
    let mut value_follows = false;
    let first_word = arguments.iter().position(|argument| {
        if std::mem::take(&mut value_follows) {
            return false;
        }
        value_follows = argument == FEATURES_FLAG;
        !argument.starts_with('-')
    });
    arguments.split_at(first_word.unwrap_or(arguments.len()))
}

/// What is wrong with flags that stand before the first word: most are a command's own, and stand behind its name.
pub(super) fn unknown_flag(flags: &[String]) -> Option<String> {
    let mut value_follows = false;
    flags.iter().find_map(|flag| {
        if std::mem::take(&mut value_follows) {
            return None;
        }
        value_follows = flag == FEATURES_FLAG;
        let name = flag.split('=').next().unwrap_or(flag);
        if ["--experimental", "--no-experimental", FEATURES_FLAG].contains(&name) {
            return None;
        }
        let kind = if name.starts_with("--") { "long" } else { "short" };
        Some(format!("unknown {kind} flag '{name}'"))
    })
}

/// Refuses where flags that must be given are missing; `names` are sorted.
pub(super) fn require(call: &ToolCall, names: &[&str]) -> Result<(), UsageError> {
    let missing: Vec<String> =
        names.iter().filter(|name| call.all(name).is_empty()).map(|name| format!("'--{name}'")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(UsageError::Wrong(format!("required flag(s) {} not provided", missing.join(", "))))
}

/// The value of a flag that must be one of some.
pub(super) fn one_of<'a>(call: &'a ToolCall, name: &str, values: &[&str]) -> Result<&'a str, UsageError> {
    let value = call.get(name);
    if values.contains(&value) {
        return Ok(value);
    }
    Err(UsageError::Wrong(format!("enum value must be one of {}, got '{value}'", values.join(","))))
}

/// The grammar's switches that `--enable-feature` turns on.
pub(super) fn syntax_options(call: &ToolCall) -> promql_syntax::Options {
    let has = |name: &str| {
        call.all("enable-feature").iter().flat_map(|list| list.split(',')).any(|feature| feature == name)
    };
    promql_syntax::Options {
        experimental_functions: has("promql-experimental-functions"),
        extended_range_selectors: has("promql-extended-range-selectors"),
        binop_fill_modifiers: has("promql-binop-fill-modifiers"),
    }
}

/// Finds the command that the words name; flags among the words go before what follows them.
fn choose<'a>(
    program: &str,
    group: &str,
    entries: &'a [Entry],
    arguments: &[String],
) -> Result<(&'a Entry, Vec<String>), UsageError> {
    let mut name = group.to_owned();
    let mut flags = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--help" | "-h" => return Err(UsageError::Asked(overview(program, group, entries))),
            "--version" => return Err(UsageError::Asked(version::text(program))),
            flag if flag.starts_with('-') => {
                flags.push(argument.clone());
                if takes_next(entries, flag) {
                    flags.extend(rest.next().cloned());
                }
            }
            word => {
                name = format!("{name} {word}");
                if let Some(entry) = entries.iter().find(|(tool, _)| tool.name == name) {
                    flags.extend(rest.cloned());
                    return Ok((entry, flags));
                }
                let leads_on =
                    |tool: &Tool| tool.name.strip_prefix(&name).is_some_and(|rest| rest.starts_with(' '));
                if !entries.iter().any(|(tool, _)| leads_on(tool)) {
                    return Err(UsageError::Wrong(format!("expected command but got {}", quote(word))));
                }
            }
        }
    }
    Err(UsageError::Wrong(format!("must select a subcommand of '{name}'")))
}

/// Whether the argument behind a flag is its value.
fn takes_next(entries: &[Entry], flag: &str) -> bool {
    let is_it = |long: &str, short: Option<char>| match flag.strip_prefix("--") {
        Some(name) => name == long,
        None => short.is_some_and(|short| flag.strip_prefix('-') == Some(short.encode_utf8(&mut [0; 4]))),
    };
    flag == FEATURES_FLAG
        || entries
            .iter()
            .flat_map(|(tool, _)| tool.flags)
            .any(|known| known.kind != ToolFlagKind::Switch && is_it(known.name, known.short))
}

fn overview(program: &str, group: &str, entries: &[Entry]) -> String {
    let mut text = format!("usage: {program} {group} [<flags>] <command> [<args> ...]\n\nSubcommands:\n");
    for (tool, _) in entries {
        text.push_str(&format!("{}\n    {}\n\n", tool.name, tool.about));
    }
    text
}
