//! What can be wrong with a body.

/// Why a body is no push; texts are the original's where it has one of its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The protobuf cannot be read.
    #[error("{0}")]
    Proto(#[from] crate::remote::Error),
    /// The request of OpenTelemetry cannot be read.
    #[error("{0}")]
    Otlp(#[from] crate::otlp::Error),
    /// The JSON is empty.
    #[error("EOF")]
    Empty,
    /// The JSON cannot be read.
    #[error("{0}")]
    Json(String),
    /// A text is no UTF-8.
    #[error("string field {0} contains invalid UTF-8")]
    Utf8(&'static str),
    /// More of something than one push may hold.
    #[error("too many {0} in one push")]
    TooMany(&'static str),
    /// A line of a `_bulk` body cannot be read; lines count from 1.
    #[error("line {line}: {message}")]
    Line {
        /// The line.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}
