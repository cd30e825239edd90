//! Histograms with histograms and with floats, one step at a time.

use std::sync::Arc;

use model::FloatHistogram;

use super::{BinaryOp, Comparing, float};
use crate::column::Cell;
use crate::remark::HistogramOperation;
use crate::{Column, Remark, Remarks};

/// What an operator says about two elements.
pub(super) enum Verdict {
    /// There is nothing, or the types do not go together.
    Nothing,
    /// A comparison holds.
    Keep,
    /// A comparison does not hold.
    Refuse,
    /// An arithmetic operator's number.
    Float(f64),
    /// An arithmetic operator's histogram.
    Histogram(FloatHistogram),
}

/// Applies an operator to two elements; returns what a comparison keeps, and the verdict.
pub(super) fn apply<'a>(
    op: BinaryOp,
    left: Cell<'a>,
    right: Cell<'a>,
    remarks: &mut Remarks,
) -> (Cell<'a>, Verdict) {
    let verdict = match (left, right) {
        (Cell::Absent, _) | (_, Cell::Absent) => Verdict::Nothing,
        (Cell::Float(left), Cell::Float(right)) if !op.is_trim() => match float::holds(op, left, right) {
            Some(true) => Verdict::Keep,
            Some(false) => Verdict::Refuse,
            None => Verdict::Float(float::arithmetic(op, left, right)),
        },
        (Cell::Float(_), Cell::Float(_)) => incompatible(op, "float", "float", remarks),
        (Cell::Float(factor), Cell::Histogram(histogram)) => match op {
            BinaryOp::Mul => Verdict::Histogram(scaled(histogram, |histogram| histogram.mul(factor))),
            _ => incompatible(op, "float", "histogram", remarks),
        },
        (Cell::Histogram(histogram), Cell::Float(number)) => with_float(op, histogram, number, remarks),
        (Cell::Histogram(left), Cell::Histogram(right)) => both(op, left, right, remarks),
    };
    (left, verdict)
}

/// Writes a verdict at a step.
pub(super) fn put(
    out: &mut Column,
    step: usize,
    op: BinaryOp,
    comparing: Comparing,
    kept: Cell<'_>,
    verdict: Verdict,
) {
    let bool_answer = op.is_comparison() && comparing == Comparing::Bool;
    match verdict {
        Verdict::Keep if bool_answer => out.set_float(step, 1.0),
        Verdict::Refuse if bool_answer => out.set_float(step, 0.0),
        Verdict::Keep => {
            // `kept` borrows from an operand, never from `out`.
            match kept {
                Cell::Absent => out.remove(step),
                Cell::Float(value) => out.set_float(step, value),
                Cell::Histogram(histogram) => out.set_histogram(step, Arc::clone(histogram)),
            }
        }
        Verdict::Nothing | Verdict::Refuse => out.remove(step),
        Verdict::Float(value) => out.set_float(step, value),
        Verdict::Histogram(histogram) => out.set_histogram(step, Arc::new(histogram)),
    }
}

fn with_float(op: BinaryOp, histogram: &FloatHistogram, number: f64, remarks: &mut Remarks) -> Verdict {
    match op {
        BinaryOp::Mul => Verdict::Histogram(scaled(histogram, |histogram| histogram.mul(number))),
        BinaryOp::Div => Verdict::Histogram(scaled(histogram, |histogram| histogram.div(number))),
        BinaryOp::TrimUpper => {
            Verdict::Histogram(scaled(histogram, |histogram| histogram.trim_above(number)))
        }
        BinaryOp::TrimLower => {
            Verdict::Histogram(scaled(histogram, |histogram| histogram.trim_below(number)))
        }
        _ => incompatible(op, "histogram", "float", remarks),
    }
}

fn both(op: BinaryOp, left: &FloatHistogram, right: &FloatHistogram, remarks: &mut Remarks) -> Verdict {
    let mut result = left.clone();
    let (reconciled, operation) = match op {
        BinaryOp::Add => (result.add(right), HistogramOperation::Addition),
        BinaryOp::Sub => (result.sub(right), HistogramOperation::Subtraction),
        BinaryOp::Eq => return verdict(left.same_as(right)),
        BinaryOp::NotEq => return verdict(!left.same_as(right)),
        _ => return incompatible(op, "histogram", "histogram", remarks),
    };
    match reconciled {
        Ok(reconciled) => {
            if reconciled.conflicting_resets {
                remarks.add(Remark::ConflictingResets(operation));
            }
            if reconciled.custom_bounds {
                remarks.add(Remark::ReconciledBounds(operation));
            }
            result.compact(0);
            Verdict::Histogram(result)
        }
        Err(_) => {
            remarks.add(Remark::IncompatibleBuckets { operator: op.symbol() });
            Verdict::Nothing
        }
    }
}

fn verdict(holds: bool) -> Verdict {
    if holds { Verdict::Keep } else { Verdict::Refuse }
}

fn scaled(histogram: &FloatHistogram, change: impl FnOnce(&mut FloatHistogram)) -> FloatHistogram {
    let mut result = histogram.clone();
    change(&mut result);
    result.compact(0);
    result
}

fn incompatible(op: BinaryOp, left: &'static str, right: &'static str, remarks: &mut Remarks) -> Verdict {
    remarks.add(Remark::IncompatibleTypes { operator: op.symbol(), left, right });
    Verdict::Nothing
}
