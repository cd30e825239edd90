//! Tokens and how messages name them.

use model::quote::quote;

use crate::ast::{AggregateOp, BinaryOp};
use crate::span::Span;

/// A word of the query text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind,
    /// The text as it was written, quotes included.
    pub(crate) text: &'t str,
    pub(crate) span: Span,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    End,
    Identifier,
    /// An identifier with a colon in it: a metric's name and nothing else.
    MetricIdentifier,
    String,
    Number,
    Duration,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    /// `=`
    Assign,
    /// `=~`
    RegexMatch,
    /// `!~`
    RegexNotMatch,
    At,
    Operator(BinaryOp),
    Aggregate(AggregateOp),
    Keyword(Keyword),
    /// Words with a meaning only where one of them is expected: `start`, `step`, `min_of`.
    Word(Word),
    /// Only in series descriptions.
    Series(SeriesToken),
}

/// Words with a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    Anchored,
    Bool,
    By,
    Fill,
    FillLeft,
    FillRight,
    GroupLeft,
    GroupRight,
    Ignoring,
    Offset,
    On,
    Smoothed,
    Without,
}

/// Words that stand for times and durations of the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    End,
    MaxOf,
    MinOf,
    Range,
    Start,
    Step,
}

/// Tokens of the values of a series description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeriesToken {
    /// One or more blanks.
    Space,
    /// `_`
    Blank,
    /// `x`
    Times,
    /// `{{`
    OpenHistogram,
    /// `}}`
    CloseHistogram,
    /// A field of a histogram.
    Field(HistogramField),
    /// A value of `counter_reset_hint`.
    Hint(model::CounterResetHint),
}

/// Fields of a histogram in a series description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HistogramField {
    Sum,
    Count,
    Schema,
    Offset,
    NegativeOffset,
    Buckets,
    NegativeBuckets,
    ZeroBucket,
    ZeroBucketWidth,
    CustomValues,
    CounterResetHint,
}

impl Token<'_> {
    /// How messages name the token: `identifier "x"`, `<op:*>`, `end of input`.
    pub(crate) fn describe(&self) -> String {
        match self.kind {
            TokenKind::End => "end of input".to_owned(),
            TokenKind::Identifier => format!("identifier {}", quote(self.text)),
            TokenKind::MetricIdentifier => format!("metric identifier {}", quote(self.text)),
            TokenKind::String => format!("string {}", quote_shortened(self.text)),
            TokenKind::Number => format!("number {}", quote_shortened(self.text)),
            TokenKind::Duration => format!("duration {}", quote_shortened(self.text)),
            // The original knows no name for it and shows the number of the token.
            TokenKind::At => "\"<Item 57400>\" <op:@>".to_owned(),
            TokenKind::RegexMatch | TokenKind::RegexNotMatch | TokenKind::Operator(_) => {
                format!("<op:{}>", self.text)
            }
            TokenKind::Aggregate(_) => format!("<aggr:{}>", self.text),
            TokenKind::Keyword(_) => format!("<{}>", self.text),
            _ => quote_shortened(self.text),
        }
    }
}

/// What of a long text is shown.
const SHOWN_CHARS_MAX: usize = 10;

fn quote_shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}...", quote(text.get(..end).unwrap_or(text))),
        None => quote(text),
    }
}
