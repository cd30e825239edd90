//! Which files are those of the store of logs, and how they are shown.

use std::path::Path;

use logstore::{Error, inspect_log, inspect_part};
use platform::FileSystem;

/// Prints a file as text.
pub(super) type Show = fn(&dyn FileSystem, &Path) -> Result<String, Error>;

/// The first bytes of a part.
const PART: &[u8] = b"LWLOGP";

/// What prints a file of the store of logs; `None` for one of another store.
pub(super) fn inspector(fs: &dyn FileSystem, path: &Path) -> Option<Show> {
    let mut start = [0; PART.len()];
    let is_part = fs.open(path).is_ok_and(|file| file.read_exact_at(&mut start, 0).is_ok() && start == PART);
    if is_part {
        return Some(inspect_part);
    }
    // Segments of both stores look alike: that of logs stands beside its parts.
    let folder = path.parent().filter(|folder| folder.file_name().is_some_and(|name| name == "wal"))?;
    let store = folder.parent()?;
    let is_of_logs = store.file_name().is_some_and(|name| name == "logs")
        || fs.exists(&store.join("parts")).unwrap_or(false);
    is_of_logs.then_some(inspect_log as Show)
}

/// The text, without what is indented where it is to be brief.
pub(super) fn shown(text: &str, brief: bool) -> String {
    if !brief {
        return text.to_owned();
    }
    text.lines().filter(|line| !line.starts_with("  ")).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests;
