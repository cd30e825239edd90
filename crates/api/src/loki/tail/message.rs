//! The messages of a tail.

use model::Labels;
use serde_json::{Value, json};

use crate::loki::entries::Entry;
use crate::loki::live::Dropped;
use crate::loki::query::{label_text, old_entry, time_text};
use crate::loki::write;

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::loki) enum Form {
    /// All labels of an entry are those of its stream.
    Plain,
    /// Labels are told by category.
    Categorized,
    /// As in Loki's first releases.
    Old,
}

/// A message. Without stages, which makes it `bare`, the original tells the labels of the stream alone, unless they are
/// told by category.
pub(in crate::loki) fn message(entries: &[Entry], dropped: &[Dropped], form: Form, bare: bool) -> String {
    if form == Form::Old {
        return old_message(entries, dropped, bare);
    }
    let categorizes = form == Form::Categorized;
    let mut streams: Vec<(String, Vec<Value>)> = Vec::new();
    for entry in entries {
        let labels = write::stream_labels(entry, categorizes, bare && !categorizes);
        let value = write::value(entry, categorizes);
        match streams.last_mut() {
            Some((last, values)) if *last == labels => values.push(value),
            _ => streams.push((labels, vec![value])),
        }
    }
    let mut text = String::from(r#"{"streams":["#);
    for (position, (labels, values)) in streams.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        text.push_str(&format!(r#"{{"stream":{labels},"values":{}}}"#, Value::from(values.clone())));
    }
    text.push(']');
    if categorizes {
        text.push_str(r#","encodingFlags":["categorize-labels"]"#);
    }
    if !dropped.is_empty() {
        let told: Vec<Value> = dropped.iter().map(told).collect();
        text.push_str(&format!(r#","dropped_entries":{}"#, Value::from(told)));
    }
    text.push('}');
    text
}

fn told(dropped: &Dropped) -> Value {
    json!({ "labels": object(&dropped.stream), "timestamp": dropped.timestamp.to_string() })
}

fn object(labels: &Labels) -> Value {
    Value::Object(labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect())
}

fn old_message(entries: &[Entry], dropped: &[Dropped], bare: bool) -> String {
    let mut streams: Vec<(String, Vec<Value>)> = Vec::new();
    for entry in entries {
        let labels = match bare {
            true => label_text(entry.stream.iter()),
            false => {
                let all = entry.labels.iter();
                label_text(all.map(|(name, value, _)| (name.as_str(), value.as_str())))
            }
        };
        let value = old_entry(entry.timestamp, &entry.line);
        match streams.last_mut() {
            Some((last, values)) if *last == labels => values.push(value),
            _ => streams.push((labels, vec![value])),
        }
    }
    let streams: Vec<Value> = streams
        .into_iter()
        .map(|(labels, entries)| json!({ "labels": labels, "entries": entries }))
        .collect();
    let dropped: Vec<Value> = dropped
        .iter()
        .map(|one| {
            let labels = label_text(one.stream.iter());
            json!({ "Timestamp": time_text(one.timestamp), "Labels": labels })
        })
        .collect();
    match dropped.is_empty() {
        true => json!({ "streams": streams }).to_string(),
        false => json!({ "streams": streams, "dropped_entries": dropped }).to_string(),
    }
}
