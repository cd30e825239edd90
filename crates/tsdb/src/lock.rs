//! The file that keeps other processes out of the data directory.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::{FileSystem, Lock};

use crate::Error;

/// A locked data directory; unlocked when dropped.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    path: PathBuf,
    lock: Option<Box<dyn Lock>>,
    /// Whether the last holder has left the file behind, which it does not after a clean stop.
    pub(crate) was_stale: bool,
}

impl DirectoryLock {
    /// Locks the directory.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process holds it.
    pub(crate) fn take(fs: &Arc<dyn FileSystem>, folder: &Path) -> Result<Self, Error> {
        let path = folder.join("lock");
        let was_stale = fs.exists(&path).map_err(Error::io("look up", &path))?;
        match fs.lock(&path) {
            Ok(lock) => Ok(Self { path, lock: Some(lock), was_stale }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Err(Error::Locked { path: folder.to_owned() })
            }
            Err(error) => Err(Error::io("lock", path)(error)),
        }
    }

    /// Unlocks and removes the file, which tells the next start that this one ended cleanly.
    pub(crate) fn release(&mut self, fs: &dyn FileSystem) -> Result<(), Error> {
        // Removed while still held, so that no other process can have taken it in between.
        fs.remove_file(&self.path).map_err(Error::io("remove", &self.path))?;
        self.lock = None;
        Ok(())
    }
}
