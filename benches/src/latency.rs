//! How long many requests took.

use std::time::Duration;

use crate::report::{Figure, Unit, maybe};

/// How long requests took.
#[derive(Debug, Clone, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds a request.
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Adds all requests of another.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// The number of requests.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The time that a share of the requests does not exceed (nearest rank).
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied()
    }

    /// The figures of all requests.
    pub fn figures(&self) -> Vec<Figure> {
        let seconds = |share| self.quantile(share).map(|took| took.as_secs_f64());
        vec![
            maybe("p50_seconds", Unit::Seconds, seconds(0.5)),
            maybe("p90_seconds", Unit::Seconds, seconds(0.9)),
            maybe("p99_seconds", Unit::Seconds, seconds(0.99)),
            maybe("max_seconds", Unit::Seconds, seconds(1.0)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_time_that_was_taken() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile(0.5), None);
        (1..=100).rev().for_each(|ms| latencies.add(Duration::from_millis(ms)));
        let quantiles = [0.0, 0.5, 0.99, 1.0].map(|share| latencies.quantile(share));
        assert_eq!(quantiles, [1, 50, 99, 100].map(|ms| Some(Duration::from_millis(ms))));
    }
}
