//! Chunk snapshots: what is in memory of the head, so that a start need not read the whole log.
//!
//! A snapshot stands for every record of the log before its place; full chunks stand in their files. The log loses
//! nothing for it, so that a start without the snapshot comes to the same. Format: `docs/formats/chunk_snapshot.md`.

mod load;
mod write;

use std::path::{Path, PathBuf};

use platform::FileSystem;
use tracing::info;
use wal::Position;

use crate::Error;
pub(crate) use load::{Restored, SnapshotReader, Unusable};
pub(crate) use write::LAST_HEARD;

/// What the names of the folders begin with.
const PREFIX: &str = "chunk_snapshot.";
/// Added to the name of one that is being written.
const UNFINISHED_SUFFIX: &str = ".tmp";

/// A finished snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Where the records stand in the log that it does not stand for.
    pub(crate) position: Position,
    pub(crate) path: PathBuf,
}

/// The name of the folder.
fn name(position: Position) -> String {
    format!("{PREFIX}{:06}.{:010}", position.segment, position.offset)
}

/// The finished snapshots of a data directory, oldest first.
pub(crate) fn snapshots(fs: &dyn FileSystem, data: &Path) -> Result<Vec<Snapshot>, Error> {
    let entries = fs.list(data).map_err(Error::io("list", data))?;
    let snapshot = |entry: platform::DirEntry| {
        let (segment, offset) = entry.name.strip_prefix(PREFIX)?.split_once('.')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !entry.is_dir || !digits(segment) || !digits(offset) {
            return None;
        }
        let position = Position { segment: segment.parse().ok()?, offset: offset.parse().ok()? };
        Some(Snapshot { position, path: data.join(&entry.name) })
    };
    let mut found: Vec<Snapshot> = entries.into_iter().filter_map(snapshot).collect();
    found.sort_by_key(|snapshot| snapshot.position);
    Ok(found)
}

/// Removes snapshots that were not finished.
pub(crate) fn remove_unfinished(fs: &dyn FileSystem, data: &Path) -> Result<(), Error> {
    for entry in fs.list(data).map_err(Error::io("list", data))? {
        let is_one = entry.name.starts_with(PREFIX) && entry.name.ends_with(UNFINISHED_SUFFIX);
        if entry.is_dir && is_one {
            let folder = data.join(&entry.name);
            fs.remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
            info!(folder = %folder.display(), "Found and deleted unfinished chunk snapshot");
        }
    }
    Ok(())
}

/// Removes the snapshots before a place in the log.
fn remove_before(fs: &dyn FileSystem, data: &Path, position: Position) -> Result<(), Error> {
    for old in snapshots(fs, data)?.into_iter().filter(|old| old.position < position) {
        fs.remove_dir_all(&old.path).map_err(Error::io("remove", &old.path))?;
    }
    Ok(())
}
