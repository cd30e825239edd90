//! JSON values as YAML in block style.

use serde_json::Value;

/// The YAML text of a value.
pub(super) fn to_text(value: &Value) -> String {
    let mut out = String::new();
    push(&mut out, value, 0);
    out.trim_start_matches('\n').to_owned()
}

/// Appends a value behind its key or dash.
fn push(out: &mut String, value: &Value, level: usize) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (key, value) in object {
                line(out, level);
                out.push_str(&scalar(&Value::from(key.as_str())));
                out.push(':');
                push(out, value, level + 1);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                line(out, level);
                out.push('-');
                push(out, item, level + 1);
            }
        }
        other => {
            out.push(' ');
            out.push_str(&scalar(other));
        }
    }
    if level == 0 {
        out.push('\n');
    }
}

fn line(out: &mut String, level: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(level));
}

/// A value on one line: JSON, which YAML takes as it is; plain words lose their quotes.
fn scalar(value: &Value) -> String {
    match value.as_str() {
        Some(text) if is_plain(text) => text.to_owned(),
        _ => value.to_string(),
    }
}

/// Whether a text is a plain word or path for every YAML reader.
fn is_plain(text: &str) -> bool {
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    starts
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "_/-.".contains(character))
        && !words.contains(&text.to_lowercase().as_str())
}
