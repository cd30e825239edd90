//! The place in the tokens, and what is kept while they are read.

use std::cmp::Reverse;

use super::{DEPTH_MAX, OPERATORS_MAX};
use crate::error::{ErrorKind, ParseError};
use crate::lex::{Token, TokenKind, Value};
use crate::options::Options;

pub(super) type Parsed<T> = Result<T, ParseError>;

/// More names than these are not told.
const EXPECTED_MAX: usize = 4;

pub(super) struct Parser<'t> {
    tokens: Vec<Token>,
    text: &'t str,
    position: usize,
    depth: usize,
    operators: usize,
    pub(super) options: Options,
    /// What the tree may not be, told only of a text that can be read as a whole: of two, that of the outer
    /// expression, then that of the left one.
    refused: Option<(usize, Reverse<usize>, ErrorKind)>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(tokens: Vec<Token>, text: &'t str, options: Options) -> Self {
        Self { tokens, text, position: 0, depth: 0, operators: 0, options, refused: None }
    }

    /// The kind of the token that comes next.
    pub(super) fn kind(&self) -> TokenKind {
        self.kind_ahead(0)
    }

    /// The kind of a later token.
    pub(super) fn kind_ahead(&self, count: usize) -> TokenKind {
        self.tokens.get(self.position + count).map_or(TokenKind::End, |token| token.kind)
    }

    /// Where the next token begins.
    pub(super) fn start(&self) -> usize {
        self.tokens.get(self.position).map_or(self.text.len(), |token| token.span.start)
    }

    /// Goes on by one token. The last one stays.
    pub(super) fn bump(&mut self) {
        if self.position + 1 < self.tokens.len() {
            self.position += 1;
        }
    }

    /// Goes on if the next token is of a kind.
    pub(super) fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.bump();
        }
        found
    }

    /// Goes on over a token that must be there, where nothing else may.
    pub(super) fn expect(&mut self, kind: TokenKind) -> Parsed<()> {
        if self.eat(kind) { Ok(()) } else { Err(self.unexpected(&[kind])) }
    }

    /// The complaint about the next token. The kinds are those that may stand here, in order; none where these are many.
    pub(super) fn unexpected(&self, expected: &[TokenKind]) -> ParseError {
        let Some(token) = self.tokens.get(self.position) else {
            return ErrorKind::Syntax { unexpected: TokenKind::End.name(), expected: Vec::new() }.into();
        };
        if let Value::Broken(kind) = &token.value {
            return ParseError::at(kind.clone(), token.place);
        }
        debug_assert!(expected.is_sorted() && expected.len() <= EXPECTED_MAX);
        let expected = expected.iter().map(|kind| kind.name()).collect();
        ParseError::at(ErrorKind::Syntax { unexpected: token.kind.name(), expected }, token.place)
    }

    /// The bytes of the next token.
    pub(super) fn token_text(&self) -> &'t str {
        let token = self.tokens.get(self.position);
        token.and_then(|token| self.text.get(token.span.clone())).unwrap_or("")
    }

    /// What the next token stands for.
    pub(super) fn value(&self) -> Option<&Value> {
        self.tokens.get(self.position).map(|token| &token.value)
    }

    /// A name.
    pub(super) fn identifier(&mut self) -> Parsed<String> {
        self.identifier_or(&[TokenKind::Identifier])
    }

    /// A name, where other tokens could stand as well.
    pub(super) fn identifier_or(&mut self, expected: &[TokenKind]) -> Parsed<String> {
        if self.kind() != TokenKind::Identifier {
            return Err(self.unexpected(expected));
        }
        let name = self.token_text().to_owned();
        self.bump();
        Ok(name)
    }

    /// A string.
    pub(super) fn string(&mut self) -> Parsed<String> {
        let Some(Value::Text(text)) = self.value() else { return Err(self.unexpected(&[TokenKind::String])) };
        let text = text.clone();
        self.bump();
        Ok(text)
    }

    /// `(a, b)` or `()`.
    pub(super) fn labels(&mut self) -> Parsed<Vec<String>> {
        self.expect(TokenKind::OpenParenthesis)?;
        let mut labels = Vec::new();
        if self.eat(TokenKind::CloseParenthesis) {
            return Ok(labels);
        }
        labels.push(self.identifier_or(&[TokenKind::Identifier, TokenKind::CloseParenthesis])?);
        loop {
            if self.eat(TokenKind::CloseParenthesis) {
                return Ok(labels);
            }
            if !self.eat(TokenKind::Comma) {
                return Err(self.unexpected(&[TokenKind::Comma, TokenKind::CloseParenthesis]));
            }
            labels.push(self.identifier()?);
        }
    }

    /// Reads what nests.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_MAX {
            return Err(ErrorKind::TooDeep(DEPTH_MAX).into());
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Takes note of an operator.
    pub(super) fn count_operator(&mut self) -> Parsed<()> {
        self.operators += 1;
        if self.operators > OPERATORS_MAX {
            return Err(ErrorKind::TooManyOperators(OPERATORS_MAX).into());
        }
        Ok(())
    }

    /// Takes note of what the expression from `start` to here may not be.
    pub(super) fn refuse(&mut self, start: usize, kind: ErrorKind) {
        let key = (start, Reverse(self.start()));
        if self.refused.as_ref().is_none_or(|(start, end, _)| key < (*start, *end)) {
            self.refused = Some((key.0, key.1, kind));
        }
    }

    /// What the tree may not be.
    pub(super) fn finish(self) -> Parsed<()> {
        self.refused.map_or(Ok(()), |(_, _, kind)| Err(kind.into()))
    }
}
