//! Summation that keeps what rounding loses (Neumaier's variant of Kahan's).

/// Adds `increment` to a running sum with its compensation; returns both anew.
///
/// The result of a summation is `sum + compensation`. An infinite sum has no compensation: it would be NaN.
#[inline(always)]
pub fn add(increment: f64, sum: f64, compensation: f64) -> (f64, f64) {
    let total = sum + increment;
    let lost =
        if sum.abs() >= increment.abs() { (sum - total) + increment } else { (increment - total) + sum };
    (total, if total.is_infinite() { 0.0 } else { compensation + lost })
}

#[cfg(test)]
mod tests {
    //! What plain addition loses is there at the end.

    use super::add;

    #[test]
    fn small_addends_survive_large_ones() {
        let mut sum = (0.0, 0.0);
        for value in [1.0, 1e100, 1.0, -1e100] {
            sum = add(value, sum.0, sum.1);
        }
        assert_eq!(sum.0 + sum.1, 2.0);
    }

    #[test]
    fn infinities_stay_infinite() {
        let (sum, compensation) = add(f64::INFINITY, 1.0, 0.5);
        assert_eq!(sum + compensation, f64::INFINITY);
        let (sum, compensation) = add(1.0, sum, compensation);
        assert_eq!(sum + compensation, f64::INFINITY);
    }
}
