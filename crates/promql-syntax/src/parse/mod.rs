//! Tokens to a tree.
//!
//! [`expression`] is the heart: operators by precedence, with a stack of its own instead of recursion, so that no
//! text can exhaust the thread's stack. The other modules read one thing each.
//!
//! Messages name what was being read when a token came that cannot stand there ("in label matching", "in
//! offset"): whoever reads that thing passes its context to [`Parser::unexpected`]. Inside of an aggregation's
//! parentheses everything else is "in aggregation".

mod duration;
mod expression;
mod labels;
mod literal;
mod matching;
mod postfix;
mod selector;

pub(crate) use literal::shown_as_text;

use model::Labels;
use model::matcher::Matcher;

use crate::ast::Expr;
use crate::check;
use crate::error::{ErrorKind, Located, ParseError, Parsed};
use crate::lex::{Lexer, Token, TokenKind};
use crate::options::Options;
use crate::span::Span;

/// The longest text that is read, in bytes.
pub const TEXT_BYTES_MAX: usize = 4 << 20;

/// How deep an expression may be: parentheses, calls and operators, chains of operators included.
///
/// It keeps everything that walks a tree by recursion within the stack of a thread.
pub const DEPTH_MAX: usize = 1_000;

/// Reads an expression and checks its types.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_expr(text: &str, options: Options) -> Result<Expr, ParseError> {
    read(text, options, |parser| {
        if parser.peek()?.kind == TokenKind::End {
            return Err(Located::new(ErrorKind::Empty, Span::default()));
        }
        let mut expr = parser.expression()?;
        check::check(&mut expr, text)?;
        Ok(expr)
    })
}

/// Reads the selector of a `match[]` parameter: `up`, `{job="a"}`. It may select everything.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_metric_selector(text: &str) -> Result<Vec<Matcher>, ParseError> {
    read(text, Options::default(), |parser| {
        let selector = parser.vector_selector()?;
        parser.expect_end()?;
        Ok(selector.matchers)
    })
}

/// Reads a metric with its labels: `up{job="a"}`, `{job="a"}`.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_metric(text: &str) -> Result<Labels, ParseError> {
    read(text, Options::default(), |parser| {
        let labels = parser.metric("")?;
        parser.expect_end()?;
        Ok(labels)
    })
}

fn read<'t, T>(
    text: &'t str,
    options: Options,
    read: impl FnOnce(&mut Parser<'t>) -> Parsed<T>,
) -> Result<T, ParseError> {
    if text.len() > TEXT_BYTES_MAX {
        let located = Located { kind: ErrorKind::TextTooLong(TEXT_BYTES_MAX), span: Span::default() };
        return Err(ParseError::new(located, text));
    }
    read(&mut Parser::new(Lexer::new(text), options)).map_err(|located| ParseError::new(*located, text))
}

/// Reads tokens one after the other, with a look at the next one.
///
/// When the next token is looked at matters: the original reports the first error in time, and a broken token
/// behind a wrong argument is noticed only once it is looked at.
pub(crate) struct Parser<'t> {
    lexer: Lexer<'t>,
    peeked: Option<Token<'t>>,
    /// Where the last token that was taken ends.
    end: usize,
    options: Options,
    /// How many parentheses of aggregations are open.
    aggregations_open: usize,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(lexer: Lexer<'t>, options: Options) -> Self {
        Self { lexer, peeked: None, end: 0, options, aggregations_open: 0 }
    }

    pub(crate) fn lexer(&self) -> &Lexer<'t> {
        &self.lexer
    }

    /// The next token, left where it is.
    pub(crate) fn peek(&mut self) -> Parsed<Token<'t>> {
        if let Some(token) = self.peeked {
            return Ok(token);
        }
        let token = self.lexer.next_token().map_err(Box::new)?;
        self.peeked = Some(token);
        Ok(token)
    }

    /// Takes the next token.
    pub(crate) fn next(&mut self) -> Parsed<Token<'t>> {
        let token = self.peek()?;
        self.peeked = None;
        self.end = token.span.end;
        Ok(token)
    }

    /// Takes the next token if it is of this kind.
    pub(crate) fn next_if(&mut self, kind: TokenKind) -> Parsed<Option<Token<'t>>> {
        if self.peek()?.kind == kind { self.next().map(Some) } else { Ok(None) }
    }

    /// Takes the next token, which must be of this kind.
    pub(crate) fn expect(&mut self, kind: TokenKind, context: Context) -> Parsed<Token<'t>> {
        match self.next_if(kind)? {
            Some(token) => Ok(token),
            None => Err(self.unexpected(context)),
        }
    }

    fn expect_end(&mut self) -> Parsed<()> {
        self.expect(TokenKind::End, Context::NONE).map(|_| ())
    }

    /// The error that the next token cannot stand where it does.
    pub(crate) fn unexpected(&mut self, context: Context) -> Box<Located> {
        let token = match self.peek() {
            Ok(token) => token,
            Err(located) => return located,
        };
        let inside = if self.aggregations_open > 0 { "aggregation" } else { "" };
        let context =
            if context.reading.is_empty() { Context { reading: inside, ..context } } else { context };
        let kind = ErrorKind::Unexpected {
            found: token.describe(),
            context: context.reading,
            expected: context.expected,
        };
        Located::new(kind, token.span)
    }

    /// An error at the next token.
    pub(crate) fn failed(&mut self, kind: ErrorKind) -> Box<Located> {
        match self.peek() {
            Ok(token) => Located::new(kind, token.span),
            Err(located) => located,
        }
    }

    /// From `start` to the last token that was taken.
    pub(crate) fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.end)
    }
}

/// What is being read and what could come next, for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    reading: &'static str,
    expected: &'static str,
}

impl Context {
    /// Nothing in particular.
    pub(crate) const NONE: Self = Self::new("", "");

    pub(crate) const fn new(reading: &'static str, expected: &'static str) -> Self {
        Self { reading, expected }
    }
}
