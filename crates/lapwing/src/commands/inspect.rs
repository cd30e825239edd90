//! `inspect FILE`: what stands in a file of a data directory.

mod logs;

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use platform::FileSystem;
use platform::real::RealFileSystem;
use tsdb::tool::{InspectFormat, InspectOptions, ToolError, inspect};

use crate::cli::UsageError;
use crate::cli::tool::{Tool, ToolArgument, switch, value};
use crate::{answer, complain};

const TOOL: Tool = Tool {
    name: "inspect",
    about: "Print a file of a data directory: a segment of a log, head chunks, a file of a block, or a part of logs.",
    flags: &[
        value("format", "text", "text, or json for one object a line."),
        switch("brief", "Print records and chunks without the entries and samples in them."),
    ],
    arguments: &[ToolArgument { name: "file", required: true, help: "The file." }],
};

/// Runs `inspect …`.
pub(crate) fn run(program: &str, arguments: &[String]) -> ExitCode {
    let call = match TOOL.parse(program, arguments) {
        Ok(call) => call,
        Err(UsageError::Asked(text)) => return answer(&text, 0),
        Err(UsageError::Wrong(line)) => {
            return complain(&format!("{program}: error: {line}, try --help"), 2);
        }
    };
    let format = match call.get("format") {
        "text" => InspectFormat::Text,
        "json" => InspectFormat::Json,
        other => {
            let line = format!("{program}: error: unknown format {other}, expected text or json");
            return complain(&line, 2);
        }
    };
    let fs: Arc<dyn FileSystem> = Arc::new(RealFileSystem);
    let path = Path::new(call.argument(0).unwrap_or_default());
    if let Some(show) = logs::inspector(&*fs, path) {
        return match (format, show(&*fs, path)) {
            (InspectFormat::Json, _) => {
                complain(&format!("{program}: error: files of logs are printed as text alone"), 2)
            }
            (InspectFormat::Text, Ok(text)) => answer(&logs::shown(&text, call.is_on("brief")), 0),
            (InspectFormat::Text, Err(error)) => complain(&format!("{program}: {error}"), 1),
        };
    }
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let options = InspectOptions { format, brief: call.is_on("brief") };
    let printed = inspect(&fs, path, options, &mut out).and_then(|()| Ok(out.flush()?));
    match printed {
        // A reader that went away is no failure.
        Ok(()) | Err(ToolError::Output(_)) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = out.flush();
            complain(&format!("{program}: {error}"), 1)
        }
    }
}
