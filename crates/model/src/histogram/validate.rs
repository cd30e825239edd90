//! What a histogram must fulfil to be stored.

use super::error::{BucketKind, Fault};
use super::{
    CUSTOM_BUCKETS_SCHEMA, EXPONENTIAL_SCHEMA_MAX, EXPONENTIAL_SCHEMA_MIN, Error, FloatHistogram, Histogram,
    Span,
};

/// What is the same in both forms of histograms.
struct Outline<'a> {
    schema: i32,
    zero_threshold: f64,
    zero_is_empty: bool,
    positive: (&'a [Span], usize),
    negative: (&'a [Span], usize),
    bounds: &'a [f64],
}

impl Histogram {
    /// Checks schema, spans, bounds and counts.
    ///
    /// # Errors
    ///
    /// With the first thing that is wrong.
    pub fn validate(&self) -> Result<(), Error> {
        Outline {
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_is_empty: self.zero_count == 0,
            positive: (&self.positive_spans, self.positive_buckets.len()),
            negative: (&self.negative_spans, self.negative_buckets.len()),
            bounds: &self.custom_values,
        }
        .check()?;
        let negative = whole_total(&self.negative_buckets, BucketKind::Negative)?;
        if self.schema != CUSTOM_BUCKETS_SCHEMA && !self.custom_values.is_empty() {
            return Err(Error::BoundsOfExponentialBuckets);
        }
        let positive = whole_total(&self.positive_buckets, BucketKind::Positive)?;
        let observations = negative.saturating_add(positive).saturating_add(self.zero_count);
        if self.sum.is_nan() {
            if observations > self.count {
                return Err(Error::CountTooSmall { observations, count: self.count });
            }
        } else if observations != self.count {
            return Err(Error::CountMismatch { observations, count: self.count });
        }
        Ok(())
    }
}

impl FloatHistogram {
    /// Checks schema, spans, bounds and signs of buckets. The total is not compared with the buckets, since rounding
    /// keeps them from agreeing exactly.
    ///
    /// # Errors
    ///
    /// With the first thing that is wrong.
    pub fn validate(&self) -> Result<(), Error> {
        Outline {
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_is_empty: self.zero_count == 0.0,
            positive: (&self.positive_spans, self.positive_buckets.len()),
            negative: (&self.negative_spans, self.negative_buckets.len()),
            bounds: &self.custom_values,
        }
        .check()?;
        check_signs(&self.negative_buckets, BucketKind::Negative)?;
        if self.schema != CUSTOM_BUCKETS_SCHEMA && !self.custom_values.is_empty() {
            return Err(Error::BoundsOfExponentialBuckets);
        }
        check_signs(&self.positive_buckets, BucketKind::Positive)
    }
}

impl Outline<'_> {
    fn check(&self) -> Result<(), Error> {
        let (spans, buckets) = self.positive;
        if self.schema == CUSTOM_BUCKETS_SCHEMA {
            check_bounds(self.bounds).map_err(custom)?;
            check_spans(spans, buckets, true).map_err(custom)?;
            check_reach(spans, self.bounds.len()).map_err(custom)?;
            return self.check_absences();
        }
        if !(EXPONENTIAL_SCHEMA_MIN..=EXPONENTIAL_SCHEMA_MAX).contains(&self.schema) {
            return Err(Error::UnknownSchema { schema: self.schema });
        }
        check_spans(spans, buckets, false)
            .map_err(|fault| Error::Layout { buckets: BucketKind::Positive, fault })?;
        let (spans, buckets) = self.negative;
        check_spans(spans, buckets, false)
            .map_err(|fault| Error::Layout { buckets: BucketKind::Negative, fault })
    }

    /// Custom buckets cover the whole line: nothing beside them.
    fn check_absences(&self) -> Result<(), Error> {
        if !self.zero_is_empty {
            return Err(Error::ZeroCountOfCustomBuckets);
        }
        if self.zero_threshold != 0.0 {
            return Err(Error::ZeroThresholdOfCustomBuckets);
        }
        if !self.negative.0.is_empty() {
            return Err(Error::NegativeSpansOfCustomBuckets);
        }
        if self.negative.1 > 0 {
            return Err(Error::NegativeBucketsOfCustomBuckets);
        }
        Ok(())
    }
}

fn custom(fault: Fault) -> Error {
    Error::Layout { buckets: BucketKind::Custom, fault }
}

fn check_bounds(bounds: &[f64]) -> Result<(), Fault> {
    let mut previous = f64::NEG_INFINITY;
    for &current in bounds {
        if current.is_nan() {
            return Err(Fault::BoundNotANumber);
        }
        if current <= previous {
            return Err(Fault::BoundsNotAscending { previous, current });
        }
        previous = current;
    }
    if previous == f64::INFINITY { Err(Fault::BoundInfinite) } else { Ok(()) }
}

fn check_spans(spans: &[Span], buckets: usize, from_zero: bool) -> Result<(), Fault> {
    let mut needed: u64 = 0;
    for (position, span) in spans.iter().enumerate() {
        if span.offset < 0 && (position > 0 || from_zero) {
            return Err(Fault::NegativeOffset { number: position + 1, offset: span.offset });
        }
        needed = needed.saturating_add(u64::from(span.length));
    }
    if needed == buckets as u64 { Ok(()) } else { Err(Fault::SpansMismatch { needed, buckets }) }
}

/// Whether the last custom bucket lies within the bounds, the unbounded one behind them included.
fn check_reach(spans: &[Span], bounds: usize) -> Result<(), Fault> {
    let reach: i64 = spans.iter().map(|span| i64::from(span.offset) + i64::from(span.length)).sum();
    if reach > bounds as i64 + 1 { Err(Fault::BoundsTooFew { bounds, reach }) } else { Ok(()) }
}

fn whole_total(differences: &[i64], buckets: BucketKind) -> Result<u64, Error> {
    let mut count: i64 = 0;
    let mut total: u64 = 0;
    for (position, difference) in differences.iter().enumerate() {
        count = count.wrapping_add(*difference);
        let Ok(bucket) = u64::try_from(count) else {
            let fault = Fault::NegativeCount { number: position + 1, count };
            return Err(Error::Layout { buckets, fault });
        };
        total = total.saturating_add(bucket);
    }
    Ok(total)
}

fn check_signs(counts: &[f64], buckets: BucketKind) -> Result<(), Error> {
    match counts.iter().position(|count| *count < 0.0) {
        None => Ok(()),
        Some(position) => {
            let count = counts.get(position).copied().unwrap_or(0.0);
            let fault = Fault::NegativeFraction { number: position + 1, count };
            Err(Error::Layout { buckets, fault })
        }
    }
}
