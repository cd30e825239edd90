//! `tsdb list`: the blocks of a data directory.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use platform::FileSystem;
use platform::real::RealFileSystem;
use serde_json::Value;
use tsdb::tool::{ListedBlock, list, list_blocks};

use super::{DATA_ARGUMENT, DATA_PATH, Failed};
use crate::cli::tool::{Tool, ToolCall, switch, value};

/// The command.
pub(super) const TOOL: Tool = Tool {
    name: "tsdb list",
    about: "List tsdb blocks.",
    flags: &[
        switch("human-readable", "Print human readable values.").or('r'),
        value("format", "text", "text, or json for one object a line."),
    ],
    arguments: &[DATA_ARGUMENT],
};

/// Runs it.
pub(super) fn run(call: &ToolCall, out: &mut dyn Write) -> Result<(), Failed> {
    let fs: Arc<dyn FileSystem> = Arc::new(RealFileSystem);
    let blocks = list_blocks(&fs, Path::new(call.argument(0).unwrap_or(DATA_PATH)))?;
    match call.get("format") {
        "json" => blocks.iter().try_for_each(|block| Ok(writeln!(out, "{}", json(block)?)?)),
        "text" => Ok(list(&blocks, true, call.is_on("human-readable"), out)?),
        other => Err(Failed(format!("unknown format {other}, expected text or json"))),
    }
}

/// What the block's `meta.json` says, and its size.
fn json(block: &ListedBlock) -> Result<Value, Failed> {
    let mut json: Value = serde_json::from_str(&block.meta.to_json())?;
    json["bytes"] = Value::from(block.bytes);
    Ok(json)
}
