//! What can go wrong with a request, in Go's words: users see them as a target's last error.

use std::io;
use std::path::PathBuf;

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The settings or the request are wrong.
    Invalid,
    /// A limit stands against it.
    OverLimit,
    /// The other side does not answer, or not in time.
    Unavailable,
    /// The other side answers nonsense.
    Corrupt,
}

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The answer did not come, for the reason given.
    #[error("{method} \"{url}\": {reason}")]
    Exchange {
        /// The method as Go writes it: `Get`.
        method: String,
        /// The URL, its password hidden.
        url: String,
        /// Why.
        reason: String,
    },
    /// The time was over while the body was read.
    #[error("context deadline exceeded")]
    BodyTimeout,
    /// The body broke off.
    #[error("{0}")]
    Body(String),
    /// The body is no gzip data though its header says so.
    #[error("gzip: invalid header")]
    GzipHeader,
    /// The body is damaged gzip data.
    #[error("gzip: {0}")]
    Gzip(String),
    /// The body is as large as the limit or larger.
    #[error("body size limit exceeded")]
    BodyTooLarge {
        /// The limit, in bytes after decompression.
        limit: u64,
    },
    /// A URL that cannot be asked.
    #[error("parse \"{url}\": {reason}")]
    Url {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file with a secret cannot be read.
    #[error("unable to read {what} file {}: {reason}", path.display())]
    SecretFile {
        /// What stands in the file.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A header that HTTP does not allow.
    #[error("invalid header {name}")]
    Header {
        /// The header's name.
        name: String,
    },
    /// Settings for TLS that cannot be used.
    #[error("{0}")]
    Tls(String),
}

impl Error {
    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Exchange { .. } | Self::BodyTimeout | Self::Body(_) => ErrorKind::Unavailable,
            Self::GzipHeader | Self::Gzip(_) => ErrorKind::Corrupt,
            Self::BodyTooLarge { .. } => ErrorKind::OverLimit,
            Self::Url { .. } | Self::SecretFile { .. } | Self::Header { .. } | Self::Tls(_) => {
                ErrorKind::Invalid
            }
        }
    }
}

/// The reason behind an error of the connection, worded as Go words the common ones.
pub(crate) fn reason(error: &(dyn std::error::Error + 'static), address: &str) -> String {
    let mut deepest = error;
    let mut cause = Some(error);
    while let Some(present) = cause {
        if let Some(io) = present.downcast_ref::<io::Error>()
            && let Some(text) = io_reason(io, address)
        {
            return text;
        }
        deepest = present;
        cause = present.source();
    }
    let text = deepest.to_string();
    if is_lookup(&text) {
        return no_such_host(address);
    }
    if let Some(scheme) = text.strip_prefix("unsupported scheme ") {
        return format!("unsupported protocol scheme \"{scheme}\"");
    }
    if text == "connection closed before message completed" { "EOF".to_owned() } else { text }
}

/// The reason why nothing listens at an address, in Go's words.
pub(crate) fn dial_reason(error: &io::Error, address: &str) -> String {
    let text = error.to_string();
    if is_lookup(&text) {
        return no_such_host(address);
    }
    io_reason(error, address).unwrap_or_else(|| format!("dial tcp {address}: {text}"))
}

fn is_lookup(text: &str) -> bool {
    text.contains("lookup address") || text.contains("Name or service not known")
}

fn no_such_host(address: &str) -> String {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    format!("dial tcp: lookup {host}: no such host")
}

/// The reason behind an error of a connection that stood, in Go's words.
pub(crate) fn exchange_reason(error: &io::Error, address: &str) -> String {
    io_reason(error, address).unwrap_or_else(|| error.to_string())
}

fn io_reason(error: &io::Error, address: &str) -> Option<String> {
    Some(match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("dial tcp {address}: connect: connection refused"),
        io::ErrorKind::ConnectionReset => "read: connection reset by peer".to_owned(),
        io::ErrorKind::BrokenPipe => "write: broken pipe".to_owned(),
        io::ErrorKind::HostUnreachable => format!("dial tcp {address}: connect: no route to host"),
        io::ErrorKind::NetworkUnreachable => format!("dial tcp {address}: connect: network is unreachable"),
        io::ErrorKind::TimedOut => format!("dial tcp {address}: i/o timeout"),
        io::ErrorKind::UnexpectedEof => "EOF".to_owned(),
        _ => return None,
    })
}
