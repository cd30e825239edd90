//! What can be wrong with a request.

/// Why the bytes are no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The protobuf cannot be read.
    #[error("{0}")]
    Proto(#[from] crate::remote::Error),
    /// A text is no UTF-8.
    #[error("string field {0} contains invalid UTF-8")]
    Utf8(&'static str),
    /// Values within values beyond any use.
    #[error("attribute values are nested too deep")]
    TooDeep,
    /// More of something than any exporter has to send.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// The JSON cannot be read.
    #[error("{0}")]
    Json(String),
}

/// Why a request was not translated to its end.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure<E> {
    /// The bytes are no request.
    Unreadable(Error),
    /// Metrics that cannot be taken, each with its reason.
    Metrics(String),
    /// The sink refused a sample.
    Sink(E),
}

impl<E> From<Error> for Failure<E> {
    fn from(error: Error) -> Self {
        Self::Unreadable(error)
    }
}
