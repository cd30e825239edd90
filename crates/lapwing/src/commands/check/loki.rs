//! `check loki`: Loki's file, and the files of overrides that it names.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::tool::{Tool, ToolArgument, ToolCall, switch};
use crate::{answer, complain};

pub(super) const TOOL: Tool = Tool {
    name: "check loki",
    about: "Check if Loki's config files are valid or not, overrides of tenants included.",
    flags: &[switch("config.expand-env", "Replace ${NAME} in them by variables of the environment.")],
    arguments: &[ToolArgument {
        name: "config-files...",
        required: true,
        help: "The config files to check.",
    }],
};

pub(super) fn run(_program: &str, call: &ToolCall) -> ExitCode {
    let mut failed = false;
    for file in call.arguments() {
        answer(&format!("Checking {file}\n"), 0);
        match crate::server::check_loki(PathBuf::from(file), call.is_on("config.expand-env")) {
            Ok(warnings) => {
                for warning in warnings {
                    answer(&format!("  WARNING: {warning}\n"), 0);
                }
                answer(&format!(" SUCCESS: {file} is valid Loki config file syntax\n\n"), 0);
            }
            Err(error) => {
                failed = true;
                complain(&format!("  FAILED: {error}\n"), 0);
            }
        }
    }
    ExitCode::from(u8::from(failed))
}
