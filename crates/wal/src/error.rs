//! What goes wrong with a log, and what is found damaged in one.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the log could not do what it was asked.
///
/// Cheap to clone, since one failed write fails every appender that shared it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A file operation failed.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was being done, as in "write".
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// The log has no number left for another segment.
    #[error("no segment number left in {}", folder.display())]
    NumbersExhausted {
        /// The log's folder.
        folder: PathBuf,
    },
    /// The appender that wrote for this one too ended before it was done.
    #[error("the writer of this group of records ended early")]
    Abandoned,
    /// A record larger than any reader takes.
    #[error("record of {len} bytes, at most {} are written", crate::RECORD_BYTES_MAX)]
    RecordTooLarge {
        /// The record's length.
        len: usize,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source: Arc::new(source) }
    }
}

/// A place in a segment that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The segment's number.
    pub segment: u32,
    /// Where in the segment, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub reason: DamageReason,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "segment {:08} at byte {}: {}", self.segment, self.offset, self.reason)
    }
}

/// What is wrong with a place in a segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DamageReason {
    /// The file ends within a fragment.
    #[error("the file ends within a fragment")]
    Torn,
    /// A fragment's type or flags mean nothing.
    #[error("unknown fragment type {0:#04x}")]
    FragmentType(u8),
    /// A fragment reaches beyond its page.
    #[error("fragment of {len} bytes with {left} left in the page")]
    FragmentLength {
        /// The length it claims.
        len: usize,
        /// What the page could hold.
        left: usize,
    },
    /// The bytes of a fragment are not those that were written.
    #[error("checksum {got:#010x}, expected {expected:#010x}")]
    Checksum {
        /// Of the bytes as they are.
        got: u32,
        /// As it was written.
        expected: u32,
    },
    /// Something stands in the part of a page that must be empty.
    #[error("the unused rest of a page is not empty")]
    PageRest,
    /// A fragment that goes on with a record whose start is missing, or the end of one is missing.
    #[error("a record's fragments are not in order")]
    FragmentOrder,
    /// The record's compressed bytes are none.
    #[error("{0}")]
    Compression(String),
    /// The record is larger than any that is written.
    #[error("record of more than {} bytes", crate::RECORD_BYTES_MAX)]
    TooLarge,
    /// The record's bytes are whole but make no sense.
    #[error("{0}")]
    Record(#[from] crate::record::DecodeError),
}
