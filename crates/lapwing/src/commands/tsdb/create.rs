//! `tsdb create-blocks-from openmetrics`: blocks of a file of samples with times.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use model::duration::parse_duration;
use model::quote::quote;
use platform::FileSystem;
use platform::real::{RealClock, RealFileSystem};
use tsdb::tool::{CreateOptions, create_blocks_from_open_metrics};

use super::{DATA_PATH, Failed};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, list, switch, value};

/// The command.
pub(super) const OPEN_METRICS: Tool = Tool {
    name: "tsdb create-blocks-from openmetrics",
    about: "Import samples from OpenMetrics input and produce TSDB blocks. Please refer to the storage docs for more \
        details.",
    flags: &[
        switch("human-readable", "Print human readable values.").or('r'),
        switch("quiet", "Do not print created blocks.").or('q'),
        list(
            "label",
            "",
            "Label to attach to metrics. Can be specified multiple times. Example --label=label_name=label_value",
        ),
        value("max-block-duration", "2h", ""),
    ],
    arguments: &[
        ToolArgument { name: "input file", required: true, help: "OpenMetrics file to read samples from." },
        ToolArgument {
            name: "output directory",
            required: false,
            help: "Output directory for generated blocks.",
        },
    ],
};

/// Runs it.
pub(super) fn run(call: &ToolCall, out: &mut dyn Write) -> Result<(), Failed> {
    let duration = call.get("max-block-duration");
    let duration = parse_duration(duration)
        .map_err(|_| Failed(format!("time: invalid duration {}", quote(duration))))?;
    let labels = call.all("label").iter().map(|text| {
        let pair = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        pair.ok_or_else(|| Failed(format!("expected KEY=VALUE got '{text}'")))
    });
    let options = CreateOptions {
        labels: labels.collect::<Result<_, _>>()?,
        block_duration_max_ms: i64::try_from(duration.as_millis()).unwrap_or(i64::MAX),
        listing: Some(call.is_on("human-readable")).filter(|_| !call.is_on("quiet")),
    };
    let fs: Arc<dyn FileSystem> = Arc::new(RealFileSystem);
    let input = Path::new(call.argument(0).unwrap_or_default());
    let found = fs.metadata(input).map_err(|error| explain("stat", input, &error))?;
    let input = fs.map(input, found.len).map_err(|error| explain("open", input, &error))?;
    let output = Path::new(call.argument(1).unwrap_or(DATA_PATH));
    fs.create_dir_all(output).map_err(|error| {
        let Failed(text) = explain("mkdir", output, &error);
        Failed(format!("create output dir: {text}"))
    })?;
    create_blocks_from_open_metrics(&fs, &RealClock::new(), &input, output, &options, out)?;
    Ok(())
}

/// An error of the system in the original's words.
fn explain(action: &str, path: &Path, error: &std::io::Error) -> Failed {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotADirectory | std::io::ErrorKind::AlreadyExists => "not a directory".to_owned(),
        _ => error.to_string(),
    };
    Failed(format!("{action} {}: {reason}", path.display()))
}
