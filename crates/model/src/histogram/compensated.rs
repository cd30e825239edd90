//! Sums and means of many histograms without the rounding errors of plain addition.

use super::arithmetic::make_room;
use super::layout::{Indexed, Locator};
use super::shape::Shape;
use super::{Error, FloatHistogram, Reconciled, Span};

/// Below this no sum of two values, however many buckets are merged, exceeds the range of floats.
const FAR_FROM_OVERFLOW: f64 = 1e300;

/// A sum of histograms that keeps the rounding error of every number aside (Kahan's and Neumaier's summation).
#[derive(Debug, Clone)]
pub struct CompensatedHistogram {
    value: FloatHistogram,
    /// The errors, in the same layout.
    error: FloatHistogram,
}

impl CompensatedHistogram {
    /// A sum that begins with `first`.
    pub fn new(first: FloatHistogram) -> Self {
        let mut error = first.clone();
        error.mul(0.0);
        // Zero times infinity is no zero.
        let buckets = error.positive_buckets.iter_mut().chain(&mut error.negative_buckets);
        for value in buckets.chain([&mut error.zero_count, &mut error.count, &mut error.sum]) {
            *value = 0.0;
        }
        Self { value: first, error }
    }

    /// Adds a histogram as [`FloatHistogram::add`] does.
    ///
    /// # Errors
    ///
    /// If one has exponential and the other custom buckets; the sum is unchanged then.
    pub fn add(&mut self, other: &FloatHistogram) -> Result<Reconciled, Error> {
        let shape = Shape::common(&self.value, other)?;
        let custom_bounds = self.value.bounds_differ(other);
        let other = other.reshaped(&shape)?;
        self.value.reshape(&shape)?;
        self.error.reshape(&shape)?;
        let conflicting_resets = self.value.combine_hints(other.counter_reset_hint);
        let (value, error) = (&mut self.value, &mut self.error);
        accumulate(&mut value.zero_count, &mut error.zero_count, other.zero_count);
        accumulate(&mut value.count, &mut error.count, other.count);
        accumulate(&mut value.sum, &mut error.sum, other.sum);
        accumulate_side(
            (&mut value.positive_spans, &mut value.positive_buckets),
            (&mut error.positive_spans, &mut error.positive_buckets),
            (&other.positive_spans, &other.positive_buckets),
        );
        accumulate_side(
            (&mut value.negative_spans, &mut value.negative_buckets),
            (&mut error.negative_spans, &mut error.negative_buckets),
            (&other.negative_spans, &other.negative_buckets),
        );
        Ok(Reconciled { conflicting_resets, custom_bounds })
    }

    /// Multiplies the sum; a negative factor makes it a gauge.
    pub fn mul(&mut self, factor: f64) {
        self.value.mul(factor);
        self.error.mul(factor);
    }

    /// Divides the sum; the divisor is not zero.
    pub fn div(&mut self, divisor: f64) {
        self.value.div(divisor);
        self.error.div(divisor);
    }

    /// Whether a number of the sum is infinite.
    pub fn has_overflow(&self) -> bool {
        any_number(&self.value, f64::is_infinite)
    }

    /// The sum with its errors made good.
    pub fn finish(self) -> FloatHistogram {
        let Self { mut value, error } = self;
        let pairs = value
            .positive_buckets
            .iter_mut()
            .chain(&mut value.negative_buckets)
            .zip(error.positive_buckets.iter().chain(&error.negative_buckets));
        for (value, error) in pairs {
            *value += error;
        }
        value.zero_count += error.zero_count;
        value.count += error.count;
        value.sum += error.sum;
        value
    }
}

/// The mean of histograms: of their sum as long as that stays in the range of floats, else updated with each.
#[derive(Debug, Clone)]
pub struct MeanHistogram {
    /// The sum, or the mean once `incremental`.
    state: CompensatedHistogram,
    samples: f64,
    incremental: bool,
}

impl MeanHistogram {
    /// A mean that begins with `first`.
    pub fn new(first: FloatHistogram) -> Self {
        Self { state: CompensatedHistogram::new(first), samples: 1.0, incremental: false }
    }

    /// Takes a further histogram into the mean.
    ///
    /// # Errors
    ///
    /// If one has exponential and the other custom buckets; the mean is unchanged then.
    pub fn add(&mut self, other: &FloatHistogram) -> Result<Reconciled, Error> {
        if self.incremental {
            return self.add_incrementally(other);
        }
        if is_far_from_overflow(&self.state.value) && is_far_from_overflow(other) {
            let reconciled = self.state.add(other)?;
            self.samples += 1.0;
            return Ok(reconciled);
        }
        let mut trial = self.state.clone();
        let reconciled = trial.add(other)?;
        if trial.has_overflow() {
            self.incremental = true;
            self.state.div(self.samples);
            return self.add_incrementally(other);
        }
        self.state = trial;
        self.samples += 1.0;
        Ok(reconciled)
    }

    fn add_incrementally(&mut self, other: &FloatHistogram) -> Result<Reconciled, Error> {
        let samples = self.samples + 1.0;
        let mut share = other.clone();
        share.div(samples);
        let mut state = self.state.clone();
        state.mul(self.samples / samples);
        let reconciled = state.add(&share)?;
        self.state = state;
        self.samples = samples;
        Ok(reconciled)
    }

    /// The mean.
    pub fn finish(mut self) -> FloatHistogram {
        if !self.incremental {
            self.state.div(self.samples);
        }
        self.state.finish()
    }
}

fn any_number(histogram: &FloatHistogram, mut condition: impl FnMut(f64) -> bool) -> bool {
    let totals = [histogram.zero_count, histogram.count, histogram.sum];
    let buckets = histogram.positive_buckets.iter().chain(&histogram.negative_buckets);
    totals.iter().chain(buckets).any(|number| condition(*number))
}

fn is_far_from_overflow(histogram: &FloatHistogram) -> bool {
    !any_number(histogram, |number| number.abs() > FAR_FROM_OVERFLOW)
}

fn accumulate_side(
    (spans, counts): (&mut Vec<Span>, &mut Vec<f64>),
    (error_spans, errors): (&mut Vec<Span>, &mut Vec<f64>),
    (other_spans, other): (&[Span], &[f64]),
) {
    if spans == other_spans {
        for ((count, error), other) in counts.iter_mut().zip(errors).zip(other) {
            accumulate(count, error, *other);
        }
        return;
    }
    make_room(spans, counts, other_spans);
    make_room(error_spans, errors, other_spans);
    let mut locator = Locator::new(spans);
    for (index, other) in Indexed::new(other_spans, other) {
        let Some(position) = locator.position(index) else { continue };
        if let (Some(count), Some(error)) = (counts.get_mut(position), errors.get_mut(position)) {
            accumulate(count, error, other);
        }
    }
}

pub(super) fn accumulate(sum: &mut f64, error: &mut f64, value: f64) {
    let total = *sum + value;
    if total.is_infinite() {
        *error = 0.0;
    } else if sum.abs() >= value.abs() {
        *error += (*sum - total) + value;
    } else {
        *error += (value - total) + *sum;
    }
    *sum = total;
}
