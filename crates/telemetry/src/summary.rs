//! Observations as quantiles of the last minutes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::gather::Value;
use crate::registry::TimeSource;

/// How far back the quantiles look.
const WINDOW: Duration = Duration::from_mins(10);
/// Parts of the window; the oldest is dropped as a whole.
const AGES: usize = 5;
/// Observations kept of one part; of more a uniform random choice stays.
const KEPT_PER_AGE: usize = 512;

/// Observations as quantiles of the last ten minutes, with the sum and count of all.
///
/// Exact up to a few hundred observations in two minutes; of more a random part is kept, so that the memory
/// stays bounded.
#[derive(Clone)]
pub struct Summary(Arc<Inner>);

struct Inner {
    quantiles: Box<[f64]>,
    now: TimeSource,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    count: u64,
    sum: f64,
    ages: [Age; AGES],
    random: Random,
}

/// What was observed in one part of the window.
#[derive(Default)]
struct Age {
    /// Which part since the clock's start this is.
    number: u64,
    seen: u64,
    kept: Vec<f64>,
}

impl Summary {
    pub(crate) fn new(quantiles: &[f64], now: TimeSource) -> Self {
        Self(Arc::new(Inner { quantiles: quantiles.into(), now, state: Mutex::default() }))
    }

    /// Counts one observation.
    pub fn observe(&self, value: f64) {
        let number = self.age_number();
        let mut state = self.0.state.lock();
        let State { count, sum, ages, random } = &mut *state;
        *count += 1;
        *sum += value;
        if self.0.quantiles.is_empty() {
            return;
        }
        let Some(age) = ages.get_mut((number % AGES as u64) as usize) else { return };
        if age.number != number {
            *age = Age { number, seen: 0, kept: std::mem::take(&mut age.kept) };
            age.kept.clear();
        }
        age.seen += 1;
        if age.kept.len() < KEPT_PER_AGE {
            age.kept.push(value);
        } else if let Some(place) = age.kept.get_mut((random.next() % age.seen) as usize) {
            *place = value;
        }
    }

    /// The number of observations so far.
    pub fn count(&self) -> u64 {
        self.0.state.lock().count
    }

    /// The sum of the observations so far.
    pub fn sum(&self) -> f64 {
        self.0.state.lock().sum
    }

    pub(crate) fn value(&self) -> Value {
        let oldest = self.age_number().saturating_sub(AGES as u64 - 1);
        let state = self.0.state.lock();
        // What a kept value stands for differs between parts that were thinned out and those that were not.
        let mut weighted: Vec<(f64, f64)> = Vec::new();
        for age in state.ages.iter().filter(|age| age.number >= oldest && !age.kept.is_empty()) {
            let weight = age.seen as f64 / age.kept.len() as f64;
            weighted.extend(age.kept.iter().map(|value| (*value, weight)));
        }
        let (count, sum) = (state.count, state.sum);
        drop(state);
        weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
        let quantiles = self
            .0
            .quantiles
            .iter()
            .map(|quantile| (*quantile, at_rank(&weighted, quantile * total)))
            .collect();
        Value::Summary { count, sum, quantiles }
    }

    fn age_number(&self) -> u64 {
        let age = WINDOW.as_millis() / AGES as u128;
        // The first part is number 1, so that a part never written (0) is never taken for it.
        u64::try_from((self.0.now)().as_millis() / age).unwrap_or(0).saturating_add(1)
    }
}

impl fmt::Debug for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Summary({} observations)", self.count())
    }
}

/// The first value with which the weights reach `rank`; NaN without values.
fn at_rank(weighted: &[(f64, f64)], rank: f64) -> f64 {
    let mut reached = 0.0;
    for (value, weight) in weighted {
        reached += weight;
        if reached >= rank {
            return *value;
        }
    }
    weighted.last().map_or(f64::NAN, |(value, _)| *value)
}

/// Xorshift: good enough to choose which observation stays.
struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }
}

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
