//! Operators over columns.

use std::sync::Arc;

use model::FloatHistogram;

use super::{BinaryOp, Comparing, combine, scalars, with_scalar};
use crate::column::Cell;
use crate::matching::Side;
use crate::{ABSENT, Column, Remark, Remarks, is_absent};

fn floats(values: &[f64]) -> Column {
    Column::from_floats(values.to_vec())
}

fn combined(op: BinaryOp, comparing: Comparing, left: &Column, right: &Column) -> (Column, Remarks) {
    let mut out = Column::default();
    let mut remarks = Remarks::new();
    combine(op, comparing, left, right, &mut out, &mut remarks);
    (out, remarks)
}

#[test]
fn a_value_needs_both_sides() {
    let (out, _) = combined(
        BinaryOp::Add,
        Comparing::Filter,
        &floats(&[1.0, ABSENT, 3.0]),
        &floats(&[10.0, 20.0, ABSENT]),
    );
    assert_eq!(out.values()[0], 11.0);
    assert!(is_absent(out.values()[1]) && is_absent(out.values()[2]));
}

#[test]
fn comparisons_filter_or_answer() {
    let (left, right) = (floats(&[1.0, 5.0]), floats(&[2.0, 2.0]));
    let (out, _) = combined(BinaryOp::Gt, Comparing::Filter, &left, &right);
    assert!(is_absent(out.values()[0]));
    assert_eq!(out.values()[1], 5.0);
    let (out, _) = combined(BinaryOp::Gt, Comparing::Bool, &left, &right);
    assert_eq!(out.values(), [0.0, 1.0]);
}

#[test]
fn a_scalar_on_the_left_is_compared_but_not_kept() {
    let mut column = floats(&[1.0, 5.0, ABSENT]);
    let mut remarks = Remarks::new();
    with_scalar(BinaryOp::Lt, Comparing::Filter, &mut column, &[2.0; 3], Side::Left, &mut remarks);
    assert!(is_absent(column.values()[0]) && is_absent(column.values()[2]));
    assert_eq!(column.values()[1], 5.0);
    with_scalar(BinaryOp::Sub, Comparing::Filter, &mut column, &[2.0; 3], Side::Left, &mut remarks);
    assert_eq!(column.values()[1], -3.0);
}

#[test]
fn scalars_compare_to_zero_and_one() {
    assert_eq!(scalars(BinaryOp::Eq, &[1.0, 2.0], &[1.0, 3.0]), [1.0, 0.0]);
    assert_eq!(scalars(BinaryOp::Mod, &[-5.0], &[3.0]), [-2.0]);
}

#[test]
fn types_that_do_not_go_together_are_dropped_with_a_remark() {
    let mut left = floats(&[1.0, 2.0]);
    left.set_histogram(1, Arc::new(FloatHistogram { sum: 3.0, count: 2.0, ..FloatHistogram::default() }));
    let (out, mut remarks) = combined(BinaryOp::Add, Comparing::Filter, &left, &floats(&[1.0, 1.0]));
    assert_eq!(out.values()[0], 2.0);
    assert!(!out.is_present(1));
    let expected = Remark::IncompatibleTypes { operator: "+", left: "histogram", right: "float" };
    assert_eq!(remarks.drain().collect::<Vec<_>>(), [expected]);
    let (out, remarks) = combined(BinaryOp::Mul, Comparing::Filter, &left, &floats(&[1.0, 2.0]));
    assert!(matches!(out.cell(1), Cell::Histogram(histogram) if histogram.sum == 6.0));
    assert!(remarks.is_empty());
}
