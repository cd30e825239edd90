//! Why something was not sent.

use std::time::Duration;

/// A failure of a queue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] wal::Error),
    /// The place where a queue stands cannot be kept.
    #[error("keep the position of a queue in {path}: {reason}")]
    Position {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// Another store did not answer, or not so that it can be read.
    #[error("{0}")]
    Read(String),
    /// No answer came.
    #[error(transparent)]
    Http(#[from] http_client::Error),
    /// The store answered with another status than one of success.
    #[error("server returned HTTP status {status}: {text}")]
    Status {
        /// Number and words of the status.
        status: String,
        /// The first line of the answer.
        text: String,
        /// Whether it may answer otherwise later.
        may_change: bool,
        /// How long the store asked to be left alone.
        retry_after: Option<Duration>,
    },
    /// The store took the request and says that it stored none of it.
    #[error(
        "sent v2 request with {samples} samples, {histograms} histograms and {exemplars} exemplars; got 2xx, but PRW \
         2.0 response header statistics indicate 0 samples, 0 histograms and 0 exemplars were accepted; assumining \
         failure e.g. the target only supports PRW 1.0 prometheus.WriteRequest, but does not check the Content-Type \
         header correctly"
    )]
    NothingStored {
        /// How many samples were sent.
        samples: usize,
        /// How many histograms.
        histograms: usize,
        /// How many exemplars.
        exemplars: usize,
    },
}

impl Error {
    /// Whether the same request may be answered otherwise later.
    pub fn may_change(&self) -> bool {
        match self {
            Self::Http(_) => true,
            Self::Status { may_change, .. } => *may_change,
            Self::Log(_) | Self::Position { .. } | Self::Read(_) | Self::NothingStored { .. } => false,
        }
    }

    /// Whether the store finds fault with what was sent, or with a part of it.
    pub(crate) fn is_bad_request(&self) -> bool {
        matches!(self, Self::Status { status, .. } if status.starts_with("400"))
    }

    /// How long the store asked to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
