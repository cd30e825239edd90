//! The data directory as far as blocks stand in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::FileSystem;
use tracing::info;

use crate::Error;
use crate::block::{Block, UNFINISHED_SUFFIX, Ulid};

/// Added to the name of a folder that is being removed.
const REMOVED_SUFFIX: &str = ".tmp-for-deletion";
/// Names of unfinished folders that old versions left.
const OLD_UNFINISHED_SUFFIX: &str = ".tmp";
/// Added to the name of a block that does not open.
const DAMAGED_SUFFIX: &str = ".damaged";

/// A block that does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedBlock {
    /// Its name.
    pub ulid: Ulid,
    /// Its folder.
    pub folder: PathBuf,
    /// Why it does not open.
    pub reason: String,
    /// Whether it was renamed, so that it is not tried again.
    pub is_set_aside: bool,
    /// Whether it is damaged, as opposed to unreadable for now.
    is_corrupt: bool,
}

/// What stands in the folder.
pub(super) struct Found {
    pub(super) open: Vec<Arc<Block>>,
    pub(super) damaged: Vec<DamagedBlock>,
}

/// Opens all blocks but those that are known.
pub(super) fn open_all(
    fs: &Arc<dyn FileSystem>,
    path: &Path,
    known: &BTreeMap<Ulid, Arc<Block>>,
) -> Result<Found, Error> {
    let mut found = Found { open: Vec::new(), damaged: Vec::new() };
    for (name, ulid) in block_names(&**fs, path)? {
        if let Some(block) = known.get(&ulid) {
            found.open.push(Arc::clone(block));
            continue;
        }
        let folder = path.join(name);
        match Block::open(Arc::clone(fs), &folder) {
            Ok(block) => found.open.push(Arc::new(block)),
            Err(error) => found.damaged.push(DamagedBlock {
                ulid,
                folder,
                reason: error.to_string(),
                is_set_aside: false,
                is_corrupt: error.is_corruption() || error.is_missing(),
            }),
        }
    }
    Ok(found)
}

/// The folders whose names are those of blocks.
fn block_names(fs: &dyn FileSystem, path: &Path) -> Result<Vec<(String, Ulid)>, Error> {
    let entries = fs.list(path).map_err(Error::io("list", path))?;
    let block = |name: String| name.parse().ok().map(|ulid| (name, ulid));
    Ok(entries.into_iter().filter(|entry| entry.is_dir).filter_map(|entry| block(entry.name)).collect())
}

/// Removes folders of blocks that were not finished, or not wholly removed. What is not known stays.
pub(super) fn remove_leftovers(fs: &dyn FileSystem, path: &Path) -> Result<(), Error> {
    for entry in fs.list(path).map_err(Error::io("list", path))? {
        let suffixes = [UNFINISHED_SUFFIX, REMOVED_SUFFIX, OLD_UNFINISHED_SUFFIX];
        let name = suffixes.iter().find_map(|suffix| entry.name.strip_suffix(suffix));
        if entry.is_dir && name.is_some_and(|name| name.parse::<Ulid>().is_ok()) {
            let folder = path.join(&entry.name);
            fs.remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
            info!(folder = %folder.display(), "Found and deleted tmp block dir");
        }
    }
    Ok(())
}

/// Removes a block: first its name, so that a crash leaves no half of it.
pub(super) fn remove(fs: &dyn FileSystem, folder: &Path) -> Result<(), Error> {
    let removed = with_suffix(folder, REMOVED_SUFFIX);
    fs.rename(folder, &removed).map_err(Error::io("rename", folder))?;
    // Else it could come back after those that replace it were replaced themselves.
    if let Some(parent) = folder.parent() {
        fs.sync_dir(parent).map_err(Error::io("sync", parent))?;
    }
    fs.remove_dir_all(&removed).map_err(Error::io("remove", &removed))
}

/// Renames a damaged block, so that it is not tried again, and nobody counts on it.
pub(super) fn set_aside(fs: &dyn FileSystem, block: &mut DamagedBlock) -> Result<(), Error> {
    if !block.is_corrupt {
        return Ok(());
    }
    let aside = with_suffix(&block.folder, DAMAGED_SUFFIX);
    fs.rename(&block.folder, &aside).map_err(Error::io("rename", &block.folder))?;
    block.folder = aside;
    block.is_set_aside = true;
    Ok(())
}

fn with_suffix(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
