//! Sums of whole numbers and of their squares: what is asked of a window is known from its ends, without rounding.

use std::ops::Range;

/// The largest whole number up to which every one is a float.
const WHOLE_MAX: u64 = 1 << f64::MANTISSA_DIGITS;

/// Sums of the first values and of their squares, none and all of them included, counted from the first value.
#[derive(Debug)]
pub(super) struct Moments(Vec<(i64, i64)>);

impl Moments {
    /// Of values that are whole numbers and not too far from each other; `None` of others.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let base = whole(*values.first()?)?;
        let (mut sum, mut squares) = (0_i64, 0_i64);
        let mut moments = Vec::with_capacity(values.len() + 1);
        moments.push((sum, squares));
        for value in values {
            let distance = i64::from(i32::try_from(whole(*value)? - base).ok()?);
            sum += distance;
            squares = squares.checked_add(distance * distance)?;
            moments.push((sum, squares));
        }
        Some(Self(moments))
    }

    /// The variance of the values of a window that is not empty.
    pub(super) fn variance(&self, window: &Range<usize>) -> f64 {
        let at = |place: usize| self.0.get(place).copied().unwrap_or_default();
        let ((sum_before, squares_before), (sum, squares)) = (at(window.start), at(window.end));
        let count = window.len() as i128;
        let (sum, squares) = (i128::from(sum - sum_before), i128::from(squares - squares_before));
        (count * squares - sum * sum) as f64 / (count * count) as f64
    }
}

fn whole(value: f64) -> Option<i64> {
    let whole = value as i64;
    (whole as f64 == value && whole.unsigned_abs() <= WHOLE_MAX).then_some(whole)
}
