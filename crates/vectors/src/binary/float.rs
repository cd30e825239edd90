//! Floats with floats.

use super::{BinaryOp, Comparing, unless_absent};
use crate::ABSENT;
use crate::matching::Side;

/// The value of an arithmetic operator; NaN for the others.
pub fn arithmetic(op: BinaryOp, left: f64, right: f64) -> f64 {
    match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::Mod => left % right,
        BinaryOp::Pow => left.powf(right),
        BinaryOp::Atan2 => left.atan2(right),
        _ => f64::NAN,
    }
}

/// Whether a comparison holds; `None` for other operators.
pub(super) fn holds(op: BinaryOp, left: f64, right: f64) -> Option<bool> {
    Some(match op {
        BinaryOp::Eq => left == right,
        BinaryOp::NotEq => left != right,
        BinaryOp::Gt => left > right,
        BinaryOp::Lt => left < right,
        BinaryOp::GtEq => left >= right,
        BinaryOp::LtEq => left <= right,
        _ => return None,
    })
}

/// Chooses the operator once, outside of the loop over steps.
macro_rules! with_operator {
    ($op:expr, $comparing:expr, $run:ident) => {
        match ($op, $comparing) {
            (BinaryOp::Add, _) => $run!(|left: f64, right: f64, _keep: f64| left + right),
            (BinaryOp::Sub, _) => $run!(|left: f64, right: f64, _keep: f64| left - right),
            (BinaryOp::Mul, _) => $run!(|left: f64, right: f64, _keep: f64| left * right),
            (BinaryOp::Div, _) => $run!(|left: f64, right: f64, _keep: f64| left / right),
            (BinaryOp::Mod, _) => $run!(|left: f64, right: f64, _keep: f64| left % right),
            (BinaryOp::Pow, _) => $run!(|left: f64, right: f64, _keep: f64| left.powf(right)),
            (BinaryOp::Atan2, _) => $run!(|left: f64, right: f64, _keep: f64| left.atan2(right)),
            (BinaryOp::Eq, Comparing::Filter) => $run!(|left, right, keep| kept(left == right, keep)),
            (BinaryOp::NotEq, Comparing::Filter) => $run!(|left, right, keep| kept(left != right, keep)),
            (BinaryOp::Gt, Comparing::Filter) => $run!(|left, right, keep| kept(left > right, keep)),
            (BinaryOp::Lt, Comparing::Filter) => $run!(|left, right, keep| kept(left < right, keep)),
            (BinaryOp::GtEq, Comparing::Filter) => $run!(|left, right, keep| kept(left >= right, keep)),
            (BinaryOp::LtEq, Comparing::Filter) => $run!(|left, right, keep| kept(left <= right, keep)),
            (BinaryOp::Eq, Comparing::Bool) => $run!(|left, right, _keep| number(left == right)),
            (BinaryOp::NotEq, Comparing::Bool) => $run!(|left, right, _keep| number(left != right)),
            (BinaryOp::Gt, Comparing::Bool) => $run!(|left, right, _keep| number(left > right)),
            (BinaryOp::Lt, Comparing::Bool) => $run!(|left, right, _keep| number(left < right)),
            (BinaryOp::GtEq, Comparing::Bool) => $run!(|left, right, _keep| number(left >= right)),
            (BinaryOp::LtEq, Comparing::Bool) => $run!(|left, right, _keep| number(left <= right)),
            // Trims work on histograms only; floats that meet them are told of and dropped elsewhere.
            (BinaryOp::TrimUpper | BinaryOp::TrimLower, _) => $run!(|_left, _right, _keep| ABSENT),
        }
    };
}

#[inline(always)]
fn kept(holds: bool, value: f64) -> f64 {
    if holds { value } else { ABSENT }
}

#[inline(always)]
fn number(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// Two vectors' floats; a filter keeps the left one.
pub(super) fn vectors<'a>(
    op: BinaryOp,
    comparing: Comparing,
    pairs: impl Iterator<Item = (&'a f64, &'a f64)>,
    out: &mut [f64],
) {
    macro_rules! run {
        ($function:expr) => {
            for (place, (left, right)) in out.iter_mut().zip(pairs) {
                *place = unless_absent(*left, *right, typed($function)(*left, *right, *left));
            }
        };
    }
    with_operator!(op, comparing, run);
}

/// A vector's floats and scalars in place; a filter keeps the vector's float.
pub(super) fn vector_scalars(
    op: BinaryOp,
    comparing: Comparing,
    vector: &mut [f64],
    scalars: &[f64],
    side: Side,
) {
    macro_rules! run {
        ($function:expr) => {
            match side {
                Side::Right => {
                    for (place, scalar) in vector.iter_mut().zip(scalars) {
                        *place = unless_absent(*place, 0.0, typed($function)(*place, *scalar, *place));
                    }
                }
                Side::Left => {
                    for (place, scalar) in vector.iter_mut().zip(scalars) {
                        *place = unless_absent(*place, 0.0, typed($function)(*scalar, *place, *place));
                    }
                }
            }
        };
    }
    with_operator!(op, comparing, run);
}

/// Tells the compiler the types of a closure's arguments.
#[inline(always)]
fn typed<F: Fn(f64, f64, f64) -> f64>(function: F) -> F {
    function
}
