//! Flags that every command takes.

use crate::cli::tool::{ToolFlag, switch, value};

/// The address of the Alertmanager.
pub(super) const URL: ToolFlag = value("alertmanager.url", "", "Alertmanager to talk to.");
/// How results are shown.
pub(super) const OUTPUT: ToolFlag =
    value("output", "simple", "Output formatter (simple, extended, json).").or('o');
/// How times are shown.
pub(super) const DATE_FORMAT: ToolFlag =
    value("date.format", "2006-01-02 15:04:05 MST", "Format of date output.");
/// How long an answer may take.
pub(super) const TIMEOUT: ToolFlag = value("timeout", "30s", "Timeout for the executed command.");
/// How requests are made.
pub(super) const HTTP_CONFIG: ToolFlag =
    value("http.config.file", "", "HTTP client configuration file for amtool to connect to Alertmanager.");
/// Says more.
pub(super) const VERBOSE: ToolFlag = switch("verbose", "Verbose running information.").or('v');
/// Accepted: no version is asked for.
pub(super) const VERSION_CHECK: ToolFlag = switch("version-check", "Check Alertmanager version (not done).");
/// The file whose routes are looked at.
pub(super) const CONFIG_FILE: ToolFlag =
    value("config.file", "", "Config file to be tested, in place of what the Alertmanager runs with.");

/// The flags that every command takes, and further ones.
macro_rules! flags {
    ($($more:expr),* $(,)?) => {
        &[
            crate::commands::amtool::flags::URL,
            crate::commands::amtool::flags::OUTPUT,
            crate::commands::amtool::flags::DATE_FORMAT,
            crate::commands::amtool::flags::TIMEOUT,
            crate::commands::amtool::flags::HTTP_CONFIG,
            crate::commands::amtool::flags::VERBOSE,
            crate::commands::amtool::flags::VERSION_CHECK,
            $($more),*
        ]
    };
}

pub(super) use flags;
