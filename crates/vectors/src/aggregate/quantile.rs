//! `quantile`: all values of a group, sorted at the end.

use std::cmp::Ordering;

use super::ignore_histograms;
use crate::{ABSENT, Column, Remarks, is_absent};

/// The values of one group.
#[derive(Debug, Clone)]
pub struct Samples {
    steps: usize,
    /// The quantile at each step.
    params: Vec<f64>,
    /// Shape: `[series][steps]`.
    values: Vec<f64>,
}

impl Samples {
    pub(super) fn new(steps: usize, params: &[f64]) -> Self {
        Self { steps, params: params.to_vec(), values: Vec::new() }
    }

    pub(super) fn add(&mut self, column: &Column, remarks: &mut Remarks) {
        ignore_histograms(column, "quantile", remarks);
        self.values.extend_from_slice(column.values());
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.values.extend_from_slice(&other.values);
    }

    pub(super) fn finish(&mut self, out: &mut Column) {
        out.reset(self.steps);
        let mut at_step: Vec<f64> = Vec::new();
        for (step, place) in out.values_mut().iter_mut().enumerate() {
            at_step.clear();
            let column = self.values.iter().skip(step).step_by(self.steps);
            at_step.extend(column.filter(|value| !is_absent(**value)));
            let param = self.params.get(step).copied().unwrap_or(f64::NAN);
            *place = if at_step.is_empty() { ABSENT } else { quantile(param, &mut at_step) };
        }
        self.values.clear();
    }

    pub(super) fn bytes(&self) -> usize {
        8 * (self.values.capacity() + self.params.len())
    }
}

/// The order that quantiles are taken in: NaN counts as smaller than all.
pub fn quantile_order(a: &f64, b: &f64) -> Ordering {
    b.is_nan().cmp(&a.is_nan()).then_with(|| a.total_cmp(b))
}

/// The value below which the share `q` of the values lies, interpolated between neighbours; the values are
/// reordered. NaN counts as smaller than all. Without values NaN, outside of 0 to 1 an infinity.
pub fn quantile(q: f64, values: &mut [f64]) -> f64 {
    let (rank, weight) = match place(q, values.len()) {
        Ok(place) => place,
        Err(value) => return value,
    };
    let (_, low, above) = values.select_nth_unstable_by(rank, quantile_order);
    let low = *low;
    let high = above.iter().copied().min_by(quantile_order).unwrap_or(low);
    low * (1.0 - weight) + high * weight
}

/// As [`quantile`], of values that are in the order of [`quantile_order`].
pub fn quantile_of_sorted(q: f64, values: &[f64]) -> f64 {
    let (rank, weight) = match place(q, values.len()) {
        Ok(place) => place,
        Err(value) => return value,
    };
    let low = values.get(rank).copied().unwrap_or(f64::NAN);
    let high = values.get(rank + 1).copied().unwrap_or(low);
    low * (1.0 - weight) + high * weight
}

/// The place of a quantile among so many values, and how far it lies towards the next one; as an error the value where
/// there is no place.
fn place(q: f64, count: usize) -> Result<(usize, f64), f64> {
    if count == 0 || q.is_nan() {
        return Err(f64::NAN);
    }
    if q < 0.0 {
        return Err(f64::NEG_INFINITY);
    }
    if q > 1.0 {
        return Err(f64::INFINITY);
    }
    let last = count - 1;
    let rank = q * last as f64;
    Ok(((rank.floor() as usize).min(last), rank - rank.floor()))
}
