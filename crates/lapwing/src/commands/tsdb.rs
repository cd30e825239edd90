//! `tsdb`: promtool's commands for data directories.

mod analyze;
mod backfill;
mod create;
mod dump;
mod list;
#[cfg(test)]
mod tests;

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use model::quote::quote;

use crate::cli::UsageError;
use crate::cli::tool::{Tool, ToolArgument, ToolCall};
use crate::{answer, complain};

/// Where the data directory is looked for.
const DATA_PATH: &str = "data/";

/// The data directory as an argument.
const DATA_ARGUMENT: ToolArgument =
    ToolArgument { name: "db path", required: false, help: "Database path (default is data/)." };

/// Why a command ended: one line.
#[derive(Debug)]
struct Failed(String);

impl<E: std::fmt::Display> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// A command with what runs it.
type Entry = (Tool, fn(&ToolCall, &mut dyn Write) -> Result<(), Failed>);

/// The commands.
const ALL: &[Entry] = &[
    (analyze::TOOL, analyze::run),
    (list::TOOL, list::run),
    (dump::DUMP, dump::run),
    (dump::DUMP_OPEN_METRICS, dump::run_open_metrics),
    (create::OPEN_METRICS, create::run),
    (backfill::TOOL, backfill::run),
];

/// Commands that are known and not built.
const LATER: [&str; 1] = ["tsdb bench write"];

/// Runs `tsdb <what> …`.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    match execute(program, arguments, &mut out) {
        Ok(()) => match out.flush() {
            Ok(()) => ExitCode::SUCCESS,
            // A reader that went away is no failure.
            Err(_) => ExitCode::SUCCESS,
        },
        Err(Ended::Usage(UsageError::Asked(text))) => {
            drop(out);
            answer(&text, 0)
        }
        Err(Ended::Usage(UsageError::Wrong(line))) => {
            complain(&format!("{program}: error: {line}, try --help"), 1)
        }
        Err(Ended::NotBuilt(name)) => complain(&format!("{program}: {name} is not supported yet"), 2),
        Err(Ended::Failed(line)) => {
            let _ = out.flush();
            complain(&line, 1)
        }
    }
}

/// How a command that was not successful ended.
#[derive(Debug)]
enum Ended {
    Usage(UsageError),
    NotBuilt(&'static str),
    Failed(String),
}

fn execute(program: &str, arguments: &[String], out: &mut dyn Write) -> Result<(), Ended> {
    let (mut name, mut rest) = ("tsdb".to_owned(), arguments);
    loop {
        if let Some((tool, run)) = ALL.iter().find(|(tool, _)| tool.name == name) {
            let call = tool.parse(program, rest).map_err(Ended::Usage)?;
            return run(&call, out).map_err(|Failed(line)| Ended::Failed(line));
        }
        if let Some(later) = LATER.into_iter().find(|later| *later == name) {
            return Err(Ended::NotBuilt(later));
        }
        // Flags of a command that may stand before its last word.
        let flags = rest.iter().take_while(|argument| argument.starts_with('-')).count();
        let (before, after) = rest.split_at_checked(flags).unwrap_or((&[], rest));
        if before.iter().any(|flag| flag == "-h" || flag == "--help") {
            return Err(Ended::Usage(UsageError::Asked(overview(program, &name))));
        }
        let Some((word, behind)) = after.split_first() else {
            return Err(Ended::Usage(UsageError::Wrong(format!("must select a subcommand of '{name}'"))));
        };
        let longer = format!("{name} {word}");
        let is_known = |known: &str| known == longer || known.starts_with(&format!("{longer} "));
        if !ALL.iter().map(|(tool, _)| tool.name).chain(LATER).any(is_known) {
            return Err(Ended::Usage(UsageError::Wrong(format!("expected command but got {}", quote(word)))));
        }
        if !before.is_empty() {
            let moved: Vec<String> = [word.clone()].into_iter().chain(before.iter().cloned()).collect();
            let all: Vec<String> = moved.into_iter().chain(behind.iter().cloned()).collect();
            return execute_in(program, &name, &all, out);
        }
        (name, rest) = (longer, behind);
    }
}

/// Runs the command whose first words are `name`.
fn execute_in(program: &str, name: &str, rest: &[String], out: &mut dyn Write) -> Result<(), Ended> {
    let words = name.split(' ').skip(1).map(str::to_owned);
    let all: Vec<String> = words.chain(rest.iter().cloned()).collect();
    execute(program, &all, out)
}

fn overview(program: &str, name: &str) -> String {
    let mut text = format!("usage: {program} {name} <command> [<args> ...]\n\nCommands:\n");
    let prefix = format!("{name} ");
    for (tool, _) in ALL.iter().filter(|(tool, _)| tool.name.starts_with(&prefix)) {
        text.push_str(&format!("  {:<40} {}\n", tool.name, tool.about));
    }
    for later in LATER.iter().filter(|later| later.starts_with(&prefix)) {
        text.push_str(&format!("  {later:<40} (not supported yet)\n"));
    }
    text
}
