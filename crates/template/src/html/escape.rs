//! Values made safe for a place of a page.

use std::fmt::Write;

use crate::{Value, run::html_escape};

/// Stands for what is not safe where it was to land.
const UNSAFE: &str = "ZgotmplZ";
/// Lists and maps nest no deeper in scripts.
const DEPTH_MAX: usize = 32;

/// For the text of elements and quoted attributes.
pub(super) fn text(text: &str) -> String {
    html_escape(text).replace('+', "&#43;")
}

/// For attributes without quotes.
pub(super) fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in html_escape(text).chars() {
        match character {
            ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '+' | '=' | '`' => {
                // Writing to a String cannot fail, here and below.
                let _ = write!(out, "&#{};", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

/// For names of tags and attributes.
pub(super) fn name(text: &str) -> String {
    let safe = !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric());
    let lower = text.to_ascii_lowercase();
    let harmful =
        lower.starts_with("on") || ["style", "href", "src", "srcdoc", "action"].contains(&lower.as_str());
    if safe && !harmful { text.to_owned() } else { UNSAFE.to_owned() }
}

/// Whether an address has no scheme, or one that runs nothing.
pub(super) fn has_safe_scheme(text: &str) -> bool {
    match text.split_once(':') {
        Some((scheme, _)) if !scheme.contains('/') => {
            ["http", "https", "mailto"].iter().any(|safe| scheme.eq_ignore_ascii_case(safe))
        }
        _ => true,
    }
}

/// An address: what has a meaning in it stays.
pub(super) fn url(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_alphanumeric() || b"-._~!#$&*+,/:;=?@[]%".contains(&byte))
}

/// A part of an address.
pub(super) fn url_part(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

fn percent(text: &str, stays: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

/// For a value in a style.
pub(super) fn style(text: &str) -> String {
    let safe = |character: char| {
        character.is_alphanumeric() || matches!(character, ' ' | '#' | '%' | '.' | '-' | '_' | ',' | '!')
    };
    if text.chars().all(safe) && !text.to_ascii_lowercase().contains("expression") {
        text.to_owned()
    } else {
        UNSAFE.to_owned()
    }
}

/// For a quoted text in a script.
pub(super) fn script_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '"' | '\'' | '`' | '<' | '>' | '&' | '+' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

/// A value of a script, in JSON.
pub(super) fn script_value(value: &Value, shown: &str, depth: usize) -> String {
    let inner =
        |value: &Value| script_value(value, &crate::format::printed(value), depth + 1).trim().to_owned();
    match value {
        Value::Nil => " null ".to_owned(),
        Value::Bool(_) | Value::Int(_) | Value::Uint(_) => format!(" {shown} "),
        Value::Float(number) if number.is_finite() => format!(" {shown} "),
        Value::List(list) if depth < DEPTH_MAX => {
            format!("[{}]", list.items.iter().map(inner).collect::<Vec<_>>().join(","))
        }
        Value::Map(map) if depth < DEPTH_MAX => {
            let entries =
                map.entries.iter().map(|(name, value)| format!("{}:{}", quoted(name), inner(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        _ => quoted(shown),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", script_text(text).replace("\\/", "/").replace("\\u0027", "'").replace("\\u002b", "+"))
}
