//! Classic histograms, series by series, folded into native ones with custom buckets.

use super::{CUSTOM_BUCKETS_SCHEMA, FloatHistogram, Histogram, Span};

/// The samples of one classic histogram at one time, in any order of arrival.
#[derive(Debug, Clone, Default)]
pub struct ClassicHistogram {
    /// Upper bound and cumulative count, ascending by bound.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: f64,
}

/// A histogram in the form that its counts allow.
#[derive(Debug, Clone, PartialEq)]
pub enum NativeForm {
    /// All counts are whole.
    Whole(Histogram),
    /// Some are not.
    Fractional(FloatHistogram),
}

/// Why samples make no histogram.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClassicError {
    /// A bound is NaN.
    #[error("bucket boundary is not a number")]
    BoundNotANumber,
    /// A count is negative or NaN.
    #[error("count {count} of a classic histogram is negative or not a number")]
    InvalidCount {
        /// The count.
        count: f64,
    },
    /// A bucket holds less than the one below it.
    #[error("count {count} of bucket {bound} is less than {previous}, the count of the bucket below")]
    CountsNotAscending {
        /// The upper bound.
        bound: f64,
        /// Its cumulative count.
        count: f64,
        /// The cumulative count of the bucket below.
        previous: f64,
    },
    /// The last bucket and the total differ.
    #[error("count {count} differs from {last}, the count of the last bucket")]
    CountMismatch {
        /// The total.
        count: f64,
        /// The cumulative count of the last bucket.
        last: f64,
    },
    /// There is neither a bucket nor a total.
    #[error("classic histogram without buckets and count")]
    Empty,
}

impl ClassicHistogram {
    /// Forgets all samples but keeps the memory.
    pub fn clear(&mut self) {
        self.buckets.clear();
        self.count = None;
        self.sum = 0.0;
    }

    /// Takes the cumulative count of the bucket that ends at `bound`; the last one counts if there are several.
    ///
    /// # Errors
    ///
    /// If the bound is no number, or the count none or negative.
    pub fn set_bucket(&mut self, bound: f64, count: f64) -> Result<(), ClassicError> {
        if bound.is_nan() {
            return Err(ClassicError::BoundNotANumber);
        }
        let count = checked(count)?;
        let place = self.buckets.partition_point(|(other, _)| *other < bound);
        match self.buckets.get_mut(place) {
            Some((other, known)) if *other == bound => *known = count,
            _ => self.buckets.insert(place, (bound, count)),
        }
        Ok(())
    }

    /// Takes the total.
    ///
    /// # Errors
    ///
    /// If it is negative or no number.
    pub fn set_count(&mut self, count: f64) -> Result<(), ClassicError> {
        self.count = Some(checked(count)?);
        Ok(())
    }

    /// Takes the sum of the observations.
    pub fn set_sum(&mut self, sum: f64) {
        self.sum = sum;
    }

    /// The native histogram with custom buckets.
    ///
    /// # Errors
    ///
    /// If the counts contradict each other or there are none.
    pub fn to_native(&self) -> Result<NativeForm, ClassicError> {
        let histogram = self.to_fractional()?;
        Ok(match histogram.to_whole() {
            Some(whole) => NativeForm::Whole(whole),
            None => NativeForm::Fractional(histogram),
        })
    }

    /// The native histogram with custom buckets and fractional counts.
    ///
    /// # Errors
    ///
    /// As [`ClassicHistogram::to_native`].
    pub fn to_fractional(&self) -> Result<FloatHistogram, ClassicError> {
        let last = self.buckets.last().copied();
        let total = self.count.or(last.map(|(_, count)| count)).ok_or(ClassicError::Empty)?;
        if let Some((f64::INFINITY, last)) = last
            && last != total
        {
            return Err(ClassicError::CountMismatch { count: total, last });
        }
        let finite = self.buckets.iter().copied().filter(|(bound, _)| *bound < f64::INFINITY);
        let mut counts = Vec::with_capacity(self.buckets.len() + 1);
        let mut previous = 0.0;
        for (bound, count) in finite.clone().chain([(f64::INFINITY, total)]) {
            if count < previous {
                return Err(ClassicError::CountsNotAscending { bound, count, previous });
            }
            counts.push(count - previous);
            previous = count;
        }
        let mut histogram = FloatHistogram {
            schema: CUSTOM_BUCKETS_SCHEMA,
            count: total,
            sum: self.sum,
            positive_spans: vec![Span { offset: 0, length: u32::try_from(counts.len()).unwrap_or(u32::MAX) }],
            positive_buckets: counts,
            custom_values: finite.map(|(bound, _)| bound).collect(),
            ..FloatHistogram::default()
        };
        histogram.compact(0);
        Ok(histogram)
    }
}

fn checked(count: f64) -> Result<f64, ClassicError> {
    if count >= 0.0 { Ok(count) } else { Err(ClassicError::InvalidCount { count }) }
}
