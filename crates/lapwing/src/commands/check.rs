//! `check`: files and servers are looked at as promtool does.

mod files;
mod loki;
mod metrics;
mod reachable;
mod service_discovery;

use std::io::Read;
use std::process::ExitCode;

use super::group::{self, Entry, refuse};
use crate::cli::UsageError;
use crate::cli::tool::{ToolFlag, value};

/// The most that is read from standard input.
const INPUT_BYTES_MAX: u64 = 64 << 20;

/// A flag that every check takes, as in the original.
const LOOKBACK: ToolFlag =
    value("query.lookback-delta", "5m", "The server's maximum query lookback duration.");

const ENTRIES: &[Entry] = &[
    (files::CONFIG, files::config),
    (files::WEB_CONFIG, files::web_config),
    (files::RULES, files::rules),
    super::amtool::CHECK,
    (loki::TOOL, loki::run),
    (metrics::TOOL, metrics::run),
    (reachable::HEALTHY, reachable::healthy),
    (reachable::READY, reachable::ready),
    (service_discovery::TOOL, service_discovery::run),
];

/// Runs `check <what> …`.
pub(super) fn run(program: &str, arguments: &[String]) -> ExitCode {
    group::run(program, "check", ENTRIES, arguments)
}

/// Says that a flag is wrong.
fn usage_error(program: &str, text: &str) -> ExitCode {
    refuse(program, UsageError::Wrong(text.to_owned()))
}

fn read_input() -> Result<String, String> {
    let mut text = String::new();
    std::io::stdin().take(INPUT_BYTES_MAX).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}
