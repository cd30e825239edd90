//! What is wrong with a text, in the original's words.

mod kind;
mod shown;

use std::fmt;

pub use kind::{CountQualifier, ErrorKind, TypeContext};

use crate::span::{LineColumn, Span};

/// A text that is no expression (or selector, or series description), and where.
///
/// It displays as the original does: `1:5: parse error: unexpected "+"`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParseError {
    kind: ErrorKind,
    span: Span,
    place: ErrorPlace,
}

/// The place as messages show it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ErrorPlace {
    /// The text is empty.
    Unknown,
    At(LineColumn),
}

impl ParseError {
    pub(crate) fn new(located: Located, text: &str) -> Self {
        let place = match LineColumn::locate(text, located.span.start) {
            Some(place) if !text.is_empty() => ErrorPlace::At(place),
            _ => ErrorPlace::Unknown,
        };
        Self { kind: located.kind, span: located.span, place }
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The part of the text that is wrong.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Line and column of its beginning; `None` for an empty text.
    pub fn place(&self) -> Option<LineColumn> {
        match self.place {
            ErrorPlace::Unknown => None,
            ErrorPlace::At(place) => Some(place),
        }
    }

    /// The same error in a text that stands so many lines into a file.
    #[must_use]
    pub fn shifted_lines(mut self, lines: usize) -> Self {
        if let ErrorPlace::At(place) = &mut self.place {
            place.line += lines;
        }
        self
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            ErrorPlace::Unknown => write!(formatter, "unknown position: parse error: {}", self.kind),
            ErrorPlace::At(place) => write!(formatter, "{place}: parse error: {}", self.kind),
        }
    }
}

impl std::error::Error for ParseError {}

/// An error on its way out, before lines and columns are known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Located {
    pub(crate) kind: ErrorKind,
    pub(crate) span: Span,
}

impl Located {
    pub(crate) fn new(kind: ErrorKind, span: Span) -> Box<Self> {
        Box::new(Self { kind, span })
    }
}

/// What the parts of the parser return; boxed, since errors are rare and results are moved often.
pub(crate) type Parsed<T> = Result<T, Box<Located>>;
