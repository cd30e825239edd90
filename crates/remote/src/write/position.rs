//! Where a queue stands, kept on disk.

use std::io;
use std::path::{Path, PathBuf};

use platform::FileSystem;

use crate::Error;

/// The longest file that is one.
const FILE_BYTES_MAX: u64 = 256;
/// The first word of the file: what the rest of the line means.
const FORMAT: &str = "1";

/// Up to where everything was answered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) position: wal::Position,
    /// The time of the newest value before it, for parts of the log that were rewritten.
    pub(super) highest_sent: i64,
}

/// The file in which the place of a queue is kept.
pub(super) fn file(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{:016x}", twox_hash::XxHash64::oneshot(0, key.as_bytes())))
}

/// The place that was kept, `None` where there is none that makes sense.
///
/// # Errors
/// The file is there and cannot be read.
pub(super) fn load(files: &dyn FileSystem, path: &Path) -> Result<Option<Place>, Error> {
    match files.read(path, FILE_BYTES_MAX) {
        Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().and_then(parse)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, &error)),
    }
}

/// Keeps a place. It survives the end of the process; after the end of the machine an older one may stand there.
///
/// # Errors
/// The file cannot be written.
pub(super) fn save(files: &dyn FileSystem, path: &Path, place: &Place) -> Result<(), Error> {
    let write = || {
        if let Some(folder) = path.parent() {
            files.create_dir_all(folder)?;
        }
        let temporary = path.with_extension("tmp");
        let wal::Position { segment, offset } = place.position;
        let text = format!("{FORMAT} {segment} {offset} {}\n", place.highest_sent);
        files.create(&temporary)?.append(text.as_bytes())?;
        files.rename(&temporary, path)
    };
    write().map_err(|error: io::Error| failed(path, &error))
}

fn parse(text: &str) -> Option<Place> {
    let mut words = text.strip_suffix('\n')?.split(' ');
    if words.next()? != FORMAT {
        return None;
    }
    let position =
        wal::Position { segment: words.next()?.parse().ok()?, offset: words.next()?.parse().ok()? };
    let highest_sent = words.next()?.parse().ok()?;
    words.next().is_none().then_some(Place { position, highest_sent })
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::Position { path: path.display().to_string(), reason: error.to_string() }
}
