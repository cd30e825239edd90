//! Entries and streams in Loki's JSON.

use serde_json::{Map, Value};

use super::asked::Asked;
use super::entries::{Entry, Kind};

/// The header that asks for labels by category.
const FLAGS: &str = "x-loki-response-encoding-flags";
/// Its word.
const CATEGORIZE: &str = "categorize-labels";

/// Whether the client wants labels by category.
pub(super) fn categorizes(asked: &Asked) -> bool {
    flags(asked).any(|flag| flag == CATEGORIZE)
}

/// The words of the header, which answers repeat.
pub(super) fn flags(asked: &Asked) -> impl Iterator<Item = &str> {
    asked.header(FLAGS).split(',').map(str::trim).filter(|flag| !flag.is_empty())
}

/// The labels of an entry's stream as JSON: all of the entry's labels, those of the stream alone where they are told
/// `by_category`, and the stored ones where the entry is `bare`.
pub(super) fn stream_labels(entry: &Entry, by_category: bool, bare: bool) -> String {
    if bare {
        return object(entry.stream.iter()).to_string();
    }
    let labels = entry.labels.iter().filter(|(_, _, kind)| !by_category || *kind == Kind::Stream);
    object(labels.map(|(name, value, _)| (name.as_str(), value.as_str()))).to_string()
}

/// An entry as a list: time, line, and where labels are told by category, those that are not the stream's.
pub(super) fn value(entry: &Entry, by_category: bool) -> Value {
    let line = String::from_utf8_lossy(&entry.line).into_owned();
    let mut value = vec![Value::from(entry.timestamp.to_string()), Value::from(line)];
    if by_category {
        let mut kinds = Map::new();
        for (key, kind) in [("structuredMetadata", Kind::Metadata), ("parsed", Kind::Parsed)] {
            let of_kind = entry.labels.iter().filter(|(_, _, own)| *own == kind);
            let labels = object(of_kind.map(|(name, value, _)| (name.as_str(), value.as_str())));
            if labels.as_object().is_some_and(|labels| !labels.is_empty()) {
                kinds.insert(key.to_owned(), labels);
            }
        }
        value.push(Value::Object(kinds));
    }
    Value::from(value)
}

fn object<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    Value::Object(pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect())
}
