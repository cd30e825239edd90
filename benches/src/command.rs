//! The commands of `lapwing bench`, in one table.

use std::io::Write;

use platform::Clock;
use platform::real::RealClock;

use crate::flags::{self, Flag, Given, value};
use crate::report::Report;
use crate::{Error, alerts, farm, logs, micro, mixed, push, queries, restart};

/// A command.
#[derive(Clone, Copy)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Its flags.
    pub flags: &'static [&'static [Flag]],
    /// Does the work; what is written is for people, what is returned is printed.
    pub run: Work,
}

/// The work of a command.
pub type Work = fn(&Given, &dyn Clock, &mut dyn Write) -> Result<Option<Report>, Error>;

/// All commands.
pub const ALL: &[Command] = &[
    push::COMMAND,
    farm::COMMAND,
    queries::METRICS,
    logs::PUSH,
    logs::WRITE,
    queries::LOGS,
    alerts::COMMAND,
    restart::COMMAND,
    mixed::COMMAND,
    micro::COMMAND,
];

/// The flags of every command.
const COMMON: &[Flag] = &[value("format", "both", "What is printed: table, json (one line), or both.")];

/// Runs the command that the first word names; returns the exit status: 0 fine, 1 failed, 2 wrong command line.
pub fn run(program: &str, arguments: &[String], out: &mut dyn Write, errors: &mut dyn Write) -> u8 {
    let is_help = |argument: &String| matches!(argument.as_str(), "--help" | "-h" | "help");
    // There is nobody left to tell where writing fails.
    let Some((name, rest)) = arguments.split_first().filter(|(name, _)| !is_help(name)) else {
        let _ = out.write_all(overview(program).as_bytes());
        return if arguments.is_empty() { 2 } else { 0 };
    };
    let Some(command) = ALL.iter().find(|command| command.name == name) else {
        let _ = writeln!(errors, "{program}: {name}: no such benchmark; see {program} --help");
        return 2;
    };
    if rest.iter().take_while(|argument| *argument != "--").any(is_help) {
        let flags = flags::help(&[command.flags, &[COMMON]].concat());
        let _ = write!(out, "usage: {program} {name} [flags]\n\n{}\n\n{flags}", command.about);
        return 0;
    }
    match execute(command, rest, out) {
        Ok(failure) => failure.map_or(0, |failure| {
            let _ = writeln!(errors, "{program} {name}: {failure}");
            1
        }),
        Err(error) => {
            let _ = writeln!(errors, "{program} {name}: {error}");
            if matches!(error, Error::Usage(_) | Error::Url(_)) { 2 } else { 1 }
        }
    }
}

/// Runs a command and prints what it found; returns why that must not be used, if so.
fn execute(command: &Command, arguments: &[String], out: &mut dyn Write) -> Result<Option<String>, Error> {
    let given = Given::parse(&[command.flags, &[COMMON]].concat(), arguments)?;
    let (table, json) = match given.text("format") {
        "both" => (true, true),
        "table" => (true, false),
        "json" => (false, true),
        other => return Err(Error::Usage(format!("--format={other}: expected table, json or both"))),
    };
    let Some(report) = (command.run)(&given, &RealClock::new(), out)? else { return Ok(None) };
    let mut text = if table { report.table() } else { String::new() };
    if json {
        text.push_str(&format!("{}\n", report.to_json()));
    }
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Error::io("standard output"))?;
    Ok(report.failure)
}

fn overview(program: &str) -> String {
    let mut text = format!(
        "usage: {program} <benchmark> [flags]\n\nThe same work for any server that speaks the protocol: throughput, what its process \
         costs, how long requests take. Each prints a table and a line of JSON; {program} <benchmark> --help lists the flags.\n\n"
    );
    for command in ALL {
        text.push_str(&format!("  {:<14} {}\n", command.name, command.about));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_with(arguments: &[&str]) -> (u8, String, String) {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let status = run("lapwing bench", &arguments, &mut out, &mut errors);
        (status, String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap())
    }

    #[test]
    fn every_command_is_told_of_and_tells_its_flags() {
        let (status, overview, _) = run_with(&["--help"]);
        assert_eq!(status, 0);
        for command in ALL {
            assert!(overview.contains(&format!("\n  {} ", command.name)), "{}", command.name);
            let (status, help, _) = run_with(&[command.name, "--help"]);
            assert!(status == 0 && help.contains("--format=both"), "{help}");
        }
    }

    #[test]
    fn a_wrong_command_line_is_told_in_one_line() {
        assert_eq!(run_with(&[]).0, 2);
        let (status, _, errors) = run_with(&["nothing"]);
        assert_eq!((status, errors.lines().count()), (2, 1));
        let (status, _, errors) = run_with(&["metrics-push", "--url=ftp://x"]);
        assert_eq!(
            (status, errors.as_str()),
            (2, "lapwing bench metrics-push: expected http://host:port/path, found ftp://x\n")
        );
    }
}
