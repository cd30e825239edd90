//! Why a scrape failed, in the original's words: users see them as a target's last error.

use std::path::PathBuf;
use std::time::Duration;

use model::quote::quote;
use wire::exposition::{ContentTypeError, ParseError};

/// A scrape that failed as a whole.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScrapeError {
    /// The target did not answer.
    #[error(transparent)]
    Fetch(#[from] http_client::Error),
    /// The target answered with another status than 200.
    #[error("server returned HTTP status {0}")]
    Status(String),
    /// The target's answer does not say what it is.
    #[error(transparent)]
    ContentType(#[from] ContentTypeError),
    /// The answer breaks its format's rules.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A series without a name.
    #[error("missing metric name (__name__ label)")]
    NoName,
    /// A name that is not allowed.
    #[error("invalid metric name or label names: {0}")]
    Names(String),
    /// A label that stands twice in a series.
    #[error("label name {} is not unique: invalid sample", quote(_0))]
    DuplicateLabel(String),
    /// More samples than allowed.
    #[error("sample limit exceeded")]
    SampleLimit,
    /// A native histogram with more buckets than allowed, however coarse.
    #[error("histogram bucket limit exceeded")]
    BucketLimit,
    /// More labels than allowed.
    #[error("label_limit exceeded (metric: {metric}, number of labels: {labels}, limit: {limit})")]
    LabelLimit {
        /// The metric's name, at most 50 characters of it.
        metric: String,
        /// The number of labels.
        labels: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A longer label name than allowed.
    #[error(
        "label_name_length_limit exceeded (metric: {metric}, label name: {name}, length: {length}, limit: {limit})"
    )]
    LabelNameLimit {
        /// The metric's name, at most 50 characters of it.
        metric: String,
        /// The label's name, at most 50 characters of it.
        name: String,
        /// Its length in bytes.
        length: usize,
        /// The longest that is allowed.
        limit: usize,
    },
    /// A longer label value than allowed.
    #[error(
        "label_value_length_limit exceeded (metric: {metric}, label name: {name}, value: {}, length: {length}, limit: {limit})",
        quote(value)
    )]
    LabelValueLimit {
        /// The metric's name, at most 50 characters of it.
        metric: String,
        /// The label's name, at most 50 characters of it.
        name: String,
        /// The value, at most 50 characters of it.
        value: String,
        /// Its length in bytes.
        length: usize,
        /// The longest that is allowed.
        limit: usize,
    },
    /// The job has more targets than allowed, none of them is scraped.
    #[error("target_limit exceeded (number of targets: {targets}, limit: {limit})")]
    TargetLimit {
        /// The number of targets.
        targets: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// The store refused.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

/// Settings that cannot be put to work.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The HTTP client of a job cannot be made: its certificates, mostly.
    #[error(transparent)]
    Client(#[from] http_client::Error),
    /// The file for failed scrapes cannot be opened.
    #[error("open scrape_failure_log_file {}: {reason}", quote(&path.display().to_string()))]
    FailureLog {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

/// What was discovered and cannot be made a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("no address")]
    NoAddress,
    #[error("{} is not a valid hostname", quote(_0))]
    Address(String),
    #[error("error parsing scrape {what}: {reason}")]
    Duration { what: &'static str, reason: String },
    #[error("scrape {what} cannot be 0")]
    ZeroDuration { what: &'static str },
    #[error(
        "scrape timeout cannot be greater than scrape interval ({} > {})",
        quote(timeout),
        quote(interval)
    )]
    Timeout { timeout: String, interval: String },
    #[error("error parsing {label}: {}: invalid syntax", quote(value))]
    Flag { label: &'static str, value: String },
}

/// At most the first 50 characters of a text.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(50).collect()
}

/// A duration in seconds, as metrics have it.
pub(crate) fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
