//! The tokens that the two text formats share.

use memchr::memchr2;

use super::error::ParseError;

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

/// A place in the body.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    body: &'a [u8],
    /// What seems to stand behind the last byte: a line break where the format forgives a missing one.
    behind: u8,
    /// The next byte to look at.
    pub(super) at: usize,
    /// Where the present token begins.
    pub(super) token: usize,
    /// Where the present entry begins.
    pub(super) entry: usize,
}

const NAME_START: u8 = 1;
const NAME: u8 = 2;
const COLON: u8 = 4;

/// For each byte, where in a name it may stand.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let value = byte as u8;
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; the loop ends at the length")]
        if value.is_ascii_alphabetic() || value == b'_' {
            classes[byte] = NAME_START | NAME;
        } else if value.is_ascii_digit() {
            classes[byte] = NAME;
        } else if value == b':' {
            classes[byte] = COLON;
        }
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

impl<'a> Cursor<'a> {
    pub(super) fn new(body: &'a [u8], behind: u8) -> Self {
        Self { body, behind, at: 0, token: 0, entry: 0 }
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

    /// Skips blanks and tabs.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t') {
            self.at += 1;
        }
    }

    /// Reads a metric's name; `false` where none starts here.
    pub(super) fn metric_name(&mut self) -> bool {
        self.name(NAME_START | COLON, NAME | COLON)
    }

    /// Reads a label's name; `false` where none starts here.
    pub(super) fn label_name(&mut self) -> bool {
        self.name(NAME_START, NAME)
    }

    fn name(&mut self, first: u8, others: u8) -> bool {
        if class(self.peek()) & first == 0 {
            return false;
        }
        let rest = self.body.get(self.at + 1..).unwrap_or_default();
        let len = rest.iter().position(|byte| class(*byte) & others == 0).unwrap_or(rest.len());
        self.at += 1 + len;
        true
    }

    /// Reads a text in quotes, the quote being the next byte; `None` where it does not end. The flag says
    /// whether there is an escape in it. Where `one_line`, a line break ends the search.
    pub(super) fn quoted(&mut self, one_line: bool) -> Option<bool> {
        let start = self.at;
        let mut position = start + 1;
        let mut escaped = false;
        loop {
            let rest = self.body.get(position..).unwrap_or_default();
            let Some(found) = memchr2(b'"', b'\\', rest) else {
                self.at = self.unended(start, one_line);
                return None;
            };
            if one_line && memchr::memchr(b'\n', rest.get(..found).unwrap_or_default()).is_some() {
                self.at = self.unended(start, one_line);
                return None;
            }
            position += found;
            if self.byte(position) == b'"' {
                self.at = position + 1;
                return Some(escaped);
            }
            escaped = true;
            if self.byte(position + 1) == b'\n' {
                self.at = position + 1;
                return None;
            }
            position += 2;
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
