//! What `promtool tsdb` does with a data directory, its output written as text.

mod analyze;
mod dump;
mod error;
mod list;
mod openmetrics;
mod spread;
mod table;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use platform::FileSystem;

pub use analyze::{AnalyzeOptions, analyze};
pub use dump::{DumpFormat, dump, dump_open_metrics};
pub use error::ToolError;
pub use list::{ListedBlock, list};
pub use openmetrics::{CreateOptions, Created, create_blocks_from_open_metrics};

use crate::Error;
use crate::block::{Block, Ulid};

/// Opens the blocks of a data directory for reading alone, by their first time.
///
/// # Errors
/// [`ToolError::Directory`] where there is none, [`ToolError::Store`] where a block does not open.
pub fn open_blocks(fs: &Arc<dyn FileSystem>, path: &Path) -> Result<Vec<Arc<Block>>, ToolError> {
    let entries = fs.list(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => ToolError::Directory { path: path.to_owned() },
        _ => ToolError::Store(Error::io("list", path)(error)),
    })?;
    let mut blocks = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_dir && entry.name.parse::<Ulid>().is_ok()) {
        blocks.push(Arc::new(Block::open(Arc::clone(fs), &path.join(&entry.name))?));
    }
    blocks.sort_by_key(|block| {
        let meta = block.meta();
        (meta.min_time, meta.max_time)
    });
    Ok(blocks)
}
