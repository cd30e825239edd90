//! `quantile`: all values of a group, sorted at the end.

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

/// The value below which the share `q` of the values lies, interpolated between neighbours; the values are
/// reordered. NaN counts as smaller than all. Without values NaN, outside of 0 to 1 an infinity.
pub fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let last = values.len() - 1;
    let rank = q * last as f64;
    let lower = (rank.floor() as usize).min(last);
    let weight = rank - rank.floor();
    let order = |a: &f64, b: &f64| b.is_nan().cmp(&a.is_nan()).then_with(|| a.total_cmp(b));
    let (_, low, above) = values.select_nth_unstable_by(lower, order);
    let low = *low;
    let high = above.iter().copied().min_by(order).unwrap_or(low);
    low * (1.0 - weight) + high * weight
}
