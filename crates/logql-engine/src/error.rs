//! What can go wrong with a query.

use logql_syntax::ParseError;

/// The result of an evaluation.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The query is wrong, or cannot be evaluated over this data.
    Invalid,
    /// A limit stands against it.
    OverLimit,
    /// It took longer than it may.
    Timeout,
    /// Whoever asked does not want the answer any more.
    Canceled,
    /// The server cannot do it now, later it may.
    Unavailable,
    /// Anything else.
    Internal,
}

/// Why a query failed; the texts are the original's where it has one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The query, or one of its stages, cannot be read.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A log query where a metric query belongs.
    #[error(
        "log queries are not supported as an instant query type, please change your query to a range query type"
    )]
    LogQueryAsInstant,
    /// A sample is there that a stage found an error in.
    #[error(
        "pipeline error: '{error}' for series: '{series}'.\nUse a label filter to intentionally skip this error. (e.g | __error__!=\"{error}\").\nTo skip all potential errors you can match empty errors.(e.g __error__=\"\")\nThe label filter can also be specified after unwrap. (e.g | unwrap latency | __error__=\"\" )\n"
    )]
    Pipeline {
        /// The value of `__error__`.
        error: String,
        /// The labels of the sample.
        series: String,
    },
    /// More series than a query may give.
    #[error("maximum of series ({0}) reached for a single query")]
    TooManySeries(usize),
    /// More bytes read than a query may read.
    #[error(
        "the query would read too many bytes (query: {read}B, limit: {limit}B); consider adding more specific stream selectors or reduce the time range of the query"
    )]
    TooManyBytesRead {
        /// What it has read, or would.
        read: u64,
        /// The limit.
        limit: u64,
    },
    /// More memory than the query may hold.
    #[error("query needs more than the {bytes_max} bytes of memory that it may use")]
    TooManyBytes {
        /// The limit.
        bytes_max: u64,
    },
    /// The process may not take more memory, and the query holds a good deal of it; how much there is of it.
    #[error("query ended for want of memory: {0}")]
    OutOfMemory(String),
    /// Elements of two vectors could not be paired; in the original's words.
    #[error("{0}")]
    Pairing(String),
    /// Anything else that stands against an evaluation; in the original's words.
    #[error("{0}")]
    Evaluation(String),
    /// The deadline is over.
    #[error("query timed out in expression evaluation")]
    TimedOut,
    /// The query was cancelled.
    #[error("query was canceled")]
    Canceled,
    /// The store failed.
    #[error("{0}")]
    Storage(storage::Error),
    /// What is known but cannot be evaluated.
    #[error("{0} is not supported yet")]
    Unsupported(String),
}

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Parse(_) | Self::LogQueryAsInstant | Self::Pipeline { .. } | Self::Evaluation(_) => {
                ErrorKind::Invalid
            }
            Self::Unsupported(_) => ErrorKind::Invalid,
            Self::TooManySeries(_) | Self::TooManyBytesRead { .. } | Self::TooManyBytes { .. } => {
                ErrorKind::OverLimit
            }
            Self::OutOfMemory(_) => ErrorKind::Unavailable,
            Self::TimedOut => ErrorKind::Timeout,
            // The original takes it for a failure of its own.
            Self::Pairing(_) => ErrorKind::Internal,
            Self::Canceled => ErrorKind::Canceled,
            Self::Storage(error) => match error.kind() {
                storage::ErrorKind::Invalid => ErrorKind::Invalid,
                storage::ErrorKind::OverLimit => ErrorKind::OverLimit,
                storage::ErrorKind::Unavailable => ErrorKind::Unavailable,
                _ => ErrorKind::Internal,
            },
        }
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Canceled => Self::Canceled,
            other => Self::Storage(other),
        }
    }
}
