//! Logs on their way in: bodies of Loki's push and of Elasticsearch's `_bulk` (those of OpenTelemetry are read by
//! [`crate::otlp::logs`]), each to the same [`Push`].
//!
//! What a push holds lies in the body as it came; only what has to be written anew (escaped texts, labels of JSON)
//! goes into one buffer. Nothing is judged here beyond its form: limits, labels and times are the business of who
//! takes the push.
//!
//! Reading order: [`Push`], [`Entry`], [`Text`]; [`protobuf()`], [`json()`], [`bulk`].

pub mod bulk;
mod error;
mod group;
mod json;
mod name;
mod protobuf;
mod push;
#[cfg(test)]
mod tests;
mod time;

pub use error::Error;
pub(crate) use group::Grouped;
pub use json::{json, legacy_json};
pub use name::metadata_name;
pub(crate) use name::{Pairs, push_pair_text};
pub use protobuf::protobuf;
pub use push::{ENTRIES_MAX, Entry, METADATA_MAX, Push, Stream, Text, ZERO_TIME};
pub use time::{format_go, format_rfc3339, parse_rfc3339};
