//! Sums and differences of histograms, products and quotients with numbers.

use super::layout::{Indexed, Locator, covers, respread, union};
use super::shape::Shape;
use super::{CounterResetHint, Error, FloatHistogram, Span};

/// What is to be told to whoever asked for a sum or a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// One histogram was known to follow a counter reset, the other known not to.
    pub conflicting_resets: bool,
    /// The custom bounds differed, and only those that both have remain.
    pub custom_bounds: bool,
}

impl FloatHistogram {
    /// Adds another histogram: to the lower schema, the wider zero bucket or the common custom bounds of the two.
    /// The counter reset hints are combined.
    ///
    /// # Errors
    ///
    /// If one has exponential and the other custom buckets; the histogram is unchanged then.
    pub fn add(&mut self, other: &Self) -> Result<Reconciled, Error> {
        let (other, custom_bounds) = self.align(other)?;
        let conflicting_resets = self.combine_hints(other.counter_reset_hint);
        self.add_same_shape(&other, 1.0);
        Ok(Reconciled { conflicting_resets, custom_bounds })
    }

    /// Subtracts another histogram, to the same common shape as [`FloatHistogram::add`]. The result is a gauge.
    ///
    /// # Errors
    ///
    /// As [`FloatHistogram::add`].
    pub fn sub(&mut self, other: &Self) -> Result<Reconciled, Error> {
        let (other, custom_bounds) = self.align(other)?;
        let conflicting_resets = self.combine_hints(other.counter_reset_hint);
        self.counter_reset_hint = CounterResetHint::Gauge;
        self.add_same_shape(&other, -1.0);
        Ok(Reconciled { conflicting_resets, custom_bounds })
    }

    /// Multiplies all counts and the sum. A negative factor makes the histogram a gauge.
    pub fn mul(&mut self, factor: f64) {
        self.scale(factor, |value| value * factor);
    }

    /// Divides all counts and the sum. A negative divisor makes the histogram a gauge; division by zero leaves no
    /// buckets but the zero bucket.
    pub fn div(&mut self, divisor: f64) {
        self.scale(divisor, |value| value / divisor);
        if divisor == 0.0 {
            self.positive_spans.clear();
            self.negative_spans.clear();
            self.positive_buckets.clear();
            self.negative_buckets.clear();
        }
    }

    fn scale(&mut self, by: f64, operation: impl Fn(f64) -> f64) {
        self.zero_count = operation(self.zero_count);
        self.count = operation(self.count);
        self.sum = operation(self.sum);
        for count in self.positive_buckets.iter_mut().chain(&mut self.negative_buckets) {
            *count = operation(*count);
        }
        if by < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
    }

    /// Brings this histogram to the shape that it has in common with `other`, and returns `other` in this shape
    /// and whether custom bounds were lost.
    pub(super) fn align<'a>(&mut self, other: &'a Self) -> Result<(std::borrow::Cow<'a, Self>, bool), Error> {
        let shape = Shape::common(self, other)?;
        let bounds_differ = self.bounds_differ(other);
        self.reshape(&shape)?;
        Ok((other.reshaped(&shape)?, bounds_differ))
    }

    /// Takes over what is known of resets when a histogram with the hint `other` is added; returns whether the two
    /// contradict each other.
    pub(super) fn combine_hints(&mut self, other: CounterResetHint) -> bool {
        use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
        let (combined, conflict) = match (self.counter_reset_hint, other) {
            (own, other) if own == other => (own, false),
            (Gauge, _) | (_, Gauge) => (Gauge, false),
            (Reset, NotReset) | (NotReset, Reset) => (Unknown, true),
            _ => (Unknown, false),
        };
        self.counter_reset_hint = combined;
        conflict
    }

    fn add_same_shape(&mut self, other: &Self, sign: f64) {
        self.zero_count += sign * other.zero_count;
        self.count += sign * other.count;
        self.sum += sign * other.sum;
        add_side(
            &mut self.positive_spans,
            &mut self.positive_buckets,
            &other.positive_spans,
            &other.positive_buckets,
            sign,
        );
        add_side(
            &mut self.negative_spans,
            &mut self.negative_buckets,
            &other.negative_spans,
            &other.negative_buckets,
            sign,
        );
    }
}

fn add_side(spans: &mut Vec<Span>, counts: &mut Vec<f64>, other_spans: &[Span], other: &[f64], sign: f64) {
    if spans == other_spans {
        for (count, other) in counts.iter_mut().zip(other) {
            *count += sign * other;
        }
        return;
    }
    make_room(spans, counts, other_spans);
    let mut locator = Locator::new(spans);
    for (index, other) in Indexed::new(other_spans, other) {
        if let Some(count) = locator.position(index).and_then(|position| counts.get_mut(position)) {
            *count += sign * other;
        }
    }
}

/// Extends `spans`, and the `counts` that they lay out, by what `other` lays out besides.
pub(super) fn make_room(spans: &mut Vec<Span>, counts: &mut Vec<f64>, other: &[Span]) {
    if !covers(spans, other) {
        let extended = union(spans, other);
        *counts = respread(counts, spans, &extended);
        *spans = extended;
    }
}
