//! Why there is no profile.

use std::io;

use thiserror::Error;

/// Why there is no profile.
#[derive(Debug, Error)]
pub enum Error {
    /// Another profile is being taken.
    #[error("another profile is being taken: one at a time")]
    Busy,
    /// The allocator was not told to take samples when the process started.
    #[error("allocations are not sampled: start the server with --enable-feature=profiling")]
    HeapOff,
    /// The system refuses what sampling needs.
    #[error(
        "the system refuses {call}: {source}; where calls of the system are filtered (seccomp), it must be among those that are allowed"
    )]
    Refused {
        /// The call of the system.
        call: &'static str,
        /// What it said.
        source: io::Error,
    },
    /// The program's own file cannot be read.
    #[error("the program cannot be read: {0}")]
    Program(io::Error),
    /// It was ended before its time.
    #[error("the profile was ended before its time")]
    Stopped,
    /// The profile was not written to its end.
    #[error("the profile cannot be written: {0}")]
    Write(io::Error),
}

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Try again later.
    OverLimit,
    /// Cannot be had in this process or on this system.
    Unavailable,
    /// It should not happen.
    Internal,
}

impl Error {
    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Busy => ErrorKind::OverLimit,
            Self::HeapOff | Self::Refused { .. } | Self::Stopped => ErrorKind::Unavailable,
            Self::Program(_) | Self::Write(_) => ErrorKind::Internal,
        }
    }
}
