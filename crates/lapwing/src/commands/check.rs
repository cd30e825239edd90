//! `check`: files are looked at as promtool does.

use std::io::Read;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use config::check::{CheckConfig, CheckRules, CheckWebConfig, Report, Stream, World};
use config::rule_file::RuleChecks;
use model::duration::parse_duration;
use platform::real::RealFileSystem;

use crate::{answer, complain};

/// The most that is read from standard input.
const INPUT_BYTES_MAX: u64 = 64 << 20;

/// Runs `check <what> …`.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    let (what, rest) = match arguments.split_first() {
        Some((what, rest)) => (what.as_str(), rest),
        None => return complain(&format!("{program}: must select a subcommand of 'check'"), 2),
    };
    match what {
        "config" | "rules" | "web-config" => match matches(what, rest) {
            Ok(matches) => match check(what, &matches) {
                Ok(report) => print(&report),
                Err(error) => complain(&format!("{program}: error: {error}"), 1),
            },
            Err(error) if !error.use_stderr() => answer(&error.render().to_string(), 0),
            Err(error) => {
                let text = error.render().to_string();
                let line = text.lines().next().unwrap_or("").trim_start_matches("error: ");
                complain(&format!("{program}: error: {line}, try --help"), 1)
            }
        },
        "healthy" | "ready" | "metrics" | "service-discovery" => {
            complain(&format!("{program}: check {what} is not supported yet"), 2)
        }
        other => complain(&format!("{program}: expected command but got {}", model::quote::quote(other)), 2),
    }
}

fn matches(what: &str, arguments: &[String]) -> Result<ArgMatches, clap::Error> {
    let text = |name: &'static str| Arg::new(name).long(name).action(ArgAction::Set);
    let switch = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let mut command = Command::new("check")
        .no_binary_name(true)
        .args_override_self(true)
        .arg(text("lint").default_value("duplicate-rules").help("Linting checks to apply"))
        .arg(switch("lint-fatal").help("Make lint errors exit with exit code 3."))
        .arg(switch("ignore-unknown-fields").help("Ignore unknown fields in rule groups."))
        .arg(text("enable-feature").help("Features to enable"))
        .arg(Arg::new("files").action(ArgAction::Append).required(what != "rules"));
    if what == "config" {
        command = command
            .arg(switch("agent").help("Check config file for the agent."))
            .arg(switch("syntax-only").help("Only check the syntax."))
            .arg(
                text("query.lookback-delta")
                    .default_value("5m")
                    .help("The server's maximum query lookback duration."),
            );
    }
    command.try_get_matches_from(arguments)
}

fn check(what: &str, matches: &ArgMatches) -> Result<Report, String> {
    let syntax = syntax_options(matches.get_one::<String>("enable-feature").map_or("", String::as_str));
    let expression =
        |text: &str| promql_syntax::parse_expr(text, syntax).map(|_| ()).map_err(|error| error.to_string());
    let world = World {
        files: &RealFileSystem,
        environment: &|name| std::env::var(name).ok(),
        // Templates are looked at once their language is there; until then every text is taken.
        rules: RuleChecks { expression: &expression, template: &|_, _| Ok(()) },
    };
    let files: Vec<String> = matches.get_many::<String>("files").into_iter().flatten().cloned().collect();
    if what == "web-config" {
        // Whether certificate and key belong together is asked once the listener speaks TLS.
        return Ok(CheckWebConfig { files }.run(&world, &|_, _| Ok(())));
    }
    let lint = matches.get_one::<String>("lint").cloned().unwrap_or_default();
    let (lint_fatal, ignore_unknown_fields) =
        (matches.get_flag("lint-fatal"), matches.get_flag("ignore-unknown-fields"));
    if what == "rules" {
        let input = if files.is_empty() { read_input()? } else { String::new() };
        return Ok(CheckRules { files, input, lint, lint_fatal, ignore_unknown_fields }.run(&world));
    }
    let lookback = matches.get_one::<String>("query.lookback-delta").map_or("5m", String::as_str);
    let lookback_delta = parse_duration(lookback).map_err(|error| error.to_string())?;
    let (agent, syntax_only) = (matches.get_flag("agent"), matches.get_flag("syntax-only"));
    let asked =
        CheckConfig { files, agent, syntax_only, lint, lint_fatal, ignore_unknown_fields, lookback_delta };
    Ok(asked.run(&world))
}

fn syntax_options(features: &str) -> promql_syntax::Options {
    let has = |name: &str| features.split(',').any(|feature| feature == name);
    promql_syntax::Options {
        experimental_functions: has("promql-experimental-functions"),
        extended_range_selectors: has("promql-extended-range-selectors"),
        binop_fill_modifiers: has("promql-binop-fill-modifiers"),
    }
}

fn read_input() -> Result<String, String> {
    let mut text = String::new();
    std::io::stdin().take(INPUT_BYTES_MAX).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

fn print(report: &Report) -> ExitCode {
    for (stream, text) in report.pieces() {
        match stream {
            Stream::Out => answer(text, 0),
            Stream::Err => complain(text.trim_end_matches('\n'), 0),
        };
    }
    ExitCode::from(report.exit())
}
