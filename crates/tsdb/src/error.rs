//! What keeps the store from opening or from doing its work.

use std::io;
use std::path::{Path, PathBuf};

use crate::block::META_FILE;

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
    /// What a `meta.json` says cannot be used.
    #[error("{}: {reason}", path.display())]
    Meta {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An index file could not be read or written.
    #[error("{}: {source}", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: index::Error,
    },
    /// A file of a block is not what the format says.
    #[error("{}: damaged {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What of it is damaged.
        what: &'static str,
    },
    /// A block that was just written is not among those that open.
    #[error("block {ulid} was written but does not open")]
    Unreadable {
        /// The block.
        ulid: crate::Ulid,
    },
    /// The work was stopped before it was done.
    #[error("stopped")]
    Stopped,
    /// Full chunks could not be moved to files.
    #[error("full chunks of the head could not be moved to files")]
    Unfiled,
    /// A chunk is not what its encoding says.
    #[error(transparent)]
    Chunk(#[from] chunks::Error),
    /// Samples could not be read.
    #[error(transparent)]
    Read(#[from] storage::Error),
    /// The log failed.
    #[error(transparent)]
    Wal(#[from] wal::Error),
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// Whether what is stored is damaged, as opposed to unreadable for now.
    pub fn is_corruption(&self) -> bool {
        match self {
            Self::Meta { .. } | Self::Damaged { .. } | Self::Chunk(_) => true,
            Self::Index { source, .. } => source.is_corruption(),
            Self::Locked { .. }
            | Self::Io { .. }
            | Self::Stopped
            | Self::Unfiled
            | Self::Unreadable { .. }
            | Self::Read(_)
            | Self::Wal(_) => false,
        }
    }

    /// Whether a file is not there that should be.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether it is a block's `meta.json` that is not there.
    pub(crate) fn is_missing_meta(&self) -> bool {
        matches!(self, Self::Io { path, .. } if self.is_missing() && path.ends_with(META_FILE))
    }

    pub(crate) fn index(path: &Path) -> impl FnOnce(index::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Index { path, source }
    }
}

impl From<Error> for storage::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Read(error) => error,
            Error::Locked { .. } | Error::Wal(_) => Self::Unavailable(error.to_string()),
            Error::Io { .. } | Error::Stopped | Error::Unfiled | Error::Unreadable { .. } => {
                Self::Internal(error.to_string())
            }
            Error::Meta { .. } | Error::Index { .. } | Error::Damaged { .. } | Error::Chunk(_) => {
                Self::Corrupt(error.to_string())
            }
        }
    }
}
