//! Observations counted in fixed buckets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::counter::add_f64;
use crate::gather::Value;

/// The bucket bounds that client libraries use where none are given, in seconds.
pub const DEFAULT_BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Observations counted in buckets with fixed upper bounds.
#[derive(Debug, Clone)]
pub struct Histogram(Arc<State>);

#[derive(Debug)]
struct State {
    /// Ascending, without the infinite bound.
    bounds: Box<[f64]>,
    /// One more than bounds: the last counts what is above all of them. Not cumulative.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    /// A histogram outside any registry; bounds are sorted, and those that are no finite number left out.
    pub fn new(bounds: &[f64]) -> Self {
        let mut bounds: Vec<f64> = bounds.iter().copied().filter(|bound| bound.is_finite()).collect();
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(State { bounds: bounds.into(), counts, sum: AtomicU64::new(0) }))
    }

    /// Counts one observation.
    pub fn observe(&self, value: f64) {
        if let Some(count) = self.0.counts.get(self.bucket(value)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        add_f64(&self.0.sum, value);
    }

    /// Counts many observations at the price of a few: other processors are kept from the histogram once.
    pub fn observe_all(&self, values: impl IntoIterator<Item = f64>) {
        let mut counted = vec![0_u64; self.0.counts.len()];
        let mut sum = 0.0;
        for value in values {
            if let Some(count) = counted.get_mut(self.bucket(value)) {
                *count += 1;
            }
            sum += value;
        }
        for (count, more) in self.0.counts.iter().zip(counted).filter(|(_, more)| *more > 0) {
            count.fetch_add(more, Ordering::Relaxed);
        }
        if sum != 0.0 {
            add_f64(&self.0.sum, sum);
        }
    }

    fn bucket(&self, value: f64) -> usize {
        // `<` and not `>=`, so that NaN lands above all bounds.
        if value.is_nan() {
            self.0.bounds.len()
        } else {
            self.0.bounds.partition_point(|bound| *bound < value)
        }
    }

    /// The number of observations so far.
    pub fn count(&self) -> u64 {
        self.0.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// The sum of the observations so far.
    pub fn sum(&self) -> f64 {
        f64::from_bits(self.0.sum.load(Ordering::Relaxed))
    }

    pub(crate) fn value(&self) -> Value {
        let mut cumulative = 0;
        let bounds = self.0.bounds.iter().copied().chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds
            .zip(&self.0.counts)
            .map(|(bound, count)| {
                cumulative += count.load(Ordering::Relaxed);
                (bound, cumulative)
            })
            .collect();
        Value::Histogram { count: cumulative, sum: self.sum(), buckets }
    }
}

/// `count` bounds, the first `start`, each other `factor` times the one before.
pub fn exponential_buckets(start: f64, factor: f64, count: usize) -> Vec<f64> {
    std::iter::successors(Some(start), |bound| Some(bound * factor)).take(count).collect()
}

/// `count` bounds, the first `start`, each other `width` above the one before.
pub fn linear_buckets(start: f64, width: f64, count: usize) -> Vec<f64> {
    std::iter::successors(Some(start), |bound| Some(bound + width)).take(count).collect()
}
