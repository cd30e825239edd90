//! Values made safe for a place of a page.

use std::fmt::Write;

use crate::run::html_escape;

/// Stands for what is not safe where it was to land.
pub(super) const UNSAFE: &str = "ZgotmplZ";

/// For the text of elements and quoted attributes.
pub(super) fn text(text: &str) -> String {
    html_escape(text).replace('+', "&#43;")
}

/// A piece of a page where it must hold no markup; what is escaped in it stays so.
pub(super) fn normal(text: &str) -> String {
    self::text(text).replace("&amp;", "&")
}

/// A piece of a page without its tags.
pub(super) fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// For attributes without quotes, of what is escaped for those with.
pub(super) fn unquoted(escaped: &str) -> String {
    if escaped.is_empty() {
        // The next attribute would be taken for the value.
        return UNSAFE.to_owned();
    }
    let mut out = String::with_capacity(escaped.len());
    for character in escaped.chars() {
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

/// How far an address is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum UrlPart {
    #[default]
    Start,
    Path,
    /// Behind `?` or `#`.
    Query,
}

impl UrlPart {
    /// The part behind a character of trusted text.
    pub(super) fn after(self, character: char) -> UrlPart {
        match self {
            _ if matches!(character, '?' | '#') => UrlPart::Query,
            UrlPart::Start if !character.is_whitespace() => UrlPart::Path,
            part => part,
        }
    }

    /// A value in this part of an address.
    pub(super) fn escape(self, shown: &str, is_trusted: bool) -> String {
        match self {
            UrlPart::Start if !is_trusted && !has_safe_scheme(shown) => format!("#{UNSAFE}"),
            UrlPart::Start | UrlPart::Path => url(shown),
            UrlPart::Query => percent(shown, |byte, _| is_plain(byte)),
        }
    }
}

/// Whether an address has no scheme, or one that runs nothing.
fn has_safe_scheme(text: &str) -> bool {
    match text.split_once(':') {
        Some((scheme, _)) if !scheme.contains('/') => {
            ["http", "https", "mailto"].iter().any(|safe| scheme.eq_ignore_ascii_case(safe))
        }
        _ => true,
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// An address: what has a meaning in it stays.
fn url(text: &str) -> String {
    percent(text, |byte, after| match byte {
        b'%' => after.get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
        _ => is_plain(byte) || b"!#$&*+,/:;=?@[]".contains(&byte),
    })
}

/// Addresses of images, each maybe with what it is for.
pub(super) fn images(text: &str) -> String {
    let one = |part: &str| {
        let address = part.trim_start();
        let end = address.find(char::is_whitespace).unwrap_or(address.len());
        let (address, purpose) = address.split_at_checked(end).unwrap_or((address, ""));
        let blanks = part.len() - part.trim_start().len();
        let is_purpose = purpose.chars().all(|c| c.is_ascii_alphanumeric() || c.is_whitespace());
        if !is_purpose || !has_safe_scheme(address) {
            return format!("#{UNSAFE}");
        }
        format!("{}{}{purpose}", part.get(..blanks).unwrap_or_default(), url(address))
    };
    text.split(',').map(one).collect::<Vec<_>>().join(",")
}

/// Escapes the bytes that do not stay; `stays` is also given what follows.
fn percent(text: &str, stays: impl Fn(u8, &[u8]) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if stays(byte, after) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
        rest = after;
    }
    out
}
