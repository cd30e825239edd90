//! Conditions on labels.
//!
//! `and` binds stronger than `or`, and both are read from the left. A comma or mere space also stands for `and`, but
//! takes all of the rest of the filter as its right side: `a or b, c or d` is `a or (b and (c or d))`.

use model::MatchOp;

use super::cursor::{Parsed, Parser};
use crate::ast::{Comparison, Condition, LabelFilter};
use crate::lex::{TokenKind, Value};

/// What begins a condition.
const BEGIN: [TokenKind; 2] = [TokenKind::Identifier, TokenKind::OpenParenthesis];

impl Parser<'_> {
    /// A whole filter.
    pub(super) fn label_filter(&mut self) -> Parsed<LabelFilter> {
        self.nested(|parser| {
            let mut filter = parser.label_filter_and()?;
            while parser.eat(TokenKind::Or) {
                parser.count_operator()?;
                filter = LabelFilter::Or(Box::new(filter), Box::new(parser.label_filter_and()?));
            }
            Ok(filter)
        })
    }

    fn label_filter_and(&mut self) -> Parsed<LabelFilter> {
        let mut filter = self.label_filter_operand()?;
        while self.eat(TokenKind::And) {
            self.count_operator()?;
            filter = LabelFilter::And(Box::new(filter), Box::new(self.label_filter_operand()?));
        }
        Ok(filter)
    }

    /// One condition, with what a comma or space puts beside it.
    fn label_filter_operand(&mut self) -> Parsed<LabelFilter> {
        let filter = match self.kind() {
            TokenKind::OpenParenthesis => {
                self.bump();
                let filter = self.label_filter()?;
                if !self.eat(TokenKind::CloseParenthesis) {
                    return Err(self.unexpected(&[]));
                }
                filter
            }
            TokenKind::Identifier => self.condition()?,
            _ => return Err(self.unexpected(&BEGIN)),
        };
        if self.eat(TokenKind::Comma) || BEGIN.contains(&self.kind()) {
            self.count_operator()?;
            return Ok(LabelFilter::And(Box::new(filter), Box::new(self.label_filter()?)));
        }
        Ok(filter)
    }

    /// `name="value"`, `name > 5` and the like.
    fn condition(&mut self) -> Parsed<LabelFilter> {
        let label = self.identifier()?;
        let operator = self.kind();
        let comparison = match operator {
            TokenKind::RegexMatch | TokenKind::RegexNoMatch => None,
            TokenKind::Equal | TokenKind::CompareEqual => Some(Comparison::Equal),
            TokenKind::NotEqual => Some(Comparison::NotEqual),
            TokenKind::Greater => Some(Comparison::Greater),
            TokenKind::GreaterOrEqual => Some(Comparison::GreaterOrEqual),
            TokenKind::Less => Some(Comparison::Less),
            TokenKind::LessOrEqual => Some(Comparison::LessOrEqual),
            _ => return Err(self.unexpected(&[])),
        };
        let text_operator = self.match_operator();
        self.bump();
        match (text_operator, comparison, self.kind()) {
            (Some(operator), _, TokenKind::String) | (Some(operator), None, _) => {
                self.matcher_value(label, operator).map(LabelFilter::Matcher)
            }
            (Some(operator), _, TokenKind::Ip) => {
                let negative = operator == MatchOp::NotEqual;
                let condition = Condition::Ip { negative, pattern: self.ip_call()? };
                Ok(LabelFilter::Condition { label, condition })
            }
            (_, Some(comparison), _) => {
                Ok(LabelFilter::Condition { label, condition: self.quantity(comparison)? })
            }
            (None, None, _) => Err(self.unexpected(&[])),
        }
    }

    /// A number, a duration or a size.
    fn quantity(&mut self, comparison: Comparison) -> Parsed<Condition> {
        let condition = match self.value() {
            Some(Value::Nanos(nanos)) => Condition::Duration(comparison, *nanos),
            Some(Value::Bytes(bytes)) => Condition::Bytes(comparison, *bytes),
            _ if matches!(self.kind(), TokenKind::Number | TokenKind::Add | TokenKind::Subtract) => {
                return Ok(Condition::Number(comparison, self.signed_number()?));
            }
            _ => return Err(self.unexpected(&[])),
        };
        self.bump();
        Ok(condition)
    }
}
