//! What stands inside of a range aggregation.

use std::time::Duration;

use super::cursor::{Parsed, Parser};
use crate::ast::{Conversion, LogExpr, Unwrap};
use crate::lex::{TokenKind, Value};

/// Lines, how far back they are taken, and how they become numbers.
pub(super) struct LogRange {
    pub(super) log: LogExpr,
    pub(super) unwrap: Option<Unwrap>,
    pub(super) range: Duration,
    pub(super) offset_nanos: i64,
}

impl Parser<'_> {
    /// `{…}[5m]`, with stages before or behind the range, in parentheses or not.
    pub(super) fn log_range(&mut self) -> Parsed<LogRange> {
        match self.kind() {
            TokenKind::OpenBrace => {
                let (log, unwrap) = self.unwrapped_log()?;
                self.ranged(log, unwrap)
            }
            TokenKind::OpenParenthesis => self.nested(Self::log_range_in_parentheses),
            _ => Err(self.unexpected(&[TokenKind::OpenBrace, TokenKind::OpenParenthesis])),
        }
    }

    /// `({…} |= "a")[5m]`, or a whole range in parentheses.
    fn log_range_in_parentheses(&mut self) -> Parsed<LogRange> {
        self.bump();
        if self.kind() != TokenKind::OpenBrace {
            let inner = self.log_range()?;
            self.expect(TokenKind::CloseParenthesis)?;
            return Ok(inner);
        }
        let (log, unwrap) = self.unwrapped_log()?;
        if self.kind() == TokenKind::Range {
            let inner = self.ranged(log, unwrap)?;
            self.expect(TokenKind::CloseParenthesis)?;
            return Ok(inner);
        }
        if !self.eat(TokenKind::CloseParenthesis) {
            return Err(match unwrap {
                Some(_) => self.unexpected(&[TokenKind::Range, TokenKind::CloseParenthesis, TokenKind::Pipe]),
                None => self.unexpected(&[]),
            });
        }
        let Some(range) = self.range() else { return Err(self.unexpected(&[TokenKind::Range])) };
        Ok(LogRange { log, unwrap, range, offset_nanos: self.offset()? })
    }

    /// Selector, stages and `unwrap`.
    fn unwrapped_log(&mut self) -> Parsed<(LogExpr, Option<Unwrap>)> {
        let matchers = self.selector()?;
        let stages = self.pipeline(true)?;
        let unwrap = self.unwrap()?;
        Ok((LogExpr { matchers, stages }, unwrap))
    }

    /// The range, and the stages behind it where there are none before.
    fn ranged(&mut self, mut log: LogExpr, mut unwrap: Option<Unwrap>) -> Parsed<LogRange> {
        let first = log.stages.is_empty() && unwrap.is_none();
        let Some(range) = self.range() else {
            return Err(match unwrap {
                Some(_) => self.unexpected(&[TokenKind::Range, TokenKind::Pipe]),
                None => self.unexpected(&[]),
            });
        };
        let offset_nanos = self.offset()?;
        if first {
            log.stages = self.pipeline(true)?;
            unwrap = self.unwrap()?;
        }
        Ok(LogRange { log, unwrap, range, offset_nanos })
    }

    fn range(&mut self) -> Option<Duration> {
        let Some(Value::Range(range)) = self.value() else { return None };
        let range = *range;
        self.bump();
        Some(range)
    }

    /// `offset 5m`, or nothing.
    fn offset(&mut self) -> Parsed<i64> {
        if !self.eat(TokenKind::Offset) {
            return Ok(0);
        }
        let Some(Value::Nanos(nanos)) = self.value() else {
            return Err(self.unexpected(&[TokenKind::Duration]));
        };
        let nanos = *nanos;
        self.bump();
        Ok(nanos)
    }

    /// `| unwrap label`, or nothing; only conditions on labels may follow it.
    fn unwrap(&mut self) -> Parsed<Option<Unwrap>> {
        if self.kind() != TokenKind::Pipe || self.kind_ahead(1) != TokenKind::Unwrap {
            return Ok(None);
        }
        self.bump();
        self.bump();
        let conversion = match self.kind() {
            TokenKind::BytesConversion => Some(Conversion::Bytes),
            TokenKind::DurationConversion => Some(Conversion::Duration),
            TokenKind::DurationSecondsConversion => Some(Conversion::DurationSeconds),
            _ => None,
        };
        let label = if conversion.is_some() {
            self.bump();
            self.expect(TokenKind::OpenParenthesis)?;
            let label = self.identifier()?;
            self.expect(TokenKind::CloseParenthesis)?;
            label
        } else {
            self.identifier_or(&[
                TokenKind::Identifier,
                TokenKind::BytesConversion,
                TokenKind::DurationConversion,
                TokenKind::DurationSecondsConversion,
            ])?
        };
        let mut filters = Vec::new();
        while self.eat(TokenKind::Pipe) {
            filters.push(self.label_filter()?);
        }
        Ok(Some(Unwrap { label, conversion, filters }))
    }
}
