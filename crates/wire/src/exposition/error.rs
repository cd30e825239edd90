//! Where a body breaks its format's rules, in the original's words: users see them as a target's last error.

use model::quote::quote;

use crate::proto::ProtoError;

/// A body that breaks its format's rules.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParseError {
    /// A token stands where another one must.
    #[error(
        "expected {expected}, got {} ({}) while parsing: {}",
        quote_bytes(got),
        quote(token),
        quote_bytes(line)
    )]
    Unexpected {
        /// What must stand there.
        expected: &'static str,
        /// The bytes of the token.
        got: Vec<u8>,
        /// What the token is taken for.
        token: &'static str,
        /// The entry up to and with the token.
        line: Vec<u8>,
    },
    /// An entry that is wrong for a reason of its own.
    #[error("{reason} while parsing: {}", quote_bytes(line))]
    Entry {
        /// What is wrong.
        reason: String,
        /// The entry up to where it is wrong.
        line: Vec<u8>,
    },
    /// A label's value is no valid UTF-8.
    #[error("invalid UTF-8 label value: {}", quote_bytes(value))]
    LabelValue {
        /// The value with its quotes.
        value: Vec<u8>,
    },
    /// A help text is no valid UTF-8.
    #[error("help text {} is not a valid utf8 string", quote_bytes(text))]
    HelpText {
        /// The text.
        text: Vec<u8>,
    },
    /// A declaration without its text, or without a line break behind it.
    #[error("expected text in {declaration}")]
    NoText {
        /// `HELP`, `TYPE` or `UNIT`.
        declaration: &'static str,
    },
    /// A unit that the metric's name does not end with.
    #[error("unit {} not a suffix of metric {}", quote(unit), quote(metric))]
    Unit {
        /// The unit.
        unit: String,
        /// The metric's name.
        metric: String,
    },
    /// A time that is none.
    #[error("invalid {of}timestamp {}", model::number::format_plain(*value))]
    Timestamp {
        /// `exemplar ` for one of an exemplar, else empty.
        of: &'static str,
        /// What stands for the time.
        value: f64,
    },
    /// The end is missing.
    #[error("data does not end with # EOF")]
    NoEnd,
    /// Something stands behind the end.
    #[error("unexpected data after # EOF")]
    BehindEnd,
    /// A message that is longer than what is left of the body.
    #[error("clientpb: insufficient length of buffer, expected at least {expected} bytes, got {got} bytes")]
    Truncated {
        /// Bytes of the message with its length.
        expected: u64,
        /// Bytes that are left.
        got: usize,
    },
    /// Bytes that are no message.
    #[error(transparent)]
    Message(#[from] ProtoError),
    /// A metric without a name, or with one that is no text.
    #[error("invalid metric name: {name}")]
    MetricName {
        /// The name.
        name: String,
    },
    /// A label whose name is no text.
    #[error("invalid label name: {name}")]
    LabelName {
        /// The name.
        name: String,
    },
    /// A label of a message whose value is no text.
    #[error("invalid label value: {value}")]
    LabelText {
        /// The value.
        value: String,
    },
    /// A type that the protocol has no number for.
    #[error("unknown metric type for protobuf: {number}")]
    UnknownType {
        /// The number.
        number: u64,
    },
    /// A native histogram that contradicts itself.
    #[error("histogram {}: {reason}", quote(metric))]
    Histogram {
        /// The metric's name.
        metric: String,
        /// What is wrong.
        reason: String,
    },
    /// A type that the format does not know.
    #[error("invalid metric type {}", quote_bytes(name))]
    MetricType {
        /// What stands for the type.
        name: Vec<u8>,
    },
}

/// A metric or label name that is no valid UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid metric name or label names: {}", quote_bytes(name))]
pub struct LabelsError {
    /// The name.
    pub name: Vec<u8>,
}

/// Bytes in double quotes as Go's `%q` writes a string of them: what is no UTF-8 as `\xff`.
pub(super) fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let quoted = quote(chunk.valid());
        out.push_str(quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
    out
}
