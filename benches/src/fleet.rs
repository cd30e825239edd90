//! A fleet of machines with a node exporter each, about 750 series per machine, or of the nodes of a Kubernetes.
//!
//! Of the series about four in ten never move and the others are counters of whole numbers or of seconds, and values
//! that go up and down; label sets share their texts as in life. Machines may be replaced by others as time goes on.

mod churn;
mod exporter;
mod kubernetes;

use crate::Error;
use crate::flags::{Flag, Given, value};
use crate::noise::{below, mix};
pub use churn::Churn;
use exporter::{METRICS, Shape};

/// The flags of whoever makes a fleet.
pub const FLAGS: &[Flag] = &[
    value("series", "100000", "Series in all."),
    value("seed", "1", "Another seed gives other values."),
    value(
        "shape",
        "node",
        "node: machines with a node exporter; kubernetes: nodes with pods, and their services' histograms.",
    ),
    value("machine-series", "0", "Series of a machine; 0 for as many as its shape has."),
    value("churn", "0", "How many machines of a thousand are replaced each time."),
    value("churn-every", "40", "After how many scrapes machines are replaced."),
];

/// What a fleet is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Series in all.
    pub series: usize,
    /// Another seed gives other values.
    pub seed: u64,
    /// What its machines show.
    pub shape: Kind,
    /// Series of a machine; 0 for as many as its shape has.
    pub machine_series: usize,
    /// How machines are replaced.
    pub churn: Churn,
}

/// What the machines of a fleet show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Machines with a node exporter.
    Node,
    /// Nodes of a Kubernetes: containers, pods, and the histograms of the services that run there.
    Kubernetes,
}

impl Settings {
    /// A fleet of machines with a node exporter, none of which is replaced.
    pub const fn new(series: usize, seed: u64) -> Self {
        Self { series, seed, shape: Kind::Node, machine_series: 0, churn: Churn::NONE }
    }

    /// The fleet that the flags say ([`FLAGS`]).
    ///
    /// # Errors
    /// [`Error::Usage`] for values that are none.
    pub fn of(given: &Given) -> Result<Self, Error> {
        let shape = match given.text("shape") {
            "node" => Kind::Node,
            "kubernetes" => Kind::Kubernetes,
            other => return Err(Error::Usage(format!("--shape={other}: expected node or kubernetes"))),
        };
        Ok(Self {
            series: given.number("series")?,
            seed: given.number("seed")?,
            shape,
            machine_series: given.number("machine-series")?,
            churn: Churn { per_mille: given.number("churn")?, every: given.number("churn-every")? },
        })
    }

    /// The machines of the fleet from the start; the last one has what is left.
    pub fn machines(&self) -> Vec<Vec<Series>> {
        let (mut machines, mut left) = (Vec::new(), self.series);
        while left > 0 {
            let mut machine = self.machine(machines.len());
            machine.truncate(left);
            left -= machine.len();
            machines.push(machine);
        }
        machines
    }

    /// The series of one machine.
    pub fn machine(&self, number: usize) -> Vec<Series> {
        let mut all = match self.shape {
            Kind::Node => machine(number, self.seed),
            Kind::Kubernetes => kubernetes::node(number, self.seed),
        };
        if self.machine_series > 0 {
            // What is missing are series of the same kinds, told apart by one more label.
            let more = all.clone();
            let copies = (1..).flat_map(|copy| more.iter().map(move |series| series.in_slice(copy)));
            all.extend(copies.take(self.machine_series.saturating_sub(more.len())));
            all.truncate(self.machine_series);
        }
        all
    }
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
    /// A share of the requests that were counted: so many of [`BUCKET_SHARES`].
    Bucket(u64),
}

/// The number of parts that the requests of a histogram are divided into.
pub(crate) const BUCKET_SHARES: u64 = 12;
/// Requests of a histogram between two scrapes, at most.
const REQUESTS_MAX: u64 = 90;

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
    series_of(labels, seed, course)
}

/// A series of these labels, of which about every third one that could move does not.
fn series_of(mut labels: Vec<(&'static str, String)>, seed: u64, course: Course) -> Series {
    labels.sort_unstable_by_key(|(name, _)| *name);
    // The buckets and the count of a histogram are of the same requests.
    let is_bucket = matches!(course, Course::Bucket(_));
    let told = labels.iter().filter(|(name, _)| !is_bucket || !["__name__", "le"].contains(name));
    let text: u64 =
        told.flat_map(|(_, value)| value.bytes()).fold(seed, |sum, byte| mix(sum ^ u64::from(byte)));
    // Devices without traffic, errors that do not happen.
    let idle = mix(text).is_multiple_of(3) && !is_bucket && !matches!(course, Course::Load);
    let course = if idle {
        Course::Constant(if mix(text ^ 1).is_multiple_of(2) { 0.0 } else { (text % 100_000) as f64 })
    } else {
        course
    };
    Series { labels, course, seed: text }
}

impl Series {
    /// A series of the same kind with values of its own.
    fn in_slice(&self, slice: u64) -> Self {
        let mut labels = self.labels.clone();
        labels.push(("slice", format!("s{slice}")));
        labels.sort_unstable_by_key(|(name, _)| *name);
        Self { labels, course: self.course, seed: mix(self.seed ^ slice) }
    }

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
            Course::Bucket(shares) => {
                self.units += below(self.seed, scrape, REQUESTS_MAX + 1) as i64;
                (self.units as u64 * shares / BUCKET_SHARES) as f64
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
    fn a_machine_may_have_more_series_or_fewer() {
        for wanted in [100, 748, 2000] {
            let settings = Settings { machine_series: wanted, ..Settings::new(2 * wanted, 1) };
            let machines = settings.machines();
            assert_eq!(machines.iter().map(Vec::len).collect::<Vec<_>>(), [wanted, wanted]);
            let distinct: BTreeSet<String> =
                machines.iter().flatten().map(|series| format!("{:?}", series.labels)).collect();
            assert_eq!(distinct.len(), 2 * wanted);
            assert!(machines.iter().flatten().all(|series| series.labels.is_sorted()));
        }
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
