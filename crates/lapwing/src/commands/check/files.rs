//! `check config|rules|web-config`: files with what they name.

use std::process::ExitCode;

use config::check::{CheckConfig, CheckRules, CheckWebConfig, Report, Stream, World};
use config::rule_file::RuleChecks;
use model::duration::parse_duration;
use platform::real::RealFileSystem;

use super::super::group::syntax_options;
use super::{LOOKBACK, read_input, usage_error};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, ToolFlag, switch, value};
use crate::{answer, complain};

const LINT: ToolFlag = value("lint", "duplicate-rules", "Linting checks to apply.");
const LINT_FATAL: ToolFlag = switch("lint-fatal", "Make lint errors exit with exit code 3.");
const IGNORE_UNKNOWN: ToolFlag = switch("ignore-unknown-fields", "Ignore unknown fields in rule groups.");

pub(super) const CONFIG: Tool = Tool {
    name: "check config",
    about: "Check if the config files are valid or not.",
    flags: &[
        switch("syntax-only", "Only check the config file syntax, ignoring file and content validation."),
        LINT,
        LINT_FATAL,
        IGNORE_UNKNOWN,
        switch("agent", "Check config file for Prometheus in Agent mode."),
        LOOKBACK,
    ],
    arguments: &[ToolArgument {
        name: "config-files...",
        required: true,
        help: "The config files to check.",
    }],
};

pub(super) const WEB_CONFIG: Tool = Tool {
    name: "check web-config",
    about: "Check if the web config files are valid or not.",
    flags: &[LOOKBACK],
    arguments: &[ToolArgument {
        name: "web-config-files...",
        required: true,
        help: "The config files to check.",
    }],
};

pub(super) const RULES: Tool = Tool {
    name: "check rules",
    about: "Check if the rule files are valid or not.",
    flags: &[LINT, LINT_FATAL, IGNORE_UNKNOWN, LOOKBACK],
    arguments: &[ToolArgument {
        name: "rule-files...",
        required: false,
        help: "The rule files to check, default is read from standard input.",
    }],
};

pub(super) fn config(program: &str, call: &ToolCall) -> ExitCode {
    let lookback_delta = match parse_duration(call.get(LOOKBACK.name)) {
        Ok(lookback) => lookback,
        Err(error) => return usage_error(program, &error.to_string()),
    };
    let asked = CheckConfig {
        files: call.arguments().to_vec(),
        agent: call.is_on("agent"),
        syntax_only: call.is_on("syntax-only"),
        lint: call.get(LINT.name).to_owned(),
        lint_fatal: call.is_on(LINT_FATAL.name),
        ignore_unknown_fields: call.is_on(IGNORE_UNKNOWN.name),
        lookback_delta,
    };
    with_world(call, |world| asked.run(world))
}

pub(super) fn rules(program: &str, call: &ToolCall) -> ExitCode {
    let files = call.arguments().to_vec();
    let input = match files.is_empty().then(read_input).transpose() {
        Ok(input) => input.unwrap_or_default(),
        Err(error) => return complain(&format!("{program}: error: {error}"), 1),
    };
    let asked = CheckRules {
        files,
        input,
        lint: call.get(LINT.name).to_owned(),
        lint_fatal: call.is_on(LINT_FATAL.name),
        ignore_unknown_fields: call.is_on(IGNORE_UNKNOWN.name),
    };
    with_world(call, |world| asked.run(world))
}

pub(super) fn web_config(_program: &str, call: &ToolCall) -> ExitCode {
    let asked = CheckWebConfig { files: call.arguments().to_vec() };
    with_world(call, |world| asked.run(world, &api::serve::check_key_pair))
}

/// Checks against this machine's files and environment, and prints what was found.
fn with_world(call: &ToolCall, check: impl FnOnce(&World<'_>) -> Report) -> ExitCode {
    let syntax = syntax_options(call);
    let expression =
        |text: &str| promql_syntax::parse_expr(text, syntax).map(|_| ()).map_err(|error| error.to_string());
    let report = check(&World {
        files: &RealFileSystem,
        environment: &|name| std::env::var(name).ok(),
        rules: RuleChecks { expression: &expression, template: &crate::rules::check_template },
        log_rules: crate::rules::LOG_CHECKS,
    });
    for (stream, text) in report.pieces() {
        match stream {
            Stream::Out => answer(text, 0),
            Stream::Err => complain(text.trim_end_matches('\n'), 0),
        };
    }
    ExitCode::from(report.exit())
}
