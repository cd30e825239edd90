//! `check-config`: looks at configurations and their templates.

#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use config::alertmanager::{Config, Loaded};
use notify::templates::TemplateSet;
use platform::FileSystem;
use platform::real::RealFileSystem;

use super::failed;
use super::flags::flags;
use crate::cli::tool::{Tool, ToolArgument, ToolCall};
use crate::{answer, complain};

/// The largest template that is read.
pub(super) const TEMPLATE_BYTES_MAX: u64 = 16 << 20;

/// The largest configuration that is read from a pipe.
const CONFIG_BYTES_MAX: u64 = 16 << 20;
/// What is read where no file is named.
const STANDARD_INPUT: &str = "/dev/stdin";

pub(super) const TOOL: Tool = Tool {
    name: "check-config",
    about: "Validate alertmanager config files.",
    flags: flags!(),
    arguments: &[ToolArgument { name: "check-files...", required: false, help: "Files to be validated." }],
};

pub(super) fn run(program: &str, call: &ToolCall) -> ExitCode {
    let mut failures = 0;
    let mut out = String::new();
    let files: Vec<&str> = match call.arguments() {
        [] => vec![STANDARD_INPUT],
        files => files.iter().map(String::as_str).collect(),
    };
    for file in files {
        let _ = write!(out, "Checking '{file}'");
        match load(file) {
            Ok(loaded) => {
                for warning in &loaded.warnings {
                    complain(&format!("{file}:{warning}"), 0);
                }
                out.push_str("  SUCCESS\n");
                failures += report(&loaded, &mut out);
            }
            Err(error) => {
                let _ = writeln!(out, "  FAILED: {error}");
                failures += 1;
            }
        }
        out.push('\n');
    }
    answer(&out, 0);
    if failures > 0 {
        return failed(program, format!("failed to validate {failures} file(s)"));
    }
    ExitCode::SUCCESS
}

/// A pipe can be read but not be looked at like a file.
fn load(file: &str) -> Result<Loaded, String> {
    let path = Path::new(file);
    if file != STANDARD_INPUT {
        return Config::load(path, &RealFileSystem).map_err(|error| error.to_string());
    }
    let text = read_whole(std::io::stdin()).map_err(|error| format!("open {file}: {error}"))?;
    Config::load_text(&text, path).map_err(|error| error.to_string())
}

/// All of a text that is no longer than a configuration may be.
fn read_whole(from: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    from.take(CONFIG_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > CONFIG_BYTES_MAX {
        let bound = format!("a configuration has at most {CONFIG_BYTES_MAX} bytes, this one has more");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, bound));
    }
    Ok(text)
}

/// Tells what a configuration holds, and whether its templates can be read; gives the number of failures.
fn report(loaded: &Loaded, out: &mut String) -> usize {
    let config = &loaded.config;
    let _ = write!(
        out,
        "Found:\n - global config\n - route\n - {} inhibit rules\n - {} receivers\n - {} templates\n",
        config.inhibit_rules.len(),
        config.receivers.len(),
        config.templates.len()
    );
    if config.templates.is_empty() {
        return 0;
    }
    let templates = config.template_files(&RealFileSystem).map_err(|error| error.to_string());
    match templates.and_then(|files| load_templates(&files)) {
        Ok(_) => {
            out.push_str("  SUCCESS\n");
            0
        }
        Err(error) => {
            let _ = writeln!(out, "  FAILED: {error}");
            1
        }
    }
}

/// Our own templates and those of files.
pub(super) fn load_templates(files: &[std::path::PathBuf]) -> Result<TemplateSet, String> {
    let mut texts = Vec::new();
    for path in files {
        let bytes = RealFileSystem
            .read(path, TEMPLATE_BYTES_MAX)
            .map_err(|error| format!("open {}: {error}", path.display()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    TemplateSet::new(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        .map_err(|error| error.to_string())
}
