//! What can go wrong between a store and its users.

use std::fmt;

/// The result of a store's operation.
pub type Result<T> = std::result::Result<T, Error>;

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The input is wrong; the same call will fail again.
    Invalid,
    /// What was asked for is not there.
    NotFound,
    /// A limit stands against it.
    OverLimit,
    /// Not now: starting, stopping, or no space left.
    Unavailable,
    /// What is stored is damaged.
    Corrupt,
    /// The caller went away.
    Canceled,
    /// Anything else.
    Internal,
}

/// An error of a store; the texts of the sample errors are the original's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Older than the newest sample of its series, and no out-of-order samples are taken.
    #[error("out of order sample")]
    OutOfOrder,
    /// Outside of the time that the store takes samples for.
    #[error("out of bounds")]
    OutOfBounds,
    /// Older than the out-of-order window allows.
    #[error("too old sample")]
    TooOld,
    /// Another value is stored for the same time.
    #[error("duplicate sample for timestamp")]
    DuplicateSample,
    /// An exemplar older than the newest one of its series.
    #[error("out of order exemplar")]
    OutOfOrderExemplar,
    /// The same exemplar once more.
    #[error("duplicate exemplar")]
    DuplicateExemplar,
    /// An exemplar whose labels are too long.
    #[error("label length for exemplar exceeds maximum of 128 UTF-8 characters")]
    ExemplarLabelLength,
    /// The store keeps no exemplars.
    #[error("exemplar storage is disabled")]
    ExemplarsDisabled,
    /// A start timestamp that is not before its sample.
    #[error("start timestamp is newer or the same as the sample's timestamp, ignoring")]
    StartTimestampNewer,
    /// A start timestamp at or before the newest sample of the series.
    #[error("start timestamp out of order, ignoring")]
    StartTimestampOutOfOrder,
    /// No series with this reference (it may have been removed); ask for it by its labels.
    #[error("unknown series reference {0}")]
    UnknownSeries(u64),
    /// A label set that no series can have.
    #[error("{0}")]
    InvalidLabels(String),
    /// A histogram that contradicts itself.
    #[error("{0}")]
    InvalidHistogram(String),
    /// A limit stands against a new series.
    #[error("{0}")]
    OverLimit(String),
    /// The store does not take or give anything now.
    #[error("{0}")]
    Unavailable(String),
    /// What is stored is damaged.
    #[error("{0}")]
    Corrupt(String),
    /// The caller went away or its time is over.
    #[error("canceled")]
    Canceled,
    /// The store cannot do this.
    #[error("{0} is not supported by this store")]
    Unsupported(&'static str),
    /// Anything else, such as a failed read.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// Wraps an error that has no more precise form.
    pub fn internal(error: impl fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::OutOfOrder
            | Self::OutOfBounds
            | Self::TooOld
            | Self::DuplicateSample
            | Self::OutOfOrderExemplar
            | Self::DuplicateExemplar
            | Self::ExemplarLabelLength
            | Self::ExemplarsDisabled
            | Self::StartTimestampNewer
            | Self::StartTimestampOutOfOrder
            | Self::InvalidLabels(_)
            | Self::InvalidHistogram(_)
            | Self::Unsupported(_) => ErrorKind::Invalid,
            Self::UnknownSeries(_) => ErrorKind::NotFound,
            Self::OverLimit(_) => ErrorKind::OverLimit,
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Corrupt(_) => ErrorKind::Corrupt,
            Self::Canceled => ErrorKind::Canceled,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }
}
