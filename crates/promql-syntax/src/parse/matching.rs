//! What may stand between an operator and its right operand: `bool on (a) group_left (b) fill (0)`.

use super::expression::begins_expression;
use super::{Context, Parser};
use crate::ast::{BinaryOp, Cardinality, Fill, VectorMatching};
use crate::error::Parsed;
use crate::lex::{Keyword, TokenKind};

/// The modifiers of a binary operator.
#[derive(Debug)]
pub(super) struct Modifiers {
    pub(super) return_bool: bool,
    pub(super) matching: VectorMatching,
}

impl Parser<'_> {
    pub(super) fn modifiers(&mut self, op: BinaryOp) -> Parsed<Modifiers> {
        let card = if op.is_set() { Cardinality::ManyToMany } else { Cardinality::OneToOne };
        let mut matching = VectorMatching {
            card,
            labels: Vec::new(),
            on: false,
            include: Vec::new(),
            fill: Fill::default(),
        };
        let return_bool = self.next_if(TokenKind::Keyword(Keyword::Bool))?.is_some();
        if let Some(on) = self.next_keyword(&[Keyword::Ignoring, Keyword::On])? {
            matching.on = on == Keyword::On;
            matching.labels = self.grouping_labels()?;
            if let Some(side) = self.next_keyword(&[Keyword::GroupLeft, Keyword::GroupRight])? {
                matching.card = match side {
                    Keyword::GroupLeft => Cardinality::ManyToOne,
                    _ => Cardinality::OneToMany,
                };
                matching.include = self.included_labels()?;
            }
        }
        matching.fill = self.fill()?;
        Ok(Modifiers { return_bool, matching })
    }

    /// Takes the labels of `group_left`, which may be left out: a parenthesis here always opens them.
    fn included_labels(&mut self) -> Parsed<Vec<String>> {
        match self.peek()?.kind {
            TokenKind::Keyword(Keyword::Fill | Keyword::FillLeft | Keyword::FillRight) => Ok(Vec::new()),
            kind if kind != TokenKind::LeftParen && begins_expression(kind) => Ok(Vec::new()),
            _ => self.grouping_labels(),
        }
    }

    /// Takes `fill (v)`, or one or both of `fill_left (v)` and `fill_right (v)`.
    fn fill(&mut self) -> Parsed<Fill> {
        let mut fill = Fill::default();
        if self.next_keyword(&[Keyword::Fill])?.is_some() {
            let value = self.fill_value()?;
            return Ok(Fill { left: Some(value), right: Some(value) });
        }
        loop {
            let token = self.peek()?;
            let side = match token.kind {
                TokenKind::Keyword(Keyword::FillLeft) if fill.left.is_none() => &mut fill.left,
                TokenKind::Keyword(Keyword::FillRight) if fill.right.is_none() => &mut fill.right,
                _ => return Ok(fill),
            };
            self.next()?;
            *side = Some(self.fill_value()?);
        }
    }

    fn fill_value(&mut self) -> Parsed<f64> {
        self.expect(TokenKind::LeftParen, Context::NONE)?;
        let number = self.signed_number(Context::NONE)?;
        self.expect(TokenKind::RightParen, Context::NONE)?;
        Ok(number.value)
    }

    /// Takes the next token if it is one of these keywords.
    pub(super) fn next_keyword(&mut self, keywords: &[Keyword]) -> Parsed<Option<Keyword>> {
        match self.peek()?.kind {
            TokenKind::Keyword(keyword) if keywords.contains(&keyword) => {
                self.next()?;
                Ok(Some(keyword))
            }
            _ => Ok(None),
        }
    }
}
