//! Names of segments and checkpoints.

use std::io;
use std::path::{Path, PathBuf};

use platform::FileSystem;

use crate::Error;

/// A segment or checkpoint of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number.
    pub number: u32,
    /// The segment's file, or the checkpoint's folder.
    pub path: PathBuf,
}

const CHECKPOINT_PREFIX: &str = "checkpoint.";

/// The file of a segment.
pub fn segment_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:08}"))
}

pub(crate) fn checkpoint_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{CHECKPOINT_PREFIX}{number:08}"))
}

/// The segments of a log, in order; none where the folder is missing. A number may be missing between two.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be listed.
pub fn segments(fs: &dyn FileSystem, folder: &Path) -> Result<Vec<Segment>, Error> {
    let mut segments = numbered(fs, folder, "", false)?;
    segments.sort_by_key(|segment| segment.number);
    Ok(segments)
}

/// The finished checkpoints of a log, in order.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be listed.
pub fn checkpoints(fs: &dyn FileSystem, folder: &Path) -> Result<Vec<Segment>, Error> {
    let mut checkpoints = numbered(fs, folder, CHECKPOINT_PREFIX, true)?;
    checkpoints.sort_by_key(|checkpoint| checkpoint.number);
    Ok(checkpoints)
}

/// The newest finished checkpoint of a log.
///
/// # Errors
/// [`Error::Io`] where the folder cannot be listed.
pub fn last_checkpoint(fs: &dyn FileSystem, folder: &Path) -> Result<Option<Segment>, Error> {
    Ok(checkpoints(fs, folder)?.pop())
}

fn numbered(fs: &dyn FileSystem, folder: &Path, prefix: &str, is_dir: bool) -> Result<Vec<Segment>, Error> {
    let entries = match fs.list(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", folder)(error)),
    };
    let number = |name: &str| {
        let digits = name.strip_prefix(prefix)?;
        (digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    };
    let segment = |entry: platform::DirEntry| {
        let number = number(&entry.name)?;
        (entry.is_dir == is_dir).then(|| Segment { number, path: folder.join(&entry.name) })
    };
    Ok(entries.into_iter().filter_map(segment).collect())
}
