//! Durations, and expressions of them.

use crate::span::Span;

/// A duration that is written as a literal, or computed when the step and range of the query are known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DurationValue {
    /// Milliseconds; 0 while an expression is not resolved (see [`crate::resolve_durations`]).
    pub ms: i64,
    /// The expression, `None` for a literal.
    pub expr: Option<Box<DurationExpr>>,
}

impl DurationValue {
    /// A literal.
    pub const fn fixed(ms: i64) -> Self {
        Self { ms, expr: None }
    }

    /// Whether nothing was written: a literal of zero.
    pub const fn is_zero(&self) -> bool {
        self.ms == 0 && self.expr.is_none()
    }
}

/// A part of a duration expression.
#[derive(Debug, Clone, PartialEq)]
pub struct DurationExpr {
    /// What it is.
    pub node: DurationNode,
    /// Whether it stands in parentheses.
    pub wrapped: bool,
    /// Where it stands.
    pub span: Span,
}

/// What a part of a duration expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum DurationNode {
    /// A number of seconds.
    Number {
        /// Seconds.
        value: f64,
        /// Whether it was written as a duration (`5m`).
        duration: bool,
    },
    /// `step()`: the step of the query.
    Step,
    /// `range()`: the time from the first to the last step of the query.
    Range,
    /// `-` before what is no literal.
    Negated(Box<DurationExpr>),
    /// An operator, or `min_of` and `max_of`.
    Binary {
        /// The operator.
        op: DurationOp,
        /// Left operand.
        lhs: Box<DurationExpr>,
        /// Right operand.
        rhs: Box<DurationExpr>,
    },
}

/// An operator of duration expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DurationOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `^`
    Pow,
    /// `min_of(a, b)`
    MinOf,
    /// `max_of(a, b)`
    MaxOf,
}

impl DurationOp {
    /// The operator as it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "^",
            Self::MinOf => "min_of",
            Self::MaxOf => "max_of",
        }
    }

    /// Whether it is written as a call.
    pub const fn is_call(self) -> bool {
        matches!(self, Self::MinOf | Self::MaxOf)
    }
}

/// Whole milliseconds of a literal in seconds. What is below is cut off, but for the error that binary fractions
/// have: 1.001 seconds are 1001 milliseconds.
pub(crate) fn whole_milliseconds(seconds: f64) -> i64 {
    let nearest = (seconds * 1000.0).round();
    if (nearest / 1000.0 - seconds).abs() <= seconds.abs() * f64::EPSILON {
        return nearest as i64;
    }
    (seconds * 1e9).round() as i64 / 1_000_000
}
