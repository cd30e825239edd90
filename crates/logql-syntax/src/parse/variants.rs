//! `variants(count_over_time(…), bytes_over_time(…)) of ({…}[5m])`

use super::cursor::{Parsed, Parser};
use crate::ast::{Expr, Variants};
use crate::lex::TokenKind;

/// Words that mean something here alone and are names elsewhere.
const VARIANTS: &str = "variants";
const OF: &str = "of";

impl Parser<'_> {
    /// Variants, where the text is such a query and the grammar has them.
    pub(super) fn variants(&mut self) -> Parsed<Option<Variants>> {
        let is_here = self.is_word(VARIANTS) && self.kind_ahead(1) == TokenKind::OpenParenthesis;
        if !self.options.variants || !is_here {
            return Ok(None);
        }
        self.bump();
        self.bump();
        let mut metrics = Vec::new();
        loop {
            let Expr::Metric(metric) = self.expr(0)? else { return Err(self.unexpected(&[])) };
            metrics.push(metric);
            if self.eat(TokenKind::CloseParenthesis) {
                break;
            }
            if !self.eat(TokenKind::Comma) {
                return Err(self.unexpected(&[]));
            }
            self.count_operator()?;
        }
        if !self.is_word(OF) {
            return Err(self.unexpected(&[TokenKind::Of]));
        }
        self.bump();
        self.expect(TokenKind::OpenParenthesis)?;
        let lines = self.log_range()?;
        self.expect(TokenKind::CloseParenthesis)?;
        let (log, unwrap) = (lines.log, lines.unwrap);
        Ok(Some(Variants { metrics, log, unwrap, range: lines.range, offset_nanos: lines.offset_nanos }))
    }

    fn is_word(&self, word: &str) -> bool {
        self.kind() == TokenKind::Identifier && self.token_text().eq_ignore_ascii_case(word)
    }
}
