//! Classic histograms made into native ones.

use super::*;
use crate::histogram::{ClassicError, ClassicHistogram, NativeForm};

fn classic(buckets: &[(f64, f64)], count: Option<f64>, sum: f64) -> Result<NativeForm, ClassicError> {
    let mut histogram = ClassicHistogram::default();
    for (bound, cumulative) in buckets {
        histogram.set_bucket(*bound, *cumulative)?;
    }
    if let Some(count) = count {
        histogram.set_count(count)?;
    }
    histogram.set_sum(sum);
    histogram.to_native()
}

#[test]
fn cumulative_buckets_become_custom_buckets() {
    let inf = f64::INFINITY;
    let form = classic(&[(inf, 10.0), (0.5, 3.0), (1.0, 3.0), (5.0, 9.0)], Some(10.0), 12.5).unwrap();
    let NativeForm::Whole(whole) = form else { panic!("whole counts expected") };
    assert_eq!(whole.validate(), Ok(()));
    let expected =
        empty().custom(&[0.5, 1.0, 5.0]).totals(10.0, 12.5).up(0, &[3.0, 0.0, 6.0, 1.0]).compacted();
    assert_eq!(whole.to_float(), expected);
}

#[test]
fn bucket_of_everything_may_be_missing() {
    let form = classic(&[(1.0, 3.0)], Some(4.0), 0.0).unwrap();
    let expected = empty().custom(&[1.0]).totals(4.0, 0.0).up(0, &[3.0, 1.0]);
    assert_eq!(form, NativeForm::Whole(expected.to_whole().unwrap()));
    let form = classic(&[(1.0, 3.0)], None, 0.0).unwrap();
    assert_eq!(
        form,
        NativeForm::Whole(empty().custom(&[1.0]).totals(3.0, 0.0).up(0, &[3.0]).to_whole().unwrap())
    );
    let form = classic(&[], Some(4.0), 0.0).unwrap();
    assert_eq!(
        form,
        NativeForm::Whole(empty().custom(&[]).totals(4.0, 0.0).up(0, &[4.0]).to_whole().unwrap())
    );
}

#[test]
fn fractions_make_a_float_histogram() {
    let form = classic(&[(1.0, 0.5), (f64::INFINITY, 2.0)], None, 1.0).unwrap();
    assert_eq!(form, NativeForm::Fractional(empty().custom(&[1.0]).totals(2.0, 1.0).up(0, &[0.5, 1.5])));
}

#[test]
fn contradictions_are_errors() {
    let inf = f64::INFINITY;
    assert!(matches!(
        classic(&[(1.0, 3.0), (2.0, 2.0)], None, 0.0),
        Err(ClassicError::CountsNotAscending { .. })
    ));
    assert!(matches!(classic(&[(1.0, 3.0)], Some(2.0), 0.0), Err(ClassicError::CountsNotAscending { .. })));
    assert!(matches!(classic(&[(inf, 3.0)], Some(4.0), 0.0), Err(ClassicError::CountMismatch { .. })));
    assert!(matches!(classic(&[(1.0, -3.0)], None, 0.0), Err(ClassicError::InvalidCount { .. })));
    assert!(matches!(classic(&[(1.0, f64::NAN)], None, 0.0), Err(ClassicError::InvalidCount { .. })));
    assert_eq!(classic(&[(f64::NAN, 1.0)], None, 0.0), Err(ClassicError::BoundNotANumber));
    assert_eq!(classic(&[], None, 0.0), Err(ClassicError::Empty));
}

#[test]
fn whole_numbers_survive_the_way_there_and_back() {
    let float = empty().totals(9.0, 1.5).zero(0.1, 2.0).up(0, &[3.0, 0.0, 1.0]).down(2, &[3.0]);
    assert_eq!(float.to_whole().unwrap().to_float(), float);
    assert_eq!(empty().totals(1.5, 0.0).to_whole(), None);
    assert_eq!(empty().totals(2.0, 0.0).up(0, &[-1.0]).to_whole(), None);
    assert_eq!(empty().totals(f64::NAN, 0.0).to_whole(), None);
    assert_eq!(empty().totals(1e300, 0.0).to_whole(), None);
}
