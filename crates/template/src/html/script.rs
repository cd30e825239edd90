//! Where in a script a value lands, and how it looks there.

use std::fmt::Write;

use crate::Value;
use crate::notifications::to_json;

/// Words behind which a slash begins an expression.
const WORDS: [&str; 14] = [
    "break",
    "case",
    "continue",
    "delete",
    "do",
    "else",
    "finally",
    "in",
    "instanceof",
    "return",
    "throw",
    "try",
    "typeof",
    "void",
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Code,
    /// In a text, with its quote.
    Text(char),
    Expression {
        in_class: bool,
    },
    LineComment,
    /// Before the star of its `/*`, which is not that of its end.
    BlockCommentOpening,
    BlockComment,
}

/// How far a script is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    at: At,
    escaped: bool,
    /// The end of the code so far: it tells whether a slash divides.
    before: String,
    /// Whether the comment that was left out held a line end; none where nothing was left out.
    left_out: Option<bool>,
}

impl Script {
    /// Reads a character, with which `rest` begins; the answer stands for it on the page.
    pub(super) fn read(&mut self, character: char, rest: &str) -> Option<char> {
        if std::mem::take(&mut self.escaped) {
            return Some(character);
        }
        match self.at {
            At::Code => return self.in_code(character, rest),
            At::LineComment if character == '\n' => self.at = At::Code,
            At::LineComment => return None,
            At::BlockCommentOpening => {
                self.at = At::BlockComment;
                return None;
            }
            At::BlockComment => {
                let line_end = self.left_out.unwrap_or_default() || character == '\n';
                self.left_out = Some(line_end);
                if character == '/' && self.before == "*" {
                    self.at = At::Code;
                    self.before.clear();
                    return self.end_run();
                }
                self.before = character.to_string();
                return None;
            }
            _ if character == '\\' => self.escaped = true,
            At::Text(quote) if character == quote => self.end_value(),
            At::Text(_) => {}
            At::Expression { in_class: false } if character == '/' => self.end_value(),
            At::Expression { in_class } => {
                let in_class = character == '[' || in_class && character != ']';
                self.at = At::Expression { in_class };
            }
        }
        Some(character)
    }

    fn in_code(&mut self, character: char, rest: &str) -> Option<char> {
        match character {
            '"' | '\'' | '`' => self.at = At::Text(character),
            '/' if rest.starts_with("//") => {
                self.at = At::LineComment;
                return None;
            }
            '/' if rest.starts_with("/*") => {
                self.at = At::BlockCommentOpening;
                self.before.clear();
                self.left_out = Some(false);
                return None;
            }
            '/' if self.begins_expression() => self.at = At::Expression { in_class: false },
            _ if character.is_whitespace() => {
                if self.before.ends_with(|last: char| last.is_alphanumeric()) {
                    // A word ends here.
                    self.before.push(' ');
                }
            }
            _ => {
                if self.before.ends_with(' ') {
                    self.before.clear();
                }
                self.before.push(character);
            }
        }
        Some(character)
    }

    fn end_value(&mut self) {
        self.at = At::Code;
        self.note_value();
    }

    /// What was written is a value: a slash behind it divides.
    pub(super) fn note_value(&mut self) {
        if self.at == At::Code {
            self.before = "0".to_owned();
        }
    }

    /// What stands for a comment that was left out in this run of text.
    pub(super) fn end_run(&mut self) -> Option<char> {
        let left_out = self.left_out.take();
        left_out.map(|line_end| if line_end { '\n' } else { ' ' })
    }

    /// Begins another run of text.
    pub(super) fn begin_run(&mut self) {
        self.left_out = (self.at == At::BlockComment).then_some(false);
    }

    fn begins_expression(&self) -> bool {
        let before = self.before.trim_end();
        let word_at = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
        let word = word_at.map_or(before, |at| before.get(at + 1..).unwrap_or_default());
        match before.chars().next_back() {
            None => true,
            Some(sign @ ('+' | '-')) => before.chars().rev().take_while(|c| *c == sign).count() % 2 == 1,
            Some(')' | ']') => false,
            Some(_) if word.is_empty() => true,
            Some(_) => WORDS.contains(&word),
        }
    }

    /// A value as it looks here.
    pub(super) fn escape(&self, value: &Value, shown: &str) -> String {
        match self.at {
            At::Code => script_value(value),
            At::Text(quote) => script_text(shown, quote == '`'),
            At::Expression { .. } => expression(shown),
            At::LineComment | At::BlockCommentOpening | At::BlockComment => String::new(),
        }
    }
}

/// For a quoted text.
fn script_text(text: &str, in_template: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '{' | '}' if in_template => push_code(&mut out, character),
            '\0'..='\x1f' | '"' | '\'' | '`' | '<' | '>' | '&' | '+' | '\u{2028}' | '\u{2029}' => {
                push_code(&mut out, character);
            }
            _ => out.push(character),
        }
    }
    out
}

fn push_code(out: &mut String, character: char) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\u{:04x}", u32::from(character));
}

/// For a part of an expression.
fn expression(text: &str) -> String {
    if text.is_empty() {
        // Nothing would make a comment of the slashes around it.
        return "(?:)".to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '$' | '(' | ')' | '*' | '-' | '.' | '/' | '?' | '[' | '\\' | ']' | '^' | '{' | '|' | '}' => {
                out.push('\\');
                out.push(character);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '"' | '\'' | '<' | '>' | '&' | '+' | '\u{2028}' | '\u{2029}' => {
                push_code(&mut out, character);
            }
            _ => out.push(character),
        }
    }
    out
}

/// A value of a script, in JSON. What writes itself is a text.
fn script_value(value: &Value) -> String {
    match value {
        Value::Nil => " null ".to_owned(),
        Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_) => format!(" {} ", to_json(value)),
        Value::Duration(span) => to_json(&Value::text(&span.to_text())),
        Value::Object(object) => {
            object.text().map_or_else(|| to_json(value), |text| to_json(&Value::text(&text)))
        }
        _ => to_json(value),
    }
}
