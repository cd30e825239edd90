//! What keeps the store from opening or from doing its work.

use std::io;
use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the data directory.
    #[error("data directory {} is in use by another process", path.display())]
    Locked {
        /// The data directory.
        path: PathBuf,
    },
    /// A file operation failed.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was being done, as in "create".
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The log failed.
    #[error(transparent)]
    Wal(#[from] wal::Error),
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

impl From<Error> for storage::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Locked { .. } | Error::Wal(_) => Self::Unavailable(error.to_string()),
            Error::Io { .. } => Self::Internal(error.to_string()),
        }
    }
}
