//! Operators that compute one value from two, over whole columns.
//!
//! [`combine`] pairs two vectors' elements, [`with_scalar`] a vector's elements with numbers, [`scalars`] numbers.
//! Floats run in tight loops; a step with a histogram takes the slow way through `histogram`.

mod float;
mod histogram;
#[cfg(test)]
mod tests;

use crate::column::Cell;
use crate::matching::Side;
use crate::{ABSENT, Column, Remarks, is_absent};

pub use float::arithmetic;

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
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
    /// `atan2`
    Atan2,
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `>`
    Gt,
    /// `<`
    Lt,
    /// `>=`
    GtEq,
    /// `<=`
    LtEq,
    /// `</`
    TrimUpper,
    /// `>/`
    TrimLower,
}

impl BinaryOp {
    /// The operator as it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "^",
            Self::Atan2 => "atan2",
            Self::Eq => "==",
            Self::NotEq => "!=",
            Self::Gt => ">",
            Self::Lt => "<",
            Self::GtEq => ">=",
            Self::LtEq => "<=",
            Self::TrimUpper => "</",
            Self::TrimLower => ">/",
        }
    }

    /// Whether it compares: it filters elements, or answers 0 and 1.
    pub const fn is_comparison(self) -> bool {
        matches!(self, Self::Eq | Self::NotEq | Self::Gt | Self::Lt | Self::GtEq | Self::LtEq)
    }

    /// Whether it trims histograms.
    pub const fn is_trim(self) -> bool {
        matches!(self, Self::TrimUpper | Self::TrimLower)
    }
}

/// What a comparison gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparing {
    /// The element itself where the comparison holds, else nothing.
    Filter,
    /// 1 where it holds, else 0.
    Bool,
}

/// Computes `left op right` at every step at which both columns have a value; `out` becomes as long as they are.
///
/// A comparison that filters keeps the left value.
pub fn combine(
    op: BinaryOp,
    comparing: Comparing,
    left: &Column,
    right: &Column,
    out: &mut Column,
    remarks: &mut Remarks,
) {
    let steps = left.len();
    out.reset(steps);
    if !left.has_histograms() && !right.has_histograms() && !op.is_trim() {
        let pairs = left.values().iter().zip(right.values());
        float::vectors(op, comparing, pairs, out.values_mut());
        return;
    }
    for step in 0..steps {
        let (kept, verdict) = histogram::apply(op, left.cell(step), right.cell(step), remarks);
        histogram::put(out, step, op, comparing, kept, verdict);
    }
}

/// Computes `left op right` of two elements and writes it at a step of `out`; returns whether there is a result.
pub fn combine_at(
    op: BinaryOp,
    comparing: Comparing,
    elements: (Cell<'_>, Cell<'_>),
    out: &mut Column,
    step: usize,
    remarks: &mut Remarks,
) -> bool {
    let (kept, verdict) = histogram::apply(op, elements.0, elements.1, remarks);
    histogram::put(out, step, op, comparing, kept, verdict);
    out.is_present(step)
}

/// Computes `vector op scalar` (or `scalar op vector`, by the side on which the scalars stand) in place.
///
/// A comparison that filters keeps the vector's value.
pub fn with_scalar(
    op: BinaryOp,
    comparing: Comparing,
    vector: &mut Column,
    scalars: &[f64],
    side: Side,
    remarks: &mut Remarks,
) {
    if !vector.has_histograms() && !op.is_trim() {
        float::vector_scalars(op, comparing, vector.values_mut(), scalars, side);
        return;
    }
    for (step, scalar) in scalars.iter().enumerate() {
        let scalar = Cell::Float(*scalar);
        let element = vector.cell(step);
        let (_, verdict) = match side {
            Side::Left => histogram::apply(op, scalar, element, remarks),
            Side::Right => histogram::apply(op, element, scalar, remarks),
        };
        match verdict {
            histogram::Verdict::Keep if comparing == Comparing::Filter => {}
            verdict => {
                let kept = Cell::Absent;
                histogram::put(vector, step, op, comparing, kept, verdict);
            }
        }
    }
}

/// Computes `left op right` on numbers; a comparison answers 0 or 1.
pub fn scalars(op: BinaryOp, left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter()
        .zip(right)
        .map(|(left, right)| match float::holds(op, *left, *right) {
            Some(holds) => f64::from(u8::from(holds)),
            None => float::arithmetic(op, *left, *right),
        })
        .collect()
}

/// The value, or a hole where either operand is one.
#[inline(always)]
fn unless_absent(left: f64, right: f64, value: f64) -> f64 {
    if is_absent(left) || is_absent(right) { ABSENT } else { value }
}
