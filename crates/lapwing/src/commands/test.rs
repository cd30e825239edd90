//! `test`: rules in promtool's format, and scripts that are run against the real engine over a real head.

mod promql;
mod rules;

use std::process::ExitCode;

use super::group::{self, Entry};

const ENTRIES: &[Entry] = &[(rules::TOOL, rules::run)];

/// Runs `test <what> …`.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    match arguments.split_first() {
        Some((what, files)) if what == "promql" => promql::run(program, files),
        _ => group::run(program, "test", ENTRIES, arguments),
    }
}
