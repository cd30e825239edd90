//! Refusals: what is answered, and under which reason it is counted.

use std::collections::HashMap;
use std::fmt::Write;

/// What a push is answered that was not taken as a whole. Entries that were in order are stored nevertheless, unless
/// the status says that the push was refused before any was looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct PushError {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, in the original's words.
    pub text: String,
}

impl PushError {
    pub(crate) fn new(status: u16, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }
}

/// Why entries were refused, as metrics name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Labels that are none.
    InvalidLabels,
    /// No labels.
    MissingLabels,
    /// Labels that must be there are not.
    MissingEnforcedLabels,
    /// The tenant sends too much.
    RateLimited,
    /// A line is too long.
    LineTooLong,
    /// The tenant has too many streams.
    StreamLimit,
    /// A stream gets too much.
    StreamRateLimit,
    /// Older than the newest entry of its stream, where that is not allowed.
    OutOfOrder,
    /// Too far behind the newest entry of its stream.
    TooFarBehind,
    /// Too old.
    TooOld,
    /// Too far in the future.
    TooNew,
    /// Too many labels.
    TooManyLabels,
    /// The name of a label is too long.
    LabelNameTooLong,
    /// The value of a label is too long.
    LabelValueTooLong,
    /// A label twice.
    DuplicateLabel,
    /// Structured metadata, where it is not allowed.
    MetadataDisallowed,
    /// Too many bytes of structured metadata.
    MetadataTooLarge,
    /// Too many pairs of structured metadata.
    MetadataTooMany,
    /// Nothing is taken from the tenant now.
    Blocked,
    /// Nothing is taken for the policy now.
    BlockedPolicy,
}

impl Reason {
    /// The value of the label `reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidLabels => "invalid_labels",
            Self::MissingLabels => "missing_labels",
            Self::MissingEnforcedLabels => "missing_enforced_labels",
            Self::RateLimited => "rate_limited",
            Self::LineTooLong => "line_too_long",
            Self::StreamLimit => "stream_limit",
            Self::StreamRateLimit => "per_stream_rate_limit",
            Self::OutOfOrder => "out_of_order",
            Self::TooFarBehind => "too_far_behind",
            Self::TooOld => "greater_than_max_sample_age",
            Self::TooNew => "too_far_in_future",
            Self::TooManyLabels => "max_label_names_per_series",
            Self::LabelNameTooLong => "label_name_too_long",
            Self::LabelValueTooLong => "label_value_too_long",
            Self::DuplicateLabel => "duplicate_label_names",
            Self::MetadataDisallowed => "disallowed_structured_metadata",
            Self::MetadataTooLarge => "structured_metadata_too_large",
            Self::MetadataTooMany => "structured_metadata_too_many",
            Self::Blocked => "blocked_ingestion",
            Self::BlockedPolicy => "blocked_ingestion_policy",
        }
    }
}

/// A refusal of a stream or an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(reason: Reason, text: String) -> Self {
        Self { reason, text }
    }
}

/// Refusals of one push, equal ones counted.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    places: HashMap<String, usize>,
    texts: Vec<(String, usize)>,
    more: usize,
}

/// Texts that are told apart at most.
const TEXTS_MAX: usize = 32;

impl Refusals {
    pub(crate) fn add(&mut self, text: &str) {
        if let Some(place) = self.places.get(text) {
            if let Some((_, count)) = self.texts.get_mut(*place) {
                *count += 1;
            }
        } else if self.texts.len() < TEXTS_MAX {
            self.places.insert(text.to_owned(), self.texts.len());
            self.texts.push((text.to_owned(), 1));
        } else {
            self.more += 1;
        }
    }

    /// All of them as one text; `None` where there are none.
    pub(crate) fn text(&self) -> Option<String> {
        let mut out = String::new();
        for (place, (text, count)) in self.texts.iter().enumerate() {
            if place > 0 {
                out.push_str("; ");
            }
            if self.texts.len() > 1 || *count > 1 {
                // Writing to a String cannot fail.
                let _ = write!(out, "{count} errors like: ");
            }
            out.push_str(text);
        }
        if self.more > 0 {
            let _ = write!(out, "; and {} more", self.more);
        }
        (!self.texts.is_empty()).then_some(out)
    }
}
