//! Text to words.

use super::token::{Keyword, Kind, Token};

const LEFT: &str = "{{";
const RIGHT: &str = "}}";
const COMMENT_START: &str = "/*";
const COMMENT_END: &str = "*/";

/// Cuts a template into words. The last is either the end or a complaint.
pub(crate) fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, line: 1, parens: 0, tokens: Vec::new() };
    let end = match lexer.run() {
        Ok(()) => Token { kind: Kind::End, text: String::new(), at: lexer.at, line: lexer.line },
        Err(message) => Token { kind: Kind::Error, text: message, at: lexer.at, line: lexer.line },
    };
    lexer.tokens.push(end);
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    parens: usize,
    tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes on by `length` bytes without a word.
    fn skip(&mut self, length: usize) -> &'a str {
        let piece = self.rest().get(..length).unwrap_or_default();
        self.at += piece.len();
        self.line += piece.matches('\n').count();
        piece
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let (at, line) = (self.at, self.line);
        let text = self.skip(length).to_owned();
        self.tokens.push(Token { kind, text, at, line });
    }

    fn run(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            let Some(found) = rest.find(LEFT) else {
                if !rest.is_empty() {
                    self.push(Kind::Text, rest.len());
                }
                return Ok(());
            };
            let before = rest.get(..found).unwrap_or_default();
            let after = rest.get(found + LEFT.len()..).unwrap_or_default();
            let trims = trims_left(after);
            let kept = if trims { before.trim_end_matches(is_space).len() } else { before.len() };
            if kept > 0 {
                self.push(Kind::Text, kept);
            }
            self.skip(before.len() - kept);
            let marker = if trims { 2 } else { 0 };
            if after.get(marker..).unwrap_or_default().starts_with(COMMENT_START) {
                self.skip(LEFT.len() + marker);
                self.comment()?;
                continue;
            }
            self.push(Kind::LeftDelimiter, LEFT.len());
            self.skip(marker);
            self.parens = 0;
            self.action()?;
        }
    }

    fn comment(&mut self) -> Result<(), String> {
        let Some(end) = self.rest().find(COMMENT_END) else {
            return Err("unclosed comment".into());
        };
        self.skip(end + COMMENT_END.len());
        match right_delimiter(self.rest()) {
            Some(trims) => self.close(trims, false),
            None => return Err("comment ends before closing delimiter".into()),
        }
        Ok(())
    }

    /// Takes the closing delimiter and, where it trims, the white space behind it.
    fn close(&mut self, trims: bool, word: bool) {
        if trims {
            self.skip(2);
        }
        if word {
            self.push(Kind::RightDelimiter, RIGHT.len());
        } else {
            self.skip(RIGHT.len());
        }
        if trims {
            let rest = self.rest();
            self.skip(rest.len() - rest.trim_start_matches(is_space).len());
        }
    }

    fn action(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            if let Some(trims) = right_delimiter(rest) {
                if self.parens > 0 {
                    return Err("unclosed left paren".into());
                }
                self.close(trims, true);
                return Ok(());
            }
            let Some(first) = self.peek() else {
                return Err("unclosed action".into());
            };
            match first {
                _ if is_space(first) => self.space(),
                '=' => self.push(Kind::Assign, 1),
                ':' if rest.starts_with(":=") => self.push(Kind::Declare, 2),
                ':' => return Err("expected :=".into()),
                '|' => self.push(Kind::Pipe, 1),
                '"' => self.quoted('"', Kind::String, "unterminated quoted string")?,
                '\'' => self.quoted('\'', Kind::CharConstant, "unterminated character constant")?,
                '`' => {
                    let Some(end) = rest.get(1..).and_then(|rest| rest.find('`')) else {
                        return Err("unterminated raw quoted string".into());
                    };
                    self.push(Kind::RawString, end + 2);
                }
                '$' => self.name(Kind::Variable)?,
                '.' if !rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit()) => {
                    self.name(Kind::Field)?;
                }
                '.' | '+' | '-' | '0'..='9' => self.number()?,
                '(' => {
                    self.push(Kind::LeftParen, 1);
                    self.parens += 1;
                }
                ')' if self.parens == 0 => return Err("unexpected right paren".into()),
                ')' => {
                    self.push(Kind::RightParen, 1);
                    self.parens -= 1;
                }
                _ if is_alphanumeric(first) => self.identifier()?,
                _ if first.is_ascii() && !first.is_ascii_control() => self.push(Kind::Character, 1),
                _ => return Err(format!("unrecognized character in action: {}", unicode(first))),
            }
        }
    }

    /// White space; the blank before a trimming delimiter belongs to the delimiter.
    fn space(&mut self) {
        let rest = self.rest();
        let mut length = rest.len() - rest.trim_start_matches(is_space).len();
        let last = rest.get(..length).and_then(|space| space.chars().next_back()).map_or(0, char::len_utf8);
        if right_delimiter(rest.get(length - last..).unwrap_or_default()) == Some(true) {
            length -= last;
        }
        if length > 0 {
            self.push(Kind::Space, length);
        }
    }

    fn quoted(&mut self, quote: char, kind: Kind, complaint: &str) -> Result<(), String> {
        let mut escaped = false;
        for (at, character) in self.rest().char_indices().skip(1) {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if character == quote => {
                    self.push(kind, at + 1);
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(complaint.into())
    }

    /// A field `.name`, a variable `$name`, or the sign alone.
    fn name(&mut self, kind: Kind) -> Result<(), String> {
        let rest = self.rest().get(1..).unwrap_or_default();
        if at_terminator(rest) {
            self.push(if kind == Kind::Variable { Kind::Variable } else { Kind::Dot }, 1);
            return Ok(());
        }
        let length = word_length(rest);
        terminated(rest.get(length..).unwrap_or_default())?;
        self.push(kind, length + 1);
        Ok(())
    }

    fn identifier(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let length = word_length(rest);
        let word = rest.get(..length).unwrap_or_default();
        terminated(rest.get(length..).unwrap_or_default())?;
        let kind = match (word, Keyword::of(word)) {
            (_, Some(keyword)) => Kind::Keyword(keyword),
            ("true" | "false", None) => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.push(kind, length);
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let mut length = number_length(rest);
        let after = rest.get(length..).unwrap_or_default();
        if after.starts_with(['+', '-']) {
            // The second half of a complex number.
            length += number_length(after);
            let whole = rest.get(..length).unwrap_or_default();
            if !whole.ends_with('i') {
                return Err(format!("bad number syntax: {}", model::quote::quote(whole)));
            }
        }
        let after = rest.get(length..).unwrap_or_default();
        match after.chars().next() {
            Some(next) if is_alphanumeric(next) => {
                let shown = rest.get(..length + next.len_utf8()).unwrap_or_default();
                Err(format!("bad number syntax: {}", model::quote::quote(shown)))
            }
            _ => {
                self.push(Kind::Number, length);
                Ok(())
            }
        }
    }
}

/// How long a number is, by the letters it may be made of.
fn number_length(text: &str) -> usize {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (base, mut rest) = match unsigned.split_at_checked(2) {
        Some(("0x" | "0X", rest)) => (16, rest),
        Some(("0o" | "0O", rest)) => (8, rest),
        Some(("0b" | "0B", rest)) => (2, rest),
        _ => (10, unsigned),
    };
    let digit = |character: char| character == '_' || character.is_digit(base);
    rest = rest.trim_start_matches(digit);
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(digit);
    }
    let exponent: &[char] = if base == 16 { &['p', 'P'] } else { &['e', 'E'] };
    if (base == 10 || base == 16)
        && let Some(power) = rest.strip_prefix(exponent)
    {
        let power = power.strip_prefix(['+', '-']).unwrap_or(power);
        rest = power.trim_start_matches(|character: char| character == '_' || character.is_ascii_digit());
    }
    rest = rest.strip_prefix('i').unwrap_or(rest);
    text.len() - rest.len()
}

/// Whether an opening delimiter trims the text before it.
fn trims_left(after: &str) -> bool {
    let mut characters = after.chars();
    characters.next() == Some('-') && characters.next().is_some_and(is_space)
}

/// Whether a closing delimiter stands here, and whether it trims.
fn right_delimiter(text: &str) -> Option<bool> {
    if text.starts_with(RIGHT) {
        return Some(false);
    }
    let rest = text.strip_prefix(is_space)?.strip_prefix('-')?;
    rest.starts_with(RIGHT).then_some(true)
}

fn word_length(text: &str) -> usize {
    text.find(|character| !is_alphanumeric(character)).unwrap_or(text.len())
}

/// Whether a word may end here.
fn at_terminator(text: &str) -> bool {
    match text.chars().next() {
        None => true,
        Some(next) => {
            is_space(next) || matches!(next, '.' | ',' | '|' | ':' | ')' | '(') || text.starts_with(RIGHT)
        }
    }
}

fn terminated(text: &str) -> Result<(), String> {
    match text.chars().next() {
        Some(next) if !at_terminator(text) => Err(format!("bad character {}", unicode(next))),
        _ => Ok(()),
    }
}

pub(crate) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// `U+0040 '@'`.
pub(crate) fn unicode(character: char) -> String {
    format!("U+{:04X} '{character}'", u32::from(character))
}
