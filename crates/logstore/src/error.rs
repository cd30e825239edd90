//! What keeps the store from opening or from doing its work.

use std::io;
use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the folder.
    #[error("log directory {} is in use by another process", path.display())]
    Locked {
        /// The folder.
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
    /// A file is not what the format says.
    #[error("{}: damaged {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What of it is damaged.
        what: &'static str,
    },
    /// The store is closed.
    #[error("the log store is closed")]
    Closed,
    /// A compressor could not do its work.
    #[error("compress: {0}")]
    Compress(io::Error),
    /// The log failed.
    #[error(transparent)]
    Wal(#[from] wal::Error),
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, what: &'static str) -> Self {
        Self::Damaged { path: path.into(), what }
    }

    /// Whether what is stored is damaged, as opposed to unreadable for now.
    pub fn is_corruption(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }
}

impl From<Error> for storage::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Locked { .. } | Error::Wal(_) | Error::Closed => Self::Unavailable(error.to_string()),
            Error::Io { .. } | Error::Compress(_) => Self::Internal(error.to_string()),
            Error::Damaged { .. } => Self::Corrupt(error.to_string()),
        }
    }
}
