//! Operators between two expressions.

mod join;
mod set;

use logql_syntax::ast::{Binary, BinaryOperator, Matching};
use vectors::matching::Signature;
use vectors::{ABSENT, is_absent};

use super::series::{Evaluated, Series};
use crate::{Control, Result};

/// Computes `left operator right`.
pub(super) fn binary(
    binary: &Binary,
    left: Evaluated,
    right: Evaluated,
    steps: usize,
    control: &Control,
) -> Result<Evaluated> {
    let operation = Operation { operator: binary.operator, returns_bool: binary.returns_bool };
    match (left, right) {
        (Evaluated::Number(left), Evaluated::Number(right)) => {
            Ok(Evaluated::Number(binary.operator.apply(left, right)))
        }
        (Evaluated::Number(number), Evaluated::Series(series)) => {
            Ok(with_number(series, |value| operation.apply(number, value, value)))
        }
        (Evaluated::Series(series), Evaluated::Number(number)) => {
            Ok(with_number(series, |value| operation.apply(value, number, value)))
        }
        (Evaluated::Series(left), Evaluated::Series(right)) => {
            let series = match operation.operator {
                BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Unless => {
                    set::combine(operation.operator, binary.matching.as_ref(), left, right, steps)
                }
                _ => join::join(operation, binary.matching.as_ref(), &left, &right, (steps, control))?,
            };
            Ok(Evaluated::Series(series))
        }
    }
}

/// An operator between two values.
#[derive(Debug, Clone, Copy)]
struct Operation {
    operator: BinaryOperator,
    returns_bool: bool,
}

impl Operation {
    /// The result of two values; a comparison that filters gives `kept` or nothing.
    fn apply(self, left: f64, right: f64, kept: f64) -> f64 {
        if is_absent(left) || is_absent(right) {
            return ABSENT;
        }
        let result = self.operator.apply(left, right);
        match self.operator.is_comparison() && !self.returns_bool {
            true if result == 1.0 => kept,
            true => ABSENT,
            false => result,
        }
    }
}

/// Applies a function to every value.
fn with_number(mut series: Vec<Series>, function: impl Fn(f64) -> f64) -> Evaluated {
    for value in series.iter_mut().flat_map(|series| &mut series.span.values) {
        *value = if is_absent(*value) { ABSENT } else { function(*value) };
    }
    Evaluated::Series(series)
}

/// What makes two series meet; without a clause all of their labels.
fn signature(matching: Option<&Matching>) -> Signature {
    matching.map_or_else(
        || Signature::new(Vec::new(), false),
        |matching| Signature::new(matching.labels.clone(), matching.on),
    )
}
