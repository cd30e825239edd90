//! The `lapwing` binary: which program is called, and its exit status.

mod cli;
mod commands;
mod rules;
mod server;
mod version;

use std::io::Write;
use std::process::ExitCode;

use clap::Command;

use cli::{Persona, UsageError};

/// The allocator of the system, which can be asked who holds memory (`--enable-feature=profiling`).
#[global_allocator]
static ALLOCATOR: profiling::heap::SampledAllocator = profiling::heap::SampledAllocator;

/// Exit statuses: 0 fine, 1 failed, 2 wrong command line or configuration.
fn main() -> ExitCode {
    platform::real::limit_arenas();
    let mut arguments = std::env::args();
    let persona = Persona::of(&arguments.next().unwrap_or_default());
    let arguments: Vec<String> = arguments.collect();
    match persona {
        Persona::Later(name) => complain(&format!("the command line of {name} is not supported yet"), 2),
        Persona::Prometheus => serve("prometheus", &arguments),
        Persona::Promtool => commands::run("promtool", commands::PROMTOOL, &arguments),
        Persona::Alertmanager => serve_alerts(&arguments),
        Persona::Logcli => commands::logcli::run("logcli", &arguments),
        Persona::Loki => serve_logs(&arguments),
        Persona::Amtool => commands::amtool::run("amtool", &arguments),
        Persona::Lapwing => match arguments.first() {
            Some(first) if !first.starts_with(['-', '@']) => {
                commands::run("lapwing", commands::ALL, &arguments)
            }
            _ => serve("lapwing", &arguments),
        },
    }
}

/// Runs the server until it is told to stop.
fn serve(program: &'static str, arguments: &[String]) -> ExitCode {
    if arguments.iter().any(|argument| argument == "--version") {
        return answer(&version::text(program), 0);
    }
    let command = Command::new(program)
        .about(version::ABOUT)
        .override_usage(format!("{program} [flags]"))
        .after_help(if program == "lapwing" { commands::OVERVIEW } else { "" });
    let options = cli::parse(command, cli::server_flags::FLAGS, arguments)
        .and_then(|parsed| cli::server_options::ServerOptions::new(&parsed).map(|options| (parsed, options)));
    match options {
        Err(UsageError::Asked(text)) => answer(&text, 0),
        Err(UsageError::Wrong(line)) => complain(&format!("{program}: {line}; see {program} --help"), 2),
        Ok((parsed, options)) => match server::run(&parsed, options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => complain(&format!("{program}: {}", failure.text), failure.status),
        },
    }
}

/// Runs the Alertmanager alone until it is told to stop.
fn serve_alerts(arguments: &[String]) -> ExitCode {
    let program = "alertmanager";
    if arguments.iter().any(|argument| argument == "--version") {
        return answer(&version::text(program), 0);
    }
    let command = Command::new(program).about(version::ABOUT).override_usage("alertmanager [flags]");
    let options = cli::parse(command, cli::alertmanager_flags::FLAGS, arguments)
        .and_then(|parsed| cli::alertmanager_flags::AlertmanagerOptions::new(&parsed));
    match options {
        Err(UsageError::Asked(text)) => answer(&text, 0),
        Err(UsageError::Wrong(line)) => complain(&format!("{program}: {line}; see {program} --help"), 2),
        Ok(options) => match server::run_alertmanager(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => complain(&format!("{program}: {}", failure.text), failure.status),
        },
    }
}

/// Runs Loki alone until it is told to stop.
fn serve_logs(arguments: &[String]) -> ExitCode {
    let program = "loki";
    match cli::loki_flags::LokiOptions::new(arguments) {
        Err(UsageError::Asked(text)) => answer(&text, 0),
        Err(UsageError::Wrong(line)) => complain(&format!("{program}: {line}; see {program} -help"), 2),
        Ok(options) if options.version => answer(&version::text(program), 0),
        Ok(options) if options.list_targets => answer(&cli::loki_flags::LokiOptions::target_names(), 0),
        Ok(options) => match server::run_loki(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => complain(&format!("{program}: {}", failure.text), failure.status),
        },
    }
}

/// Writes a text to standard output; a reader that went away is no failure.
pub(crate) fn answer(text: &str, status: u8) -> ExitCode {
    answer_bytes(text.as_bytes());
    ExitCode::from(status)
}

/// Writes bytes to standard output as they are.
pub(crate) fn answer_bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Writes a line to standard error.
pub(crate) fn complain(line: &str, status: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{line}");
    ExitCode::from(status)
}
