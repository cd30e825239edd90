//! The file that keeps other processes out of the folder.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::{FileSystem, Lock};

use crate::Error;

/// A locked folder; unlocked when dropped.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    path: PathBuf,
    lock: Option<Box<dyn Lock>>,
}

impl DirectoryLock {
    /// Locks the directory.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process holds it.
    pub(crate) fn take(fs: &Arc<dyn FileSystem>, folder: &Path) -> Result<Self, Error> {
        let path = folder.join("lock");
        match fs.lock(&path) {
            Ok(lock) => Ok(Self { path, lock: Some(lock) }),
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
