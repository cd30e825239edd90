//! What follows a selector.

use super::cursor::{Parsed, Parser};
use crate::ast::{LineFilter, LineFilterOperator, LineOperand, Stage};
use crate::lex::TokenKind;

impl Parser<'_> {
    /// Stages as long as there are some; inside of a range aggregation they end before `| unwrap`.
    pub(super) fn pipeline(&mut self, in_range: bool) -> Parsed<Vec<Stage>> {
        let mut stages = Vec::new();
        loop {
            if let Some(operator) = self.line_filter_operator() {
                let filter = self.line_filter(operator)?;
                match stages.last_mut() {
                    Some(Stage::LineFilters(filters)) => filters.push(filter),
                    _ => stages.push(Stage::LineFilters(vec![filter])),
                }
            } else if self.kind() == TokenKind::Pipe && !(in_range && self.kind_ahead(1) == TokenKind::Unwrap)
            {
                self.bump();
                stages.push(self.stage()?);
            } else {
                return Ok(stages);
            }
        }
    }

    fn line_filter_operator(&self) -> Option<LineFilterOperator> {
        match self.kind() {
            TokenKind::PipeExact => Some(LineFilterOperator::Contains),
            TokenKind::NotEqual => Some(LineFilterOperator::NotContains),
            TokenKind::PipeMatch => Some(LineFilterOperator::Regex),
            TokenKind::RegexNoMatch => Some(LineFilterOperator::NotRegex),
            TokenKind::PipePattern => Some(LineFilterOperator::Pattern),
            TokenKind::NotPattern => Some(LineFilterOperator::NotPattern),
            _ => None,
        }
    }

    /// `|= "a" or "b"`, the next token being the operator.
    fn line_filter(&mut self, operator: LineFilterOperator) -> Parsed<LineFilter> {
        self.bump();
        let operand = self.line_operand()?;
        let mut or = Vec::new();
        while self.eat(TokenKind::Or) {
            if self.options.repeated_filter_operators && self.line_filter_operator() == Some(operator) {
                self.bump();
            }
            or.push(self.line_operand()?);
        }
        Ok(LineFilter { operator, operand, or })
    }

    fn line_operand(&mut self) -> Parsed<LineOperand> {
        match self.kind() {
            TokenKind::String => self.string().map(LineOperand::Text),
            TokenKind::Ip => self.ip_call().map(LineOperand::Ip),
            _ => Err(self.unexpected(&[TokenKind::String, TokenKind::Ip])),
        }
    }

    /// `ip("…")`, the next token being the name.
    pub(super) fn ip_call(&mut self) -> Parsed<String> {
        self.bump();
        self.expect(TokenKind::OpenParenthesis)?;
        let pattern = self.string()?;
        self.expect(TokenKind::CloseParenthesis)?;
        Ok(pattern)
    }
}
