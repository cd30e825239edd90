//! The series of the micro-benchmarks that the original's engine is measured with: gauges `a_…` and `b_…` and classic
//! histograms `h_…`, of 1, 10 and 100 series each, a sample every ten seconds for a day and ten thousand steps; and
//! series with few samples far apart.

use model::Labels;

use crate::blocks::{Series, Span};

/// Samples of each series.
const SAMPLES: i64 = 8_640 + 10_000;
/// Distance of the samples.
const INTERVAL_MS: i64 = 10_000;
/// 2023-11-15 06:00 UTC, where a range of 54 hours begins that blocks are compacted to: one block holds all.
const START: i64 = 1_700_028_000_000;

/// The time of all samples.
pub const SPAN: Span = Span { start: START, end: START + SAMPLES * INTERVAL_MS, block: 54 * 3_600_000 };

/// The number of series with few samples.
const SPARSE: i64 = 50;

/// A series that grows with the time.
pub struct Ramp {
    labels: Labels,
    /// Its share of a second ahead of the first series.
    ahead: f64,
    first: i64,
    /// Every so many samples one is there.
    every: i64,
}

/// All series, sorted by labels.
pub fn series() -> Vec<Ramp> {
    let bounds = || (0..10).map(|bound| bound.to_string()).chain(["+Inf".to_owned()]);
    let mut labels: Vec<Labels> = Vec::new();
    for (suffix, count) in [("one", 1), ("ten", 10), ("hundred", 100)] {
        for number in 0..count {
            let number = if count > 1 { number.to_string() } else { String::new() };
            for name in ["a", "b"] {
                labels.push(Labels::from_pairs([
                    ("__name__", format!("{name}_{suffix}").as_str()),
                    ("l", &number),
                ]));
            }
            for bound in bounds() {
                let name = format!("h_{suffix}");
                labels.push(Labels::from_pairs([
                    ("__name__", name.as_str()),
                    ("l", &number),
                    ("le", &bound),
                ]));
            }
        }
    }
    let count = labels.len() as f64;
    let dense = labels.into_iter().enumerate();
    let mut series: Vec<Ramp> = dense
        .map(|(position, labels)| Ramp { labels, ahead: position as f64 / count, first: 0, every: 1 })
        .collect();
    for number in 0..=SPARSE {
        let text = number.to_string();
        let labels = Labels::from_pairs([("__name__", "sparse"), ("l", text.as_str())]);
        series.push(Ramp { labels, ahead: 0.0, first: number % SPARSE, every: SPARSE });
    }
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    series
}

impl Series for Ramp {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn samples(&self, end: i64, visit: &mut dyn FnMut(i64, f64)) {
        let mut number = self.first;
        while number < SAMPLES && START + number * INTERVAL_MS < end {
            visit(START + number * INTERVAL_MS, number as f64 + self.ahead);
            number += self.every;
        }
    }
}
