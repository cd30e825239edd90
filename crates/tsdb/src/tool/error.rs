//! Why a tool could not do its work, in the original's words.

use std::io;
use std::path::PathBuf;

/// Why a tool could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// There is no such data directory.
    #[error("opening the db dir: stat {}: no such file or directory", path.display())]
    Directory {
        /// The path that was given.
        path: PathBuf,
    },
    /// There is no block to look at.
    #[error("no blocks found")]
    NoBlocks,
    /// No block has this name.
    #[error("invalid block ID {0}")]
    UnknownBlock(String),
    /// It is not a file that could be told about.
    #[error("{} is {what}", path.display())]
    UnknownFile {
        /// The path that was given.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The input breaks its format's rules.
    #[error("{step}: next: {source}")]
    Parse {
        /// What was being done.
        step: &'static str,
        /// What is wrong.
        source: wire::exposition::ParseError,
    },
    /// Names of the input are not valid.
    #[error(transparent)]
    Labels(#[from] wire::exposition::LabelsError),
    /// A sample of the input has no time.
    #[error("{step}: expected timestamp for series got none")]
    NoTimestamp {
        /// What was being done.
        step: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
    /// A query of the store failed.
    #[error(transparent)]
    Query(#[from] storage::Error),
    /// The output could not be written.
    #[error(transparent)]
    Output(#[from] io::Error),
}

use crate::Error;
