//! What is kept of the samples of one pane, and how panes join.

use vectors::kahan;

/// A sample on its way into a cell.
#[derive(Debug, Clone, Copy)]
pub(in crate::metric) struct Sample {
    /// Nanoseconds since the Unix epoch.
    pub(in crate::metric) timestamp: i64,
    /// Its number.
    pub(in crate::metric) value: f64,
    /// What comes first among samples of equal time.
    pub(in crate::metric) rank: Rank,
}

/// The place of a sample among those of equal time, the same however the work is split: by stream, and there by
/// arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::metric) struct Rank {
    /// The position of the stream.
    pub(in crate::metric) stream: u32,
    /// The position of the block.
    pub(in crate::metric) block: u32,
    /// The row in the block.
    pub(in crate::metric) row: u32,
}

/// What is kept of some samples of a series.
///
/// Joining is associative, so that panes join to windows, and parts of one pane that several threads saw to the pane.
pub(in crate::metric) trait Cell: Copy + Send + Sync {
    /// What is kept of no sample.
    const EMPTY: Self;

    /// Whether there is no sample.
    fn is_empty(&self) -> bool;

    /// Takes a sample.
    fn add(&mut self, sample: Sample);

    /// Takes what is kept of other samples.
    fn join(&mut self, other: &Self);
}

/// How many there are, or the sum of whole numbers that are small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::metric) struct Count {
    /// The rows.
    pub(in crate::metric) rows: u64,
    /// What is summed: 1 for each row, or its bytes.
    pub(in crate::metric) total: u64,
}

impl Count {
    /// Of one row.
    pub(in crate::metric) const ROW: Self = Self { rows: 1, total: 1 };
}

impl Cell for Count {
    const EMPTY: Self = Self { rows: 0, total: 0 };

    fn is_empty(&self) -> bool {
        self.rows == 0
    }

    fn add(&mut self, sample: Sample) {
        self.rows += 1;
        self.total = self.total.saturating_add(sample.value as u64);
    }

    fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        self.total = self.total.saturating_add(other.total);
    }
}

/// The sum, with what rounding lost of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::metric) struct Sum {
    sum: f64,
    lost: f64,
    rows: u64,
}

impl Sum {
    pub(in crate::metric) fn value(&self) -> f64 {
        // Infinite sums have no rest.
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }

    pub(in crate::metric) fn average(&self) -> f64 {
        self.value() / self.rows as f64
    }
}

impl Cell for Sum {
    const EMPTY: Self = Self { sum: 0.0, lost: 0.0, rows: 0 };

    fn is_empty(&self) -> bool {
        self.rows == 0
    }

    fn add(&mut self, sample: Sample) {
        (self.sum, self.lost) = kahan::add(sample.value, self.sum, self.lost);
        self.rows += 1;
    }

    fn join(&mut self, other: &Self) {
        (self.sum, self.lost) = kahan::add(other.sum, self.sum, self.lost + other.lost);
        self.rows += other.rows;
    }
}

/// The largest, or the smallest; a number wins over what is none.
#[derive(Debug, Clone, Copy)]
pub(in crate::metric) struct Extreme<const MAX: bool> {
    value: f64,
    filled: bool,
}

impl<const MAX: bool> Extreme<MAX> {
    pub(in crate::metric) fn value(&self) -> f64 {
        self.value
    }

    fn offer(&mut self, value: f64) {
        let wins = if MAX { value > self.value } else { value < self.value };
        if !self.filled || wins || self.value.is_nan() {
            self.value = value;
        }
        self.filled = true;
    }
}

impl<const MAX: bool> Cell for Extreme<MAX> {
    const EMPTY: Self = Self { value: f64::NAN, filled: false };

    fn is_empty(&self) -> bool {
        !self.filled
    }

    fn add(&mut self, sample: Sample) {
        self.offer(sample.value);
    }

    fn join(&mut self, other: &Self) {
        if other.filled {
            self.offer(other.value);
        }
    }
}

/// Mean and squared differences from it, by Welford; joined by Chan's rule.
#[derive(Debug, Clone, Copy)]
pub(in crate::metric) struct Spread {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    /// The variance of the population.
    pub(in crate::metric) fn variance(&self) -> f64 {
        self.squares / self.count
    }
}

impl Cell for Spread {
    const EMPTY: Self = Self { count: 0.0, mean: 0.0, squares: 0.0 };

    fn is_empty(&self) -> bool {
        self.count == 0.0
    }

    fn add(&mut self, sample: Sample) {
        self.count += 1.0;
        let difference = sample.value - self.mean;
        self.mean += difference / self.count;
        self.squares += difference * (sample.value - self.mean);
    }

    fn join(&mut self, other: &Self) {
        if self.is_empty() {
            *self = *other;
        } else if !other.is_empty() {
            let count = self.count + other.count;
            let difference = other.mean - self.mean;
            self.mean += difference * other.count / count;
            self.squares += other.squares + difference * difference * self.count * other.count / count;
            self.count = count;
        }
    }
}

/// The first sample, or the last one.
#[derive(Debug, Clone, Copy)]
pub(in crate::metric) struct Edge<const LAST: bool> {
    sample: Sample,
    filled: bool,
}

impl<const LAST: bool> Edge<LAST> {
    pub(in crate::metric) fn value(&self) -> f64 {
        self.sample.value
    }
}

impl<const LAST: bool> Cell for Edge<LAST> {
    const EMPTY: Self = Self {
        sample: Sample { timestamp: 0, value: 0.0, rank: Rank { stream: 0, block: 0, row: 0 } },
        filled: false,
    };

    fn is_empty(&self) -> bool {
        !self.filled
    }

    fn add(&mut self, sample: Sample) {
        let (own, new) = ((self.sample.timestamp, self.sample.rank), (sample.timestamp, sample.rank));
        if !self.filled || (if LAST { new > own } else { new < own }) {
            self.sample = sample;
        }
        self.filled = true;
    }

    fn join(&mut self, other: &Self) {
        if other.filled {
            self.add(other.sample);
        }
    }
}
