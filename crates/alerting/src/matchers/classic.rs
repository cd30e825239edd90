//! The classic syntax: names of letters, digits, underscores and colons, values with or without quotes.

use model::MatchOp;

use super::ParseError;
use crate::Matcher;

/// Reads one matcher.
pub(super) fn matcher(text: &str) -> Result<Matcher, ParseError> {
    let bad = || ParseError::Format(text.to_owned());
    let rest = text.trim_start();
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    if !rest.starts_with(is_first) {
        return Err(bad());
    }
    let end = rest.find(|c: char| !is_first(c) && !c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(end).ok_or_else(bad)?;
    let rest = rest.trim_start();
    let ops = [MatchOp::Regex, MatchOp::NotEqual, MatchOp::NotRegex, MatchOp::Equal];
    let found = ops.into_iter().find_map(|op| rest.strip_prefix(op.as_str()).map(|value| (op, value)));
    let (op, value) = found.ok_or_else(bad)?;
    Ok(Matcher::new(name, op, unquoted(value.trim())?)?)
}

/// Takes the quotes off a value and resolves the escapes; a backslash that escapes nothing stands for itself.
fn unquoted(written: &str) -> Result<String, ParseError> {
    let error = || ParseError::Quote(written.to_owned());
    let (text, mut open) = match written.strip_prefix('"') {
        Some(rest) => (rest, true),
        None => (written, false),
    };
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let is_last = characters.as_str().is_empty();
        match character {
            '\\' if !is_last => match characters.next() {
                Some('n') => value.push('\n'),
                Some('"') => value.push('"'),
                Some('\\') => value.push('\\'),
                other => {
                    value.push('\\');
                    value.extend(other);
                }
            },
            '"' if open && is_last => open = false,
            '"' => return Err(error()),
            _ => value.push(character),
        }
    }
    if open { Err(error()) } else { Ok(value) }
}

/// Reads a list.
pub(super) fn matchers(text: &str) -> Result<Vec<Matcher>, ParseError> {
    let text = text.strip_prefix('{').unwrap_or(text);
    let text = text.strip_suffix('}').unwrap_or(text);
    split(text).into_iter().map(matcher).collect()
}

/// Cuts a list at the commas that stand in no quotes; a comma at the very end begins nothing.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut quoted, mut escaped, mut start) = (false, false, 0);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = text.get(start..).unwrap_or_default();
    if !last.trim().is_empty() {
        parts.push(last);
    }
    parts
}
