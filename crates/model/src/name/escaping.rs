//! Escaping of names for readers that know the classic syntax only (specification, section 3.1).

use std::borrow::Cow;
use std::fmt::Write;

use super::is_legacy_metric_name;

/// How names outside the classic syntax are written for a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EscapingScheme {
    /// As they are, in quotes.
    #[default]
    AllowUtf8,
    /// Every character outside the classic syntax becomes `_`.
    Underscores,
    /// `.` becomes `_dot_`, `_` becomes `__`, any other character outside the classic syntax becomes `__`.
    Dots,
    /// `U__` in front, `_` becomes `__`, any character outside the classic syntax `_<hex code>_`.
    Values,
}

impl EscapingScheme {
    /// The scheme that a header or configuration names.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "allow-utf-8" => Self::AllowUtf8,
            "underscores" => Self::Underscores,
            "dots" => Self::Dots,
            "values" => Self::Values,
            _ => return None,
        })
    }

    /// The name in headers and configurations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllowUtf8 => "allow-utf-8",
            Self::Underscores => "underscores",
            Self::Dots => "dots",
            Self::Values => "values",
        }
    }
}

fn is_legacy_character(character: char, position: usize) -> bool {
    character.is_ascii_alphabetic()
        || character == '_'
        || character == ':'
        || (character.is_ascii_digit() && position > 0)
}

/// Writes a name so that a reader of `scheme` takes it.
pub fn escape(name: &str, scheme: EscapingScheme) -> Cow<'_, str> {
    if name.is_empty() {
        return Cow::Borrowed(name);
    }
    match scheme {
        EscapingScheme::AllowUtf8 => Cow::Borrowed(name),
        // A name in the classic syntax stays, except that `dots` doubles underscores so that it can be undone.
        EscapingScheme::Underscores | EscapingScheme::Values if is_legacy_metric_name(name) => {
            Cow::Borrowed(name)
        }
        EscapingScheme::Underscores => Cow::Owned(
            name.chars()
                .enumerate()
                .map(
                    |(position, character)| {
                        if is_legacy_character(character, position) { character } else { '_' }
                    },
                )
                .collect(),
        ),
        EscapingScheme::Dots => {
            let mut out = String::with_capacity(name.len() + 8);
            for (position, character) in name.chars().enumerate() {
                match character {
                    '_' => out.push_str("__"),
                    '.' => out.push_str("_dot_"),
                    _ if is_legacy_character(character, position) => out.push(character),
                    _ => out.push_str("__"),
                }
            }
            Cow::Owned(out)
        }
        EscapingScheme::Values => {
            let mut out = String::with_capacity(name.len() + 16);
            out.push_str("U__");
            for (position, character) in name.chars().enumerate() {
                if character == '_' {
                    out.push_str("__");
                } else if is_legacy_character(character, position) {
                    out.push(character);
                } else {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "_{:x}_", u32::from(character));
                }
            }
            Cow::Owned(out)
        }
    }
}

/// Undoes [`EscapingScheme::Values`]; a text that is not in that form is returned as it is.
pub fn unescape_values(name: &str) -> Cow<'_, str> {
    match name.strip_prefix("U__").map(unescape_body) {
        Some(Some(plain)) => Cow::Owned(plain),
        _ => Cow::Borrowed(name),
    }
}

fn unescape_body(body: &str) -> Option<String> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(position) = rest.find('_') {
        let (plain, after) = rest.split_at_checked(position)?;
        out.push_str(plain);
        let after = after.strip_prefix('_')?;
        if let Some(after) = after.strip_prefix('_') {
            out.push('_');
            rest = after;
            continue;
        }
        let (code, after) = after.split_once('_')?;
        if code.len() > 6 || !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
