//! `test`: scripts are run against the real engine over a real head.

mod promql;

use std::process::ExitCode;

use crate::complain;

/// Runs `test <what> …`.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    match arguments.split_first() {
        Some((what, files)) if what == "promql" => promql::run(program, files),
        Some((what, _)) if what == "rules" => {
            complain(&format!("{program}: test rules is not supported yet"), 2)
        }
        Some((what, _)) => {
            complain(&format!("{program}: expected command but got {}", model::quote::quote(what)), 2)
        }
        None => complain(&format!("{program}: must select a subcommand of 'test'"), 2),
    }
}
