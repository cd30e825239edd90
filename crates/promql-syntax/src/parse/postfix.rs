//! What may stand behind an operand and binds more tightly than any operator: ranges, `offset`, `@`, `anchored`
//! and `smoothed`.

use super::expression::Operand;
use super::{Context, Parser};
use crate::ast::{At, DurationNode, DurationValue, Expr, Extension, MatrixSelector, Subquery};
use crate::error::{ErrorKind, Located, Parsed};
use crate::lex::{Keyword, TokenKind, Word};

const RANGE: Context = Context::new("subquery or range selector", "number, duration, step(), or range()");
const RANGE_END: Context = Context::new("subquery or range", "\":\" or \"]\"");
const STEP: Context = Context::new("subquery selector", "number, duration, step(), range(), or \"]\"");
const STEP_END: Context = Context::new("subquery selector", "\"]\"");
const OFFSET: Context = Context::new("offset", "number, duration, step(), or range()");
const AT: Context = Context::new("@", "timestamp");

/// Where the modifiers of an expression are kept.
struct Modified<'e> {
    offset: &'e mut DurationValue,
    at: &'e mut Option<At>,
}

impl Parser<'_> {
    /// Takes all modifiers behind an operand.
    pub(super) fn modified(&mut self, mut operand: Operand) -> Parsed<Operand> {
        loop {
            match self.peek()?.kind {
                TokenKind::LeftBracket => operand = self.bracketed(operand)?,
                TokenKind::At => self.at(&mut operand.expr)?,
                TokenKind::Keyword(Keyword::Offset) => self.offset(&mut operand.expr)?,
                TokenKind::Keyword(Keyword::Anchored) => {
                    self.extended(&mut operand.expr, Extension::Anchored)?;
                }
                TokenKind::Keyword(Keyword::Smoothed) => {
                    self.extended(&mut operand.expr, Extension::Smoothed)?;
                }
                _ => return Ok(operand),
            }
            let end = self.end;
            set_end(&mut operand.expr, end);
        }
    }

    /// Takes a range, or a range and a step.
    fn bracketed(&mut self, operand: Operand) -> Parsed<Operand> {
        let bracket = self.next()?;
        let range = self.positive_duration(RANGE)?;
        match self.peek()?.kind {
            TokenKind::RightBracket => {
                self.next()?;
                let kind = match operand.expr {
                    Expr::VectorSelector(selector) if !selector.offset.is_zero() => {
                        ErrorKind::OffsetBeforeRange
                    }
                    Expr::VectorSelector(selector) if selector.at.is_some() => ErrorKind::AtBeforeRange,
                    Expr::VectorSelector(selector) => {
                        let span = self.span_from(selector.span.start);
                        let matrix = MatrixSelector { selector: *selector, range, span };
                        return Ok(Operand::leaf(Expr::MatrixSelector(Box::new(matrix))));
                    }
                    _ => ErrorKind::RangeOfNoSelector,
                };
                Err(Located::new(kind, bracket.span))
            }
            TokenKind::Colon => {
                self.next()?;
                let step = match self.peek()?.kind {
                    TokenKind::RightBracket => None,
                    // What is less than a millisecond is none, as in the original.
                    _ => Some(self.positive_duration(STEP)?).filter(|step| !step.is_zero()),
                };
                self.expect(TokenKind::RightBracket, STEP_END)?;
                let span = self.span_from(operand.expr.span().start);
                let (offset, at) = (DurationValue::default(), None);
                let subquery = Subquery { expr: operand.expr, range, step, offset, at, span };
                self.deeper(Expr::Subquery(Box::new(subquery)), operand.depth)
            }
            _ => Err(self.unexpected(RANGE_END)),
        }
    }

    /// Takes a duration expression; a literal must be more than zero.
    fn positive_duration(&mut self, context: Context) -> Parsed<DurationValue> {
        let expr = self.duration_expr(context)?;
        // The token behind is looked at first, as the original does.
        self.peek()?;
        match expr.node {
            DurationNode::Number { value, .. } if value <= 0.0 => {
                Err(Located::new(ErrorKind::DurationNotPositive, expr.span))
            }
            _ => Ok(expr.into()),
        }
    }

    fn offset(&mut self, expr: &mut Expr) -> Parsed<()> {
        self.next()?;
        let duration = self.offset_duration(OFFSET)?;
        let span = expr.span();
        let Some(modified) = modified(expr) else {
            return Err(Located::new(ErrorKind::MisplacedOffset, span));
        };
        if !modified.offset.is_zero() {
            return Err(Located::new(ErrorKind::OffsetSetTwice, span));
        }
        *modified.offset = duration.into();
        Ok(())
    }

    fn at(&mut self, expr: &mut Expr) -> Parsed<()> {
        self.next()?;
        let span = expr.span();
        let at = match self.peek()?.kind {
            TokenKind::Word(word @ (Word::Start | Word::End)) => {
                self.next()?;
                self.expect(TokenKind::LeftParen, AT)?;
                self.expect(TokenKind::RightParen, AT)?;
                if word == Word::Start { At::Start } else { At::End }
            }
            _ => {
                let seconds = self.signed_number(AT)?.value;
                let in_bounds = seconds > i64::MIN as f64 && seconds < i64::MAX as f64;
                if !in_bounds {
                    return Err(Located::new(ErrorKind::AtOutOfBounds(seconds), span));
                }
                At::Timestamp(round_to_milliseconds(seconds))
            }
        };
        let Some(modified) = modified(expr) else {
            return Err(Located::new(ErrorKind::MisplacedAt, span));
        };
        if modified.at.is_some() {
            return Err(Located::new(ErrorKind::AtSetTwice, span));
        }
        *modified.at = Some(at);
        Ok(())
    }

    fn extended(&mut self, expr: &mut Expr, extension: Extension) -> Parsed<()> {
        let keyword = self.next()?;
        let (name, span) = (extension.name(), expr.span().to(keyword.span));
        let failed = |kind| Err(Located::new(kind, span));
        if !self.options.extended_range_selectors {
            return failed(ErrorKind::ExtensionNotEnabled(name));
        }
        let slot = match expr {
            Expr::VectorSelector(selector) => &mut selector.extension,
            Expr::MatrixSelector(matrix) => &mut matrix.selector.extension,
            Expr::Subquery(_) => return failed(ErrorKind::ExtensionOfSubquery(name)),
            _ => return failed(ErrorKind::MisplacedExtension(name)),
        };
        if slot.is_some_and(|present| present != extension) {
            return failed(ErrorKind::ExtensionsTogether);
        }
        *slot = Some(extension);
        Ok(())
    }
}

/// The modifiers of an expression that can have some.
fn modified(expr: &mut Expr) -> Option<Modified<'_>> {
    match expr {
        Expr::VectorSelector(selector) => {
            Some(Modified { offset: &mut selector.offset, at: &mut selector.at })
        }
        Expr::MatrixSelector(matrix) => {
            Some(Modified { offset: &mut matrix.selector.offset, at: &mut matrix.selector.at })
        }
        Expr::Subquery(subquery) => Some(Modified { offset: &mut subquery.offset, at: &mut subquery.at }),
        _ => None,
    }
}

fn set_end(expr: &mut Expr, end: usize) {
    match expr {
        Expr::VectorSelector(selector) => selector.span.end = end,
        Expr::MatrixSelector(matrix) => {
            matrix.span.end = end;
            matrix.selector.span.end = end;
        }
        Expr::Subquery(subquery) => subquery.span.end = end,
        _ => {}
    }
}

/// Milliseconds of a time in seconds. What 64 bits cannot hold becomes the smallest number, as the conversion of
/// the original does on the machines it runs on.
fn round_to_milliseconds(seconds: f64) -> i64 {
    let milliseconds = (seconds * 1000.0).round();
    if milliseconds >= -(2f64.powi(63)) && milliseconds < 2f64.powi(63) {
        milliseconds as i64
    } else {
        i64::MIN
    }
}
