//! Why a discovery found nothing new.

/// A discovery that failed; what it found before stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A list of groups that cannot be read.
    #[error("{0}")]
    Syntax(String),
    /// A null where a group must stand.
    #[error("nil target group item found (index {index})")]
    NullGroup {
        /// The place in the list.
        index: usize,
    },
    /// A file that cannot be read.
    #[error("open {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// A request that failed.
    #[error(transparent)]
    Http(#[from] http_client::Error),
    /// An answer with another status than 200.
    #[error("server returned HTTP status {0}")]
    Status(http::StatusCode),
    /// An answer of another type than JSON.
    #[error("unsupported content type \"{0}\"")]
    ContentType(String),
}
