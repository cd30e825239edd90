//! What `promtool tsdb` does with a data directory, its output written as text.

mod analyze;
mod dump;
mod error;
mod inspect;
mod list;
mod openmetrics;
mod shadow;
mod spread;
mod table;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use platform::FileSystem;
use tracing::warn;

pub use analyze::{AnalyzeOptions, analyze};
pub use dump::{DumpFormat, dump, dump_open_metrics};
pub use error::ToolError;
pub use inspect::{InspectFormat, InspectOptions, inspect};
pub use list::{ListedBlock, list};
pub use openmetrics::{CreateOptions, Created, create_blocks_from_open_metrics};
pub use shadow::ShadowFileSystem;

use crate::Error;
use crate::block::{Block, Ulid};

/// The blocks of a data directory by their first time, as they are listed; one without a `meta.json` is left out.
///
/// # Errors
/// [`ToolError::Directory`] where there is none, [`ToolError::Store`] where a block does not open.
pub fn list_blocks(fs: &Arc<dyn FileSystem>, path: &Path) -> Result<Vec<ListedBlock>, ToolError> {
    let mut blocks = Vec::new();
    for ulid in ulids(fs, path)? {
        match Block::open(Arc::clone(fs), &path.join(ulid.to_string())) {
            Ok(block) => blocks.push(ListedBlock::from(&block)),
            Err(error) if error.is_missing_meta() => {
                warn!(%ulid, "A block without meta.json is left out");
            }
            Err(error) => return Err(error.into()),
        }
    }
    blocks.sort_by_key(|block| (block.meta.min_time, block.meta.max_time));
    Ok(blocks)
}

/// Opens the block of this name for reading alone, or the one that was made last.
///
/// # Errors
/// [`ToolError::Directory`], [`ToolError::NoBlocks`], [`ToolError::UnknownBlock`]; [`ToolError::Store`] where it
/// does not open.
pub fn open_block(fs: &Arc<dyn FileSystem>, path: &Path, name: Option<&str>) -> Result<Block, ToolError> {
    let ulids = ulids(fs, path)?;
    let ulid = match name {
        None => ulids.into_iter().max().ok_or(ToolError::NoBlocks)?,
        Some(name) => {
            let found = ulids.into_iter().find(|ulid| ulid.to_string() == name);
            found.ok_or_else(|| ToolError::UnknownBlock(name.to_owned()))?
        }
    };
    Ok(Block::open(Arc::clone(fs), &path.join(ulid.to_string()))?)
}

/// The names of the blocks in a data directory.
fn ulids(fs: &Arc<dyn FileSystem>, path: &Path) -> Result<Vec<Ulid>, ToolError> {
    let entries = fs.list(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => ToolError::Directory { path: path.to_owned() },
        _ => ToolError::Store(Error::io("list", path)(error)),
    })?;
    Ok(entries.iter().filter(|entry| entry.is_dir).filter_map(|entry| entry.name.parse().ok()).collect())
}
