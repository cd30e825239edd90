//! Duration expressions to durations, once the step and the range of a query are known.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::ast::{DurationExpr, DurationNode, DurationOp, DurationValue, Expr};
use crate::span::Span;

/// A duration expression without a usable value.
///
/// It displays as the original does, with bytes instead of lines and columns: `28:34: duration must be greater
/// than 0`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {kind}", span.start, span.end)]
pub struct DurationError {
    /// What is wrong.
    pub kind: DurationErrorKind,
    /// The expression, or the part of it that has no value.
    pub span: Span,
}

/// What is wrong with a duration expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DurationErrorKind {
    /// A range or a step of zero or less.
    #[error("duration must be greater than 0")]
    NotPositive,
    /// More than 64 bits of nanoseconds hold, or no number at all.
    #[error("duration is out of range")]
    OutOfRange,
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// A remainder of a division by zero.
    #[error("modulo by zero")]
    ModuloByZero,
}

/// The longest duration in seconds, that of 2^63 nanoseconds.
const SECONDS_MAX: f64 = (1u64 << 63) as f64 / 1e9;

/// Computes the duration expressions of a query, where it has any, whose steps are `step_ms` apart and which covers `range_ms` (both
/// are 0 for an instant query), and keeps the results in [`DurationValue::ms`]. The expressions stay, so that the
/// query is still shown as it was written.
///
/// # Errors
/// An expression has no value, or a range or step one of zero or less.
pub fn resolve_durations(expr: &Expr, step_ms: i64, range_ms: i64) -> Result<Cow<'_, Expr>, DurationError> {
    if !has_expressions(expr) {
        return Ok(Cow::Borrowed(expr));
    }
    let query = Query { step: step_ms as f64 / 1000.0, range: range_ms as f64 / 1000.0 };
    let mut expr = expr.clone();
    query.resolve(&mut expr)?;
    Ok(Cow::Owned(expr))
}

/// Whether any duration is an expression.
fn has_expressions(expr: &Expr) -> bool {
    let is_expression = |value: &DurationValue| value.expr.is_some();
    match expr {
        Expr::Number(_) | Expr::String(_) => false,
        Expr::VectorSelector(selector) => is_expression(&selector.offset),
        Expr::MatrixSelector(matrix) => {
            is_expression(&matrix.selector.offset) || is_expression(&matrix.range)
        }
        Expr::Subquery(subquery) => {
            is_expression(&subquery.offset)
                || is_expression(&subquery.range)
                || subquery.step.as_ref().is_some_and(is_expression)
                || has_expressions(&subquery.expr)
        }
        Expr::Unary(unary) => has_expressions(&unary.expr),
        Expr::Paren(paren) => has_expressions(&paren.expr),
        Expr::Binary(binary) => has_expressions(&binary.lhs) || has_expressions(&binary.rhs),
        Expr::Aggregate(aggregate) => {
            aggregate.param.as_ref().is_some_and(has_expressions) || has_expressions(&aggregate.expr)
        }
        Expr::Call(call) => call.args.iter().any(has_expressions),
    }
}

/// What `step()` and `range()` are, in seconds.
struct Query {
    step: f64,
    range: f64,
}

/// Whether a duration may be zero or less.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Any,
    Positive,
}

impl Query {
    fn resolve(&self, expr: &mut Expr) -> Result<(), DurationError> {
        match expr {
            Expr::Number(_) | Expr::String(_) => Ok(()),
            Expr::VectorSelector(selector) => self.value(&mut selector.offset, Sign::Any),
            Expr::MatrixSelector(matrix) => {
                self.value(&mut matrix.selector.offset, Sign::Any)?;
                self.value(&mut matrix.range, Sign::Positive)
            }
            Expr::Subquery(subquery) => {
                self.value(&mut subquery.offset, Sign::Any)?;
                self.value(&mut subquery.range, Sign::Positive)?;
                if let Some(step) = &mut subquery.step {
                    self.value(step, Sign::Positive)?;
                }
                self.resolve(&mut subquery.expr)
            }
            Expr::Unary(unary) => self.resolve(&mut unary.expr),
            Expr::Paren(paren) => self.resolve(&mut paren.expr),
            Expr::Binary(binary) => {
                self.resolve(&mut binary.lhs)?;
                self.resolve(&mut binary.rhs)
            }
            Expr::Aggregate(aggregate) => {
                if let Some(param) = &mut aggregate.param {
                    self.resolve(param)?;
                }
                self.resolve(&mut aggregate.expr)
            }
            Expr::Call(call) => call.args.iter_mut().try_for_each(|argument| self.resolve(argument)),
        }
    }

    fn value(&self, value: &mut DurationValue, sign: Sign) -> Result<(), DurationError> {
        let Some(expr) = &value.expr else { return Ok(()) };
        let failed = |kind| Err(DurationError { kind, span: expr.span });
        let seconds = self.seconds(expr)?;
        if sign == Sign::Positive && seconds <= 0.0 {
            return failed(DurationErrorKind::NotPositive);
        }
        if !seconds.is_finite() || seconds.abs() > SECONDS_MAX {
            return failed(DurationErrorKind::OutOfRange);
        }
        // Whole milliseconds, without rounding.
        value.ms = (seconds * 1000.0) as i64;
        Ok(())
    }

    fn seconds(&self, expr: &DurationExpr) -> Result<f64, DurationError> {
        Ok(match &expr.node {
            DurationNode::Number { value, .. } => *value,
            DurationNode::Step => self.step,
            DurationNode::Range => self.range,
            DurationNode::Negated(operand) => -self.seconds(operand)?,
            DurationNode::Binary { op, lhs, rhs } => {
                let (lhs, rhs) = (self.seconds(lhs)?, self.seconds(rhs)?);
                let failed = |kind| Err(DurationError { kind, span: expr.span });
                match op {
                    DurationOp::Add => lhs + rhs,
                    DurationOp::Sub => lhs - rhs,
                    DurationOp::Mul => lhs * rhs,
                    DurationOp::Div if rhs == 0.0 => return failed(DurationErrorKind::DivisionByZero),
                    DurationOp::Div => lhs / rhs,
                    DurationOp::Mod if rhs == 0.0 => return failed(DurationErrorKind::ModuloByZero),
                    DurationOp::Mod => lhs % rhs,
                    DurationOp::Pow => lhs.powf(rhs),
                    DurationOp::MinOf => lhs.min(rhs),
                    DurationOp::MaxOf => lhs.max(rhs),
                }
            }
        })
    }
}
