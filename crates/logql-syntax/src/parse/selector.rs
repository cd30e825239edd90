//! `{job="a", pod!="b"}`

use model::{MatchOp, Matcher};

use super::cursor::{Parsed, Parser};
use crate::error::ErrorKind;
use crate::lex::TokenKind;

impl Parser<'_> {
    /// A selector, the next token being its brace.
    pub(super) fn selector(&mut self) -> Parsed<Vec<Matcher>> {
        let start = self.start();
        self.expect(TokenKind::OpenBrace)?;
        let mut matchers = Vec::new();
        if !self.eat(TokenKind::CloseBrace) {
            let mut expected: &[TokenKind] = &[TokenKind::Identifier, TokenKind::CloseBrace];
            loop {
                let name = self.identifier_or(expected)?;
                matchers.push(self.matcher(name)?);
                if self.eat(TokenKind::CloseBrace) {
                    break;
                }
                if !self.eat(TokenKind::Comma) {
                    return Err(self.unexpected(&[TokenKind::CloseBrace, TokenKind::Comma]));
                }
                expected = &[TokenKind::Identifier];
            }
        }
        if !self.options.any_selector && matchers.iter().all(Matcher::matches_empty) {
            self.refuse(start, ErrorKind::UnselectiveSelector);
        }
        Ok(matchers)
    }

    /// Operator and value behind the name.
    fn matcher(&mut self, name: String) -> Parsed<Matcher> {
        let Some(operator) = self.match_operator() else {
            return Err(self.unexpected(&[
                TokenKind::Equal,
                TokenKind::RegexMatch,
                TokenKind::RegexNoMatch,
                TokenKind::NotEqual,
            ]));
        };
        self.bump();
        self.matcher_value(name, operator)
    }

    /// The value behind the operator.
    pub(super) fn matcher_value(&mut self, name: String, operator: MatchOp) -> Parsed<Matcher> {
        let value = self.string()?;
        Matcher::new(name, operator, value).map_err(|error| ErrorKind::Regex(error.to_string()).into())
    }

    /// What the next token is in a matcher.
    pub(super) fn match_operator(&self) -> Option<MatchOp> {
        match self.kind() {
            TokenKind::Equal => Some(MatchOp::Equal),
            TokenKind::NotEqual => Some(MatchOp::NotEqual),
            TokenKind::RegexMatch => Some(MatchOp::Regex),
            TokenKind::RegexNoMatch => Some(MatchOp::NotRegex),
            _ => None,
        }
    }
}
