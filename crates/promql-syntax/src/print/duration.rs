//! Durations and expressions of them as text.

use std::fmt::{self, Display, Formatter};

use model::duration::format_duration_ms;
use model::number::format_plain;

use crate::ast::{self, DurationExpr, DurationNode, DurationOp, DurationValue};

/// A number of seconds as a duration.
pub(super) fn seconds(value: f64) -> impl Display {
    format_duration_ms(ast::whole_milliseconds(value))
}

impl Display for DurationValue {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.expr {
            Some(expr) => expr.fmt(formatter),
            // A range of less than a millisecond, `[0.0005]`, is taken, but `[0s]` is not.
            None if self.ms == 0 => formatter.write_str("0.0001"),
            None => formatter.write_str(&format_duration_ms(self.ms)),
        }
    }
}

impl Display for DurationExpr {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.wrapped {
            return write!(formatter, "({})", self.node);
        }
        self.node.fmt(formatter)
    }
}

impl DurationExpr {
    fn is_negative_literal(&self) -> bool {
        matches!(self.node, DurationNode::Number { value, .. } if value.is_sign_negative())
    }
}

impl Display for DurationNode {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { value, duration: true } => seconds(*value).fmt(formatter),
            Self::Number { value, duration: false } => formatter.write_str(&format_plain(*value)),
            Self::Step => formatter.write_str("step()"),
            Self::Range => formatter.write_str("range()"),
            Self::Negated(operand) => write!(formatter, "-{operand}"),
            Self::Binary { op, lhs, rhs } if op.is_call() => {
                write!(formatter, "{}({lhs}, {rhs})", op.symbol())
            }
            // Parentheses around literals are forgotten, but here the sign would be read as standing before the power.
            Self::Binary { op: DurationOp::Pow, lhs, rhs } if lhs.is_negative_literal() => {
                write!(formatter, "({lhs}) ^ {rhs}")
            }
            Self::Binary { op, lhs, rhs } => write!(formatter, "{lhs} {} {rhs}", op.symbol()),
        }
    }
}
