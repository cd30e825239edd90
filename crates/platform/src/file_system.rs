//! The file system as the stores see it: few operations, each with a word on what survives a crash.
//!
//! "Process crash" means that this process ends without warning; "machine crash" means that the operating
//! system or the power goes too. What reached the operating system survives the first, only what was synced
//! survives the second.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Files and folders, as small a set of operations as the stores need.
pub trait FileSystem: Send + Sync + fmt::Debug {
    /// Opens an existing file for reading at any offset.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn ReadFile>>;

    /// Maps the first `len` bytes of an existing file into memory; `len` must not exceed the file's length.
    ///
    /// The caller maps sealed bytes only: a file that shrinks under a map would end the process.
    fn map(&self, path: &Path, len: u64) -> io::Result<Mapped>;

    /// Creates a file, or empties an existing one, for appending.
    ///
    /// The name survives a machine crash once [`FileSystem::sync_dir`] was called on its folder.
    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;

    /// Opens an existing file for appending after its last byte, or creates it.
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;

    /// Moves a file or folder, replacing a file (or an empty folder) at `to`.
    ///
    /// Atomic; survives a machine crash once the folders of both names were synced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file a second name in the same file system.
    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder and all that is in it; not atomic.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Creates a folder and those above it; an existing folder is no error.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Creates a folder and those above it, so that they survive a machine crash once this returns.
    fn create_dir_all_synced(&self, path: &Path) -> io::Result<()> {
        let mut missing = Vec::new();
        for folder in path.ancestors() {
            if self.exists(folder)? {
                break;
            }
            missing.push(folder);
        }
        self.create_dir_all(path)?;
        for folder in missing.into_iter().rev() {
            // A relative path of one name stands in the folder that is named by the empty path.
            match folder.parent() {
                Some(parent) if parent.as_os_str().is_empty() => self.sync_dir(Path::new("."))?,
                Some(parent) => self.sync_dir(parent)?,
                None => {}
            }
        }
        Ok(())
    }

    /// Makes the names in a folder survive a machine crash.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Lists a folder, sorted by name.
    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>>;

    /// Looks a file or folder up.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Takes an exclusive lock on a file, created if missing, until the value is dropped or the process ends.
    ///
    /// # Errors
    /// `WouldBlock` where another process (or another value of this one) holds it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>>;

    /// Tells the size and the free part of the file system that holds `path`, in bytes.
    fn space(&self, path: &Path) -> io::Result<Space>;

    /// Reads a whole file that is known to be small, refusing one of more than `max` bytes.
    ///
    /// # Errors
    /// `FileTooLarge` above `max`.
    fn read(&self, path: &Path, max: u64) -> io::Result<Vec<u8>> {
        let file = self.open(path)?;
        let len = file.len()?;
        if len > max {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("{}: {len} bytes, at most {max} are read", path.display()),
            ));
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    /// Writes a whole small file so that it appears complete or not at all: temporary name, sync, rename, sync
    /// of the folder. Survives a machine crash once this returns.
    fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        let temporary = PathBuf::from(temporary);
        let mut file = self.create(&temporary)?;
        file.append(bytes)?;
        file.sync()?;
        drop(file);
        self.rename(&temporary, path)?;
        match path.parent() {
            Some(folder) => self.sync_dir(folder),
            None => Ok(()),
        }
    }

    /// Says whether a file or folder is there; an error other than `NotFound` is passed on.
    fn exists(&self, path: &Path) -> io::Result<bool> {
        match self.metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A file open for reading at offsets; shared between threads.
pub trait ReadFile: Send + Sync + fmt::Debug {
    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` where the file ends before.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// The file's present length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file has no byte.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// A file open for appending.
pub trait AppendFile: Send + fmt::Debug {
    /// Hands all of `bytes` to the operating system, after what is there.
    ///
    /// Survives a process crash once this returns, a machine crash only after [`AppendFile::sync`]. On an
    /// error any part of `bytes` may have been written; [`AppendFile::truncate`] takes it back.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes all that was appended survive a machine crash.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to `len` bytes; later appends go on from there.
    fn truncate(&mut self, len: u64) -> io::Result<()>;

    /// Length in bytes, as appended so far.
    fn len(&self) -> u64;

    /// Whether nothing stands in the file.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A lock on a file, held while the value lives.
pub trait Lock: Send + Sync + fmt::Debug {}

/// A file (or its first part) in memory; cheap to clone, unmapped with the last clone.
#[derive(Clone)]
pub struct Mapped {
    bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    /// Takes the bytes out of the process's memory, where they come back by themselves.
    give_back: fn(&[u8]),
}

impl Mapped {
    /// Wraps bytes that stay as they are while the value lives.
    pub fn new(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self { bytes: Arc::new(bytes), give_back: |_| () }
    }

    /// As [`Mapped::new`], with bytes that `give_back` takes out of the process's memory and that come back when they are
    /// read.
    pub(crate) fn of_file(bytes: impl AsRef<[u8]> + Send + Sync + 'static, give_back: fn(&[u8])) -> Self {
        Self { bytes: Arc::new(bytes), give_back }
    }

    /// Takes what was read of the file out of the process's memory. It stays in the system's cache of files, and comes
    /// back with the next access.
    pub fn give_back(&self) {
        (self.give_back)(self);
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        (*self.bytes).as_ref()
    }
}

impl fmt::Debug for Mapped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Mapped({} bytes)", self.len())
    }
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirEntry {
    /// The last part of the path.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

/// What is known of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// Length in bytes; of no meaning for folders.
    pub len: u64,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// Time of the last change.
    pub modified: SystemTime,
}

/// Size and free part of a file system, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// The whole size.
    pub total: u64,
    /// What an unprivileged writer may still take.
    pub available: u64,
}
