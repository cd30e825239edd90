//! Functions on texts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use go_regex::Regex;

use crate::notifications::unescape;
use crate::run::query_escape;
use crate::{Value, letters};

/// The longest text that `repeat`, `indent` and the like make, in bytes.
const BYTES_MAX: usize = 1 << 20;

/// Calls a function of this table; `None` where it has none of the name.
pub(super) fn call(name: &str, given: &[Value]) -> Option<Result<Value, String>> {
    let at = |index: usize| given.get(index).and_then(Value::as_text).unwrap_or_default();
    let number = |index: usize| match given.get(index) {
        Some(Value::Int(value)) => *value,
        _ => 0,
    };
    let (first, second, third) = (at(0), at(1), at(2));
    let cut = |set: &str| set.chars().collect::<Vec<_>>();
    let text = match name {
        "ToLower" | "lower" => letters::lower(first),
        "ToUpper" | "upper" => letters::upper(first),
        "title" => title(first),
        "TrimSpace" | "trim" => first.trim().to_owned(),
        "Trim" => first.trim_matches(cut(second).as_slice()).to_owned(),
        "TrimLeft" => first.trim_start_matches(cut(second).as_slice()).to_owned(),
        "TrimRight" => first.trim_end_matches(cut(second).as_slice()).to_owned(),
        "TrimPrefix" => first.strip_prefix(second).unwrap_or(first).to_owned(),
        "TrimSuffix" => first.strip_suffix(second).unwrap_or(first).to_owned(),
        "trimAll" => second.trim_matches(cut(first).as_slice()).to_owned(),
        "trimPrefix" => second.strip_prefix(first).unwrap_or(second).to_owned(),
        "trimSuffix" => second.strip_suffix(first).unwrap_or(second).to_owned(),
        "replace" | "Replace" => {
            let replaced = match name {
                "replace" => replaced(third, first, second, -1),
                _ => replaced(first, second, third, number(3)),
            };
            match replaced {
                Ok(text) => text,
                Err(error) => return Some(Err(error)),
            }
        }
        "trunc" => truncated(number(0), second),
        "substr" => match substring(number(0), number(1), third) {
            Ok(text) => text,
            Err(error) => return Some(Err(error)),
        },
        "indent" | "nindent" => match indented(number(0), second, name == "nindent") {
            Ok(text) => text,
            Err(error) => return Some(Err(error)),
        },
        "repeat" => match repeated(number(0), second) {
            Ok(text) => text,
            Err(error) => return Some(Err(error)),
        },
        "alignLeft" => aligned(number(0), second, true),
        "alignRight" => aligned(number(0), second, false),
        "urlencode" => query_escape(first),
        "urldecode" => return Some(unescape(first).map(|text| Value::text(&text))),
        "b64enc" => STANDARD.encode(first),
        "b64dec" => decoded(first),
        "contains" => return Some(Ok(Value::Bool(second.contains(first)))),
        "hasPrefix" => return Some(Ok(Value::Bool(second.starts_with(first)))),
        "hasSuffix" => return Some(Ok(Value::Bool(second.ends_with(first)))),
        _ => return with_expression(name, first, second, third),
    };
    Some(Ok(Value::Text(text.into())))
}

/// Those whose first argument is a regular expression.
fn with_expression(name: &str, first: &str, second: &str, third: &str) -> Option<Result<Value, String>> {
    let replacing = || replacing(first, second, third);
    match name {
        "count" => Some(
            compiled(first)
                .map(|regex| Value::Int(i64::try_from(regex.find_iter(second).count()).unwrap_or(i64::MAX))),
        ),
        "regexReplaceAll" => Some(replacing().map(|regex| Value::text(&regex.replace_all(second, third)))),
        "regexReplaceAllLiteral" => {
            Some(replacing().map(|regex| Value::text(&regex.replace_all_literal(second, third))))
        }
        _ => None,
    }
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| error.to_string())
}

/// The expression that replaces its matches in a text, unless that would make the text too long: every match gives the
/// replacement, and every group that it names at most the text.
fn replacing(pattern: &str, text: &str, replacement: &str) -> Result<Regex, String> {
    let regex = compiled(pattern)?;
    let groups = replacement.matches('$').count().saturating_mul(text.len());
    let room = (8 * BYTES_MAX).saturating_sub(groups) / replacement.len().max(1);
    if groups > 8 * BYTES_MAX || regex.find_iter(text).nth(room).is_some() {
        return Err("the text would be too long".into());
    }
    Ok(regex)
}

/// Every word begins with a capital; words end at what is no letter, digit or underscore.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for character in text.chars() {
        if inside {
            out.push(character);
        } else {
            out.extend(character.to_uppercase());
        }
        inside = character.is_alphanumeric()
            || character == '_'
            || !character.is_ascii() && !character.is_whitespace();
    }
    out
}

fn replaced(text: &str, old: &str, new: &str, count: i64) -> Result<String, String> {
    let places = if old.is_empty() { text.chars().count() + 1 } else { text.matches(old).count() };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if places.min(count).saturating_mul(new.len()).saturating_add(text.len()) > 8 * BYTES_MAX {
        return Err("the text would be too long".into());
    }
    Ok(text.replacen(old, new, count))
}

/// Bytes of a text as a text; each byte of a character that was cut apart becomes a replacement character, as in JSON
/// of the original.
fn piece(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// The first bytes of a text, or its last ones.
fn truncated(bytes: i64, text: &str) -> String {
    let size = usize::try_from(bytes.unsigned_abs()).unwrap_or(usize::MAX).min(text.len());
    let all = text.as_bytes();
    let cut = if bytes < 0 { all.get(all.len() - size..) } else { all.get(..size) };
    piece(cut.unwrap_or(all))
}

fn substring(start: i64, end: i64, text: &str) -> Result<String, String> {
    let all = text.as_bytes();
    let at = |value: i64| usize::try_from(value).ok();
    // A start before the text means its beginning, else an end outside of it means its end.
    let last = at(end).filter(|end| *end <= all.len());
    let out = match (at(start), last) {
        (None, _) => at(end).and_then(|end| all.get(..end)),
        (Some(start), Some(end)) => all.get(start..end),
        (Some(start), None) => all.get(start..),
    };
    out.map(piece).ok_or_else(|| {
        // Only borders that were looked at are told.
        let told = match last {
            _ if start < 0 && end < 0 => format!("[:{end}]"),
            _ if start < 0 => format!("[:{end}] with length {}", all.len()),
            Some(_) => format!("[{start}:{end}]"),
            None => format!("[{start}:{}]", all.len()),
        };
        format!("runtime error: slice bounds out of range {told}")
    })
}

fn indented(width: i64, text: &str, with_line: bool) -> Result<String, String> {
    let pad = repeated(width, " ")?;
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    if pad.len().saturating_mul(lines).saturating_add(text.len()) > BYTES_MAX {
        return Err("the text would be too long".into());
    }
    let start = if with_line { "\n" } else { "" };
    Ok([start, &pad, &text.replace('\n', &format!("\n{pad}"))].concat())
}

fn repeated(count: i64, text: &str) -> Result<String, String> {
    let count = usize::try_from(count).map_err(|_| "strings: negative Repeat count".to_owned())?;
    if text.len().saturating_mul(count) > BYTES_MAX {
        return Err("the text would be too long".into());
    }
    Ok(text.repeat(count))
}

/// A text of just so many characters: filled with blanks at its end (or its beginning), or cut there.
fn aligned(width: i64, text: &str, left: bool) -> String {
    let Ok(width) = usize::try_from(width) else { return text.to_owned() };
    let length = text.chars().count();
    if length >= width {
        let over = length - width;
        return if left { text.chars().take(width).collect() } else { text.chars().skip(over).collect() };
    }
    let pad = " ".repeat((width - length).min(BYTES_MAX));
    if left { [text, &pad].concat() } else { [&pad, text].concat() }
}

/// What base64 says, or what is wrong with it.
fn decoded(text: &str) -> String {
    let place = match STANDARD.decode(text) {
        Ok(bytes) => return String::from_utf8_lossy(&bytes).into_owned(),
        Err(base64::DecodeError::InvalidByte(place, _)) => place,
        Err(base64::DecodeError::InvalidLastSymbol { offset, .. }) => offset,
        Err(_) => text.len() / 4 * 4,
    };
    format!("illegal base64 data at input byte {place}")
}
