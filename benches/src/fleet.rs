//! A fleet of machines with a node exporter each: about 750 series per machine.
//!
//! Of the series about four in ten never move and the others are counters of whole numbers or of seconds, and values
//! that go up and down; label sets share their texts as in life.

mod exporter;

use crate::noise::{below, mix};
use exporter::{METRICS, Shape};

/// What a fleet is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Series in all.
    pub series: usize,
    /// Another seed gives other values.
    pub seed: u64,
}

/// How the values of a series go on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Course {
    /// It stays.
    Constant(f64),
    /// A whole number that grows by up to so much per scrape.
    Counter(u64),
    /// Hundredths of seconds that grow by up to so many per scrape.
    Seconds(u64),
    /// A whole number that goes up and down by up to so much.
    Walk(u64),
    /// Hundredths that go up and down.
    Load,
}

/// A series: its labels, and what is needed to tell its values one after the other.
#[derive(Debug, Clone)]
pub struct Series {
    /// Names and values, sorted by name.
    pub labels: Vec<(&'static str, String)>,
    course: Course,
    seed: u64,
}

/// The values of a series from scrape to scrape.
#[derive(Debug, Clone, Copy)]
pub struct Values {
    course: Course,
    seed: u64,
    units: i64,
}

/// The series of one machine, numbered from 0.
pub fn machine(number: usize, seed: u64) -> Vec<Series> {
    let mut all = Vec::new();
    for metric in METRICS {
        for shape in metric.shapes() {
            all.push(series(number, seed, metric.name, metric.course, &shape));
        }
    }
    all
}

fn series(machine: usize, seed: u64, name: &str, course: Course, shape: &Shape) -> Series {
    let mut labels = vec![
        ("__name__", name.to_owned()),
        ("cluster", format!("prod-{}", machine % 4)),
        ("instance", format!("node-{machine:05}.example.org:9100")),
        ("job", "node".to_owned()),
    ];
    labels.extend(shape.iter().map(|(name, value)| (*name, value.clone())));
    labels.sort_unstable_by_key(|(name, _)| *name);
    let text: u64 =
        labels.iter().flat_map(|(_, value)| value.bytes()).fold(seed, |sum, byte| mix(sum ^ u64::from(byte)));
    // A third of what could move does not: devices without traffic, errors that do not happen.
    let idle = mix(text).is_multiple_of(3) && !matches!(course, Course::Load);
    let course = if idle {
        Course::Constant(if mix(text ^ 1).is_multiple_of(2) { 0.0 } else { (text % 100_000) as f64 })
    } else {
        course
    };
    Series { labels, course, seed: text }
}

impl Series {
    /// The values from the first scrape on.
    pub fn values(&self) -> Values {
        Values { course: self.course, seed: self.seed, units: (mix(self.seed ^ 7) % 10_000_000) as i64 }
    }
}

impl Values {
    /// The value at a scrape; to be asked scrape by scrape.
    pub fn next(&mut self, scrape: u64) -> f64 {
        match self.course {
            Course::Constant(value) => value,
            Course::Counter(step) => {
                self.units += below(self.seed, scrape, step + 1) as i64;
                self.units as f64
            }
            Course::Seconds(step) => {
                self.units += below(self.seed, scrape, step + 1) as i64;
                self.units as f64 / 100.0
            }
            Course::Walk(step) => {
                self.units = (self.units + below(self.seed, scrape, 2 * step + 1) as i64 - step as i64).abs();
                self.units as f64
            }
            Course::Load => {
                self.units = (self.units % 3000 + below(self.seed, scrape, 41) as i64 - 20).abs();
                self.units as f64 / 100.0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_machine_has_the_series_of_an_exporter_and_none_twice() {
        let all = machine(3, 1);
        let distinct: BTreeSet<String> = all.iter().map(|series| format!("{:?}", series.labels)).collect();
        assert_eq!(distinct.len(), all.len());
        assert!((700..1100).contains(&all.len()), "{}", all.len());
        assert!(all.iter().all(|series| series.labels.is_sorted()));
    }

    #[test]
    fn values_are_the_same_every_time_and_counters_do_not_fall() {
        for series in machine(0, 5) {
            let (mut first, mut second) = (series.values(), series.values());
            let mut before = f64::MIN;
            for scrape in 0..50 {
                let value = first.next(scrape);
                assert_eq!(value.to_bits(), second.next(scrape).to_bits());
                if matches!(series.course, Course::Counter(_) | Course::Seconds(_)) {
                    assert!(value >= before);
                }
                before = value;
            }
        }
    }
}
