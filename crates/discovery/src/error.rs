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
    /// An answer that says why there is none.
    #[error("unexpected response code: {} ({reason})", status.as_u16())]
    Refused {
        /// The status.
        status: http::StatusCode,
        /// The text of the answer.
        reason: String,
    },
    /// An address that is none.
    #[error("cannot ask \"{url}\"")]
    Url {
        /// The address.
        url: String,
    },
    /// Names that could not be looked up.
    #[error("{0}")]
    Lookup(String),
    /// A way to show who asks that is not known.
    #[error("{0}")]
    Access(String),
    /// An answer of another type than JSON.
    #[error("unsupported content type \"{0}\"")]
    ContentType(String),
}
