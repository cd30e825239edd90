//! `tsdb analyze`: what makes a block large.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use model::number::parse_float;
use model::quote::quote;
use platform::FileSystem;
use platform::real::RealFileSystem;
use tsdb::tool::{AnalyzeOptions, analyze, open_block};

use super::{DATA_ARGUMENT, DATA_PATH, Failed};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, switch, value};

/// The command.
pub(super) const TOOL: Tool = Tool {
    name: "tsdb analyze",
    about: "Analyze churn, label pair cardinality and compaction efficiency.",
    flags: &[
        value("limit", "20", "How many items to show in each list."),
        switch("extended", "Run extended analysis."),
        value("match", "", "Series selector to analyze. Only 1 set of matchers is supported now."),
    ],
    arguments: &[
        DATA_ARGUMENT,
        ToolArgument {
            name: "block id",
            required: false,
            help: "Block to analyze (default is the last block).",
        },
    ],
};

/// Runs it.
pub(super) fn run(call: &ToolCall, out: &mut dyn Write) -> Result<(), Failed> {
    let text = call.get("limit");
    let limit = parse_float(text)
        .ok_or_else(|| Failed(format!("strconv.ParseFloat: parsing {}: invalid syntax", quote(text))))?;
    let selector = match call.get("match") {
        "" => None,
        text => Some((text.to_owned(), promql_syntax::parse_metric_selector(text)?)),
    };
    let fs: Arc<dyn FileSystem> = Arc::new(RealFileSystem);
    let block = open_block(&fs, Path::new(call.argument(0).unwrap_or(DATA_PATH)), call.argument(1))?;
    // A limit below zero shows nothing.
    let options = AnalyzeOptions { limit: limit as usize, extended: call.is_on("extended"), selector };
    Ok(analyze(&block, &options, out)?)
}
