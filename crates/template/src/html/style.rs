//! Where in a style a value lands, and how it looks there.

use std::fmt::Write;

use super::escape::{UNSAFE, UrlPart};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Plain,
    /// In a text, with its quote.
    Text(char),
    /// Behind `url(`.
    BeforeUrl,
    /// In an address, with its quote where it has one.
    Url(Option<char>, UrlPart),
}

/// How far a style is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    at: At,
    escaped: bool,
    /// The last letters.
    word: String,
}

impl Style {
    /// Reads a character of trusted text.
    pub(super) fn read(&mut self, character: char) {
        if std::mem::take(&mut self.escaped) {
            return;
        }
        self.at = match (self.at, character) {
            (At::Text(_) | At::Url(..), '\\') => {
                self.escaped = true;
                return;
            }
            (At::Plain, '"' | '\'') => At::Text(character),
            (At::Plain, '(') if self.word == "url" => At::BeforeUrl,
            (At::Plain, _) => {
                if !character.is_ascii_alphabetic() {
                    self.word.clear();
                } else if self.word.len() < 4 {
                    self.word.push(character.to_ascii_lowercase());
                }
                return;
            }
            (At::Text(quote), _) if character == quote => At::Plain,
            (At::BeforeUrl, '"' | '\'') => At::Url(Some(character), UrlPart::Start),
            (At::BeforeUrl, _) if character.is_whitespace() => At::BeforeUrl,
            (At::BeforeUrl | At::Url(None, _), ')') => At::Plain,
            (At::Url(None, _), _) if character.is_whitespace() => At::Plain,
            (At::Url(Some(quote), _), _) if character == quote => At::Plain,
            (At::BeforeUrl, _) => At::Url(None, UrlPart::Start.after(character)),
            (At::Url(quote, part), _) => At::Url(quote, part.after(character)),
            (at, _) => at,
        };
        self.word.clear();
    }

    /// A value as it looks here.
    pub(super) fn escape(&mut self, shown: &str, is_trusted_url: bool) -> String {
        if self.at == At::BeforeUrl {
            self.at = At::Url(None, UrlPart::Start);
        }
        match self.at {
            At::Text(_) => style_text(shown),
            At::Url(_, part) => part.escape(shown, is_trusted_url),
            At::Plain | At::BeforeUrl => style_value(shown),
        }
    }
}

/// For a value that has no quotes.
fn style_value(text: &str) -> String {
    let safe = |character: char| {
        character.is_alphanumeric()
            || matches!(character, ' ' | '#' | '%' | '.' | '-' | '_' | ',' | '!' | '=')
    };
    if text.chars().all(safe) && !text.to_ascii_lowercase().contains("expression") {
        text.to_owned()
    } else {
        UNSAFE.to_owned()
    }
}

/// For a quoted text.
fn style_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\0' | '\t' | '\n' | '\u{c}' | '\r' | '"' | '&' | '\'' | '(' | ')' | '+' | '/' | ':' | ';'
            | '<' | '>' | '{' | '}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\{:x}", u32::from(character));
                // A blank ends the number where the next character could go on with it.
                let goes_on = |next: &char| next.is_ascii_hexdigit() || next.is_ascii_whitespace();
                if rest.peek().is_none_or(goes_on) {
                    out.push(' ');
                }
            }
            _ => out.push(character),
        }
    }
    out
}
