//! Why nothing could be measured.

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line.
    #[error("{0}")]
    Usage(String),
    /// No URL of `http`.
    #[error("expected http://host:port/path, found {0}")]
    Url(String),
    /// The server does not answer.
    #[error("{url}: {source}")]
    Connection {
        /// Where.
        url: String,
        /// Why.
        source: std::io::Error,
    },
    /// The server does not take what it is given, or does not answer what it is asked.
    #[error("{url}: status {status}: {text}")]
    Refused {
        /// Where.
        url: String,
        /// The status of the answer.
        status: u16,
        /// The start of the answer.
        text: String,
    },
    /// An answer that is none.
    #[error("{url}: expected {expected}, found {found}")]
    Answer {
        /// Where.
        url: String,
        /// What should be there.
        expected: &'static str,
        /// What is.
        found: String,
    },
    /// A file or a process.
    #[error("{what}: {source}")]
    Io {
        /// Which one.
        what: String,
        /// Why.
        source: std::io::Error,
    },
    /// Something did not happen in time.
    #[error("{what}: not within {seconds} s")]
    TooLate {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// What is measured does not work.
    #[error("{0}")]
    Broken(String),
    /// A thread ended early.
    #[error("a sender panicked")]
    Panicked,
}

impl Error {
    /// The error of a file or a process.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// The error of what is measured.
    pub fn broken(error: impl std::fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }
}
