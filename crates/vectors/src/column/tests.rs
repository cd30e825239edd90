//! Columns hold at each step one thing or nothing.

use std::sync::Arc;

use model::FloatHistogram;

use super::{ABSENT, Cell, Column, is_absent};

#[test]
fn a_step_holds_a_float_or_a_histogram_never_both() {
    let mut column = Column::new(3);
    assert!(column.is_blank());
    column.set_float(0, 1.0);
    column.set_histogram(0, Arc::new(FloatHistogram::default()));
    column.set_histogram(1, Arc::new(FloatHistogram::default()));
    column.set_float(1, 2.0);
    assert!(matches!(column.cell(0), Cell::Histogram(_)));
    assert!(is_absent(column.values()[0]));
    assert!(matches!(column.cell(1), Cell::Float(2.0)));
    assert!(matches!(column.cell(2), Cell::Absent));
    assert!(matches!(column.cell(9), Cell::Absent));
}

#[test]
fn functions_leave_holes_alone_and_drop_histograms() {
    let mut column = Column::from_floats(vec![1.0, ABSENT, f64::NAN]);
    column.set_histogram(1, Arc::new(FloatHistogram::default()));
    column.map_floats(|_| 7.0);
    assert_eq!(column.values()[0], 7.0);
    assert!(is_absent(column.values()[1]));
    assert_eq!(column.values()[2], 7.0, "a stored NaN is a value");
    assert!(!column.has_histograms());
}

#[test]
fn no_arithmetic_makes_a_hole() {
    for other in [ABSENT, 0.0, f64::INFINITY, f64::NAN] {
        for result in
            [ABSENT + other, other - ABSENT, ABSENT * other, other / ABSENT, -ABSENT, ABSENT % other]
        {
            assert!(!is_absent(std::hint::black_box(result)));
        }
    }
}
