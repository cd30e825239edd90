//! Why a pattern is refused, in the words Go uses.

use std::fmt;

/// A refused pattern. It displays as Go's `regexp` package reports it:
/// ``error parsing regexp: missing closing ): `a(b` ``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    expression: Box<str>,
}

impl Error {
    pub(crate) fn new(code: ErrorCode, expression: impl Into<Box<str>>) -> Self {
        Error { code, expression: expression.into() }
    }

    /// What is wrong.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The part of the pattern that is wrong; the whole pattern where no part can be named.
    pub fn expression(&self) -> &str {
        &self.expression
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error parsing regexp: {}: `{}`", self.code, self.expression)
    }
}

impl std::error::Error for Error {}

/// The reasons for which a pattern is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// A range in a character class that runs backwards, or a class name nobody knows.
    InvalidCharacterRange,
    /// A backslash followed by something that means nothing.
    InvalidEscape,
    /// A group name that is empty, not closed, or not made of letters, digits and underscores.
    InvalidNamedCapture,
    /// `(?` followed by something that Go does not support, such as a lookahead.
    InvalidPerlSyntax,
    /// Two repetition operators in a row: `a**`.
    NestedRepetition,
    /// A count that is over 1000, runs backwards, or multiplies with others to over 1000.
    InvalidRepeatCount,
    /// A `[` that nothing closes.
    MissingBracket,
    /// A `(` that nothing closes.
    MissingParenthesis,
    /// A repetition operator with nothing before it.
    MissingRepeatArgument,
    /// A backslash at the very end.
    TrailingBackslash,
    /// A `)` that nothing opened.
    UnexpectedParenthesis,
    /// More than 1000 levels of nesting.
    NestsTooDeeply,
    /// The compiled form would take more memory than a pattern may have.
    TooLarge,
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorCode::InvalidCharacterRange => "invalid character class range",
            ErrorCode::InvalidEscape => "invalid escape sequence",
            ErrorCode::InvalidNamedCapture => "invalid named capture",
            ErrorCode::InvalidPerlSyntax => "invalid or unsupported Perl syntax",
            ErrorCode::NestedRepetition => "invalid nested repetition operator",
            ErrorCode::InvalidRepeatCount => "invalid repeat count",
            ErrorCode::MissingBracket => "missing closing ]",
            ErrorCode::MissingParenthesis => "missing closing )",
            ErrorCode::MissingRepeatArgument => "missing argument to repetition operator",
            ErrorCode::TrailingBackslash => "trailing backslash at end of expression",
            ErrorCode::UnexpectedParenthesis => "unexpected )",
            ErrorCode::NestsTooDeeply => "expression nests too deeply",
            ErrorCode::TooLarge => "expression too large",
        })
    }
}
