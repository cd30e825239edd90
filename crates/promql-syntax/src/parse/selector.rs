//! Selectors: a name, matchers between braces, or both.

use model::labels::METRIC_NAME;
use model::matcher::{MatchOp, Matcher};

use super::{Context, Parser, shown_as_text};
use crate::ast::{BinaryOp, DurationValue, VectorSelector};
use crate::error::{Located, Parsed};
use crate::lex::{Keyword, Token, TokenKind, unquote};

const FIRST: Context = Context::new("label matching", "identifier or \"}\"");
const OPERATOR: Context = Context::new("label matching", "label matching operator");
const VALUE: Context = Context::new("label matching", "string");
const SEPARATOR: Context = Context::new("label matching", "\",\" or \"}\"");

/// Whether a token can be the name of a metric: every word but those that only make sense behind an operator.
pub(super) fn is_metric_name(kind: TokenKind) -> bool {
    match kind {
        TokenKind::Identifier
        | TokenKind::MetricIdentifier
        | TokenKind::Aggregate(_)
        | TokenKind::Word(_) => true,
        TokenKind::Operator(op) => op.is_set(),
        TokenKind::Keyword(keyword) => matches!(
            keyword,
            Keyword::Anchored | Keyword::By | Keyword::Offset | Keyword::Smoothed | Keyword::Without
        ),
        _ => false,
    }
}

impl<'t> Parser<'t> {
    /// Takes a selector without modifiers.
    pub(super) fn vector_selector(&mut self) -> Parsed<VectorSelector> {
        let token = self.peek()?;
        if is_metric_name(token.kind) {
            self.next()?;
            return self.selector_named(Some(token));
        }
        if token.kind == TokenKind::LeftBrace {
            return self.selector_named(None);
        }
        Err(self.unexpected(Context::NONE))
    }

    /// Takes what follows the name of a selector.
    pub(super) fn selector_named(&mut self, name: Option<Token<'t>>) -> Parsed<VectorSelector> {
        let start = match name {
            Some(token) => token.span.start,
            None => self.peek()?.span.start,
        };
        let mut matchers = Vec::new();
        if self.next_if(TokenKind::LeftBrace)?.is_some() {
            self.matchers(&mut matchers)?;
        }
        let name = name.map_or("", |token| token.text);
        if !name.is_empty() {
            matchers.push(Matcher::equal(METRIC_NAME, name));
        }
        Ok(VectorSelector {
            name: name.to_owned(),
            matchers,
            offset: DurationValue::default(),
            at: None,
            extension: None,
            span: self.span_from(start),
        })
    }

    /// Takes matchers up to the closing brace; the opening one is behind.
    fn matchers(&mut self, matchers: &mut Vec<Matcher>) -> Parsed<()> {
        loop {
            let token = self.peek()?;
            match token.kind {
                TokenKind::RightBrace => break,
                TokenKind::Identifier => {
                    self.next()?;
                    let Some(op) = self.match_op()? else { return Err(self.unexpected(OPERATOR)) };
                    matchers.push(self.matcher(token, token.text.to_owned(), op)?);
                }
                TokenKind::String => {
                    self.next()?;
                    let name = shown_as_text(unquote(token.text));
                    match self.match_op()? {
                        Some(op) => matchers.push(self.matcher(token, name, op)?),
                        None => matchers.push(Matcher::equal(METRIC_NAME, name)),
                    }
                }
                _ => return Err(self.unexpected(FIRST)),
            }
            if self.next_if(TokenKind::Comma)?.is_none() {
                break;
            }
        }
        self.expect(TokenKind::RightBrace, SEPARATOR).map(|_| ())
    }

    /// Takes the operator of a matcher if there is one.
    fn match_op(&mut self) -> Parsed<Option<MatchOp>> {
        let op = match self.peek()?.kind {
            TokenKind::Assign => MatchOp::Equal,
            TokenKind::Operator(BinaryOp::NotEq) => MatchOp::NotEqual,
            TokenKind::RegexMatch => MatchOp::Regex,
            TokenKind::RegexNotMatch => MatchOp::NotRegex,
            _ => return Ok(None),
        };
        self.next()?;
        Ok(Some(op))
    }

    fn matcher(&mut self, label: Token<'t>, name: String, op: MatchOp) -> Parsed<Matcher> {
        let value = self.expect(TokenKind::String, VALUE)?;
        Matcher::new(name, op, shown_as_text(unquote(value.text)))
            .map_err(|error| Located::new(error.into(), label.span.to(value.span)))
    }
}
