//! The tokens that the two text formats share.

use std::str::Utf8Error;

use super::error::ParseError;
use super::runs::{name_len, plain_len};

/// What a run of bytes is taken for; the names stand in error messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Invalid,
    End,
    LineBreak,
    Comment,
    BraceOpen,
    BraceClose,
    LabelName,
    Quoted,
    Equal,
    Comma,
    Timestamp,
}

impl Token {
    fn name(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::End => "EOF",
            Self::LineBreak => "LINEBREAK",
            Self::Comment => "COMMENT",
            Self::BraceOpen => "BOPEN",
            Self::BraceClose => "BCLOSE",
            Self::LabelName => "LNAME",
            Self::Quoted => "QSTRING",
            Self::Equal => "EQUAL",
            Self::Comma => "COMMA",
            Self::Timestamp => "TIMESTAMP",
        }
    }
}

/// So much is looked at once for whether it is text.
const TEXT_BYTES: usize = 16 << 10;

/// A place in the body.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    body: &'a [u8],
    /// A part of the body that is known to be text, and where it begins: no piece of it need be looked through.
    text: (usize, &'a str),
    /// What seems to stand behind the last byte: a line break where the format forgives a missing one.
    behind: u8,
    /// The next byte to look at.
    pub(super) at: usize,
    /// Where the present token begins.
    pub(super) token: usize,
    /// Where the present entry begins.
    pub(super) entry: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(body: &'a [u8], behind: u8) -> Self {
        Self { body, text: (0, ""), behind, at: 0, token: 0, entry: 0 }
    }

    pub(super) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The byte at `position`; 0 far behind the end.
    pub(super) fn byte(&self, position: usize) -> u8 {
        match self.body.get(position) {
            Some(byte) => *byte,
            None if position == self.body.len() => self.behind,
            None => 0,
        }
    }

    /// The next byte.
    pub(super) fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    /// Whether all bytes were read.
    pub(super) fn at_end(&self) -> bool {
        self.at >= self.body.len()
    }

    /// The rest of the body.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.body.get(self.at..).unwrap_or_default()
    }

    /// The bytes of a span.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.body.get(start..end.min(self.body.len())).unwrap_or_default()
    }

    /// Looks how far the body is text from `start` on, unless what comes next is known to be.
    #[inline]
    pub(super) fn look_for_text(&mut self, start: usize) {
        let (from, known) = self.text;
        if self.at < from || self.at - from >= known.len() {
            let next = self.body.get(start..).unwrap_or_default();
            let next = next.get(..TEXT_BYTES).unwrap_or(next);
            let text = std::str::from_utf8(next);
            let before = |error: Utf8Error| next.get(..error.valid_up_to()).unwrap_or_default();
            self.text =
                (start, text.unwrap_or_else(|error| std::str::from_utf8(before(error)).unwrap_or_default()));
        }
    }

    /// The text of a span that begins and ends beside single bytes; `None` where it is none.
    #[inline]
    pub(super) fn text(&self, start: usize, end: usize) -> Option<&'a str> {
        let (from, known) = self.text;
        let known = start.checked_sub(from).and_then(|start| known.get(start..end.checked_sub(from)?));
        known.or_else(|| std::str::from_utf8(self.slice(start, end)).ok())
    }

    /// Skips blanks and tabs.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t') {
            self.at += 1;
        }
    }

    /// Reads a metric's name; `false` where none starts here.
    pub(super) fn metric_name(&mut self) -> bool {
        self.name(true)
    }

    /// Reads a label's name; `false` where none starts here.
    pub(super) fn label_name(&mut self) -> bool {
        self.name(false)
    }

    #[inline]
    fn name(&mut self, colons: bool) -> bool {
        let rest = self.rest();
        if rest.first().is_none_or(u8::is_ascii_digit) {
            return false;
        }
        let len = name_len(rest, colons);
        self.at += len;
        len > 0
    }

    /// Reads a label as nearly all are written, `name="value"` without an escape; gives where name and value begin
    /// and end. `None` leaves the cursor where it is.
    #[inline]
    pub(super) fn plain_label(&mut self) -> Option<[(usize, usize); 2]> {
        let rest = self.rest();
        let name_len = name_len(rest, false);
        let behind_name = rest.get(name_len..)?;
        if name_len == 0 || rest.first()?.is_ascii_digit() {
            return None;
        }
        let (b"=\"", value) = behind_name.split_first_chunk::<2>()? else { return None };
        let value_len = plain_len(value);
        if value.get(value_len) != Some(&b'"') {
            return None;
        }
        let (name_end, value_start) = (self.at + name_len, self.at + name_len + 2);
        let label = [(self.at, name_end), (value_start, value_start + value_len)];
        self.text(value_start, value_start + value_len)?;
        self.at = value_start + value_len + 1;
        Some(label)
    }

    /// Reads a text in quotes, the quote being the next byte; `None` where it does not end. The flag says
    /// whether there is an escape in it. Where `one_line`, a line break ends the search.
    pub(super) fn quoted(&mut self, one_line: bool) -> Option<bool> {
        let start = self.at;
        let mut position = start + 1;
        let mut escaped = false;
        loop {
            let rest = self.body.get(position..).unwrap_or_default();
            position += plain_len(rest);
            match self.body.get(position) {
                Some(b'"') => {
                    self.at = position + 1;
                    return Some(escaped);
                }
                Some(b'\n') if !one_line => position += 1,
                Some(b'\\') if self.byte(position + 1) == b'\n' => {
                    self.at = position + 1;
                    return None;
                }
                Some(b'\\') => {
                    escaped = true;
                    position += 2;
                }
                _ => {
                    self.at = self.unended(start, one_line);
                    return None;
                }
            }
        }
    }

    /// Where a text in quotes that has no end stops being one.
    fn unended(&self, start: usize, one_line: bool) -> usize {
        let rest = self.body.get(start..).unwrap_or_default();
        match memchr::memchr(b'\n', rest) {
            Some(line_end) if one_line => start + line_end,
            _ => self.body.len(),
        }
    }

    /// The next byte is taken as a token of its own.
    pub(super) fn single(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    /// The error of a token that must not stand here.
    #[cold]
    pub(super) fn unexpected(&self, expected: &'static str, token: Token) -> ParseError {
        ParseError::Unexpected {
            expected,
            got: self.with_end(self.token, self.at + 1),
            token: token.name(),
            line: self.with_end(self.entry, self.at + 1),
        }
    }

    /// The error of an entry that is wrong for a reason of its own.
    #[cold]
    pub(super) fn wrong(&self, reason: impl Into<String>) -> ParseError {
        ParseError::Entry { reason: reason.into(), line: self.with_end(self.entry, self.at) }
    }

    /// A span of the body and what seems to stand behind it.
    fn with_end(&self, start: usize, end: usize) -> Vec<u8> {
        let mut bytes = self.slice(start, end).to_vec();
        if end > self.body.len() && self.behind != 0 {
            bytes.push(self.behind);
        }
        bytes
    }
}

/// A text without its escapes: `\\`, `\n` and, where `quotes`, `\"`; any other backslash stays.
pub(super) fn unescape(text: &str, quotes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (replaced, behind) = match after.as_bytes().first() {
            Some(b'\\') => ("\\", after.get(1..)),
            Some(b'n') => ("\n", after.get(1..)),
            Some(b'"') if quotes => ("\"", after.get(1..)),
            _ => ("\\", Some(after)),
        };
        out.push_str(replaced);
        rest = behind.unwrap_or_default();
    }
    out.push_str(rest);
    out
}
