//! What can go wrong with a query.

use model::Labels;
use vectors::matching::MatchError;

/// The result of an evaluation.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure it is; the API's error types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The query cannot be evaluated over this data.
    Execution,
    /// It took longer than it may.
    Timeout,
    /// Whoever asked does not want the answer any more.
    Canceled,
    /// The store failed.
    Storage,
    /// The server cannot do it now, later it may.
    Unavailable,
}

/// Why a query failed; the texts are the original's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Two series of a result have the same labels.
    #[error("vector cannot contain metrics with the same labelset")]
    SameLabels,
    /// The elements of two vectors could not be paired.
    #[error(transparent)]
    Match(#[from] MatchError),
    /// More samples than the query may hold.
    #[error("query processing would load too many samples into memory in query execution")]
    TooManySamples,
    /// More memory than the query may hold.
    #[error("query needs more than the {bytes_max} bytes of memory that it may use")]
    TooManyBytes {
        /// The limit.
        bytes_max: usize,
    },
    /// The process may not take more memory, and the query holds a good deal of it; how much there is of it.
    #[error("query ended for want of memory: {0}")]
    OutOfMemory(String),
    /// The deadline is over.
    #[error("query timed out in expression evaluation")]
    TimedOut,
    /// The query was cancelled.
    #[error("query was canceled in expression evaluation")]
    Canceled,
    /// A label name that no series can have.
    #[error("{0}")]
    InvalidLabelName(String),
    /// A parameter outside of what a function or aggregation takes.
    #[error("{0}")]
    InvalidParameter(String),
    /// An expression of a type that this kind of query has no answer for.
    #[error("invalid expression type {got:?} for range query, must be Scalar or instant Vector")]
    NotForRange {
        /// The type, as documented.
        got: &'static str,
    },
    /// Two info series of one target are equally new.
    #[error(
        "found duplicate series for info metric: existing {first} @ {timestamp}, new {second} @ {timestamp}"
    )]
    DuplicateInfo {
        /// The one.
        first: Labels,
        /// The other.
        second: Labels,
        /// The time that both have.
        timestamp: i64,
    },
    /// A function that is known but cannot be evaluated yet.
    #[error("function {0} is not supported yet")]
    Unsupported(&'static str),
    /// The store failed.
    #[error("expanding series: {0}")]
    Storage(#[from] storage::Error),
    /// A duration expression without a valid value.
    #[error("{0}")]
    Duration(String),
}

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TimedOut => ErrorKind::Timeout,
            Self::OutOfMemory(_) => ErrorKind::Unavailable,
            Self::Canceled | Self::Storage(storage::Error::Canceled) => ErrorKind::Canceled,
            Self::Storage(_) => ErrorKind::Storage,
            _ => ErrorKind::Execution,
        }
    }
}
