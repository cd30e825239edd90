//! What can go wrong with an index file.

use std::io;

/// Why an index file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file operation failed.
    #[error("index: {0}")]
    Io(#[from] io::Error),
    /// The bytes are not what the format says.
    #[error("index: {what} at byte {offset}")]
    Corrupt {
        /// What is wrong.
        what: &'static str,
        /// Where, counted from the start of the file.
        offset: u64,
    },
    /// A checksum does not fit its bytes.
    #[error("index: checksum of the {part} at byte {offset} does not match")]
    Checksum {
        /// Whose checksum it is.
        part: &'static str,
        /// Where the part begins, counted from the start of the file.
        offset: u64,
    },
    /// A version of the format that is not known.
    #[error("index: unknown format version {0}")]
    UnknownVersion(u8),
    /// The file would get larger than its references can reach.
    #[error("index: {what} would exceed what the format can address")]
    TooLarge {
        /// What would get too large.
        what: &'static str,
    },
    /// A series was given that is not behind the one before.
    #[error("index: series {labels} is not behind the one before it")]
    OutOfOrder {
        /// The labels of the series.
        labels: String,
    },
    /// A label whose text was not announced.
    #[error("index: {text:?} is not among the symbols")]
    UnknownSymbol {
        /// The text.
        text: String,
    },
}

impl Error {
    /// Whether the file is damaged, as opposed to unreadable for now.
    pub fn is_corruption(&self) -> bool {
        matches!(self, Self::Corrupt { .. } | Self::Checksum { .. } | Self::UnknownVersion(_))
    }
}
