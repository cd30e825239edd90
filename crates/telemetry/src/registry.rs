//! Where metrics are declared and read.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::gather::{Metric, MetricFamily, MetricKind, Value};
use crate::{Child, Counter, CounterF, Family, Gauge, Histogram, Summary, real};

/// Time since some fixed point, for the windows of summaries.
pub(crate) type TimeSource = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The metrics of a process; cheap to clone, all clones are the same registry.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    now: TimeSource,
    entries: Mutex<BTreeMap<String, Entry>>,
    collectors: Mutex<Vec<Collector>>,
}

/// Adds whole families at the time of gathering.
type Collector = Box<dyn Fn(&mut Vec<MetricFamily>) + Send + Sync>;

struct Entry {
    help: String,
    kind: MetricKind,
    source: Source,
}

enum Source {
    Counter(Counter),
    CounterF(CounterF),
    Gauge(Gauge),
    Histogram(Histogram),
    Summary(Summary),
    Counters(Family<Counter>),
    CounterFs(Family<CounterF>),
    Gauges(Family<Gauge>),
    Histograms(Family<Histogram>),
    Summaries(Family<Summary>),
    Computed(Box<dyn Fn() -> f64 + Send + Sync>),
}

/// Declares the methods that give a handle: the present one of that name, or a new one.
macro_rules! handles {
    ($($(#[$doc:meta])* $method:ident($($arg:ident: $type:ty),*) -> $handle:ty = $variant:ident, $kind:ident, |$registry:ident| $make:expr;)*) => {
        impl Registry {
            $($(#[$doc])*
            pub fn $method(&self, name: &str, help: &str $(, $arg: $type)*) -> $handle {
                let $registry = self;
                let mut entries = self.0.entries.lock();
                match entries.get(name).map(|entry| &entry.source) {
                    Some(Source::$variant(present)) => return present.clone(),
                    // Two meanings of one name are a mistake in the code; the first keeps being shown.
                    Some(_) => debug_assert!(false, "metric {name} is declared as another type already"),
                    None => {}
                }
                let handle = $make;
                entries.entry(name.to_owned()).or_insert_with(|| Entry {
                    help: help.to_owned(),
                    kind: MetricKind::$kind,
                    source: Source::$variant(handle.clone()),
                });
                handle
            })*
        }
    };
}

handles! {
    /// A count of whole things.
    counter() -> Counter = Counter, Counter, |_registry| Counter::default();
    /// A growing sum of amounts.
    counter_f() -> CounterF = CounterF, Counter, |_registry| CounterF::default();
    /// A value that goes up and down.
    gauge() -> Gauge = Gauge, Gauge, |_registry| Gauge::default();
    /// Observations in buckets with these upper bounds.
    histogram(bounds: &[f64]) -> Histogram = Histogram, Histogram, |_registry| Histogram::new(bounds);
    /// Observations as these quantiles (none: sum and count only).
    summary(quantiles: &[f64]) -> Summary = Summary, Summary,
        |registry| Summary::new(quantiles, Arc::clone(&registry.0.now));
    /// Counts by labels.
    counters(labels: &[&str]) -> Family<Counter> = Counters, Counter,
        |_registry| Family::new(labels, Counter::default);
    /// Growing sums by labels.
    counter_fs(labels: &[&str]) -> Family<CounterF> = CounterFs, Counter,
        |_registry| Family::new(labels, CounterF::default);
    /// Values by labels.
    gauges(labels: &[&str]) -> Family<Gauge> = Gauges, Gauge, |_registry| Family::new(labels, Gauge::default);
    /// Histograms by labels, all with these upper bounds.
    histograms(labels: &[&str], bounds: &[f64]) -> Family<Histogram> = Histograms, Histogram, |_registry| {
        let bounds = bounds.to_vec();
        Family::new(labels, move || Histogram::new(&bounds))
    };
    /// Summaries by labels, all with these quantiles.
    summaries(labels: &[&str], quantiles: &[f64]) -> Family<Summary> = Summaries, Summary, |registry| {
        let (quantiles, now) = (quantiles.to_vec(), Arc::clone(&registry.0.now));
        Family::new(labels, move || Summary::new(&quantiles, Arc::clone(&now)))
    };
}

impl Registry {
    /// An empty registry on the machine's clock.
    pub fn new() -> Self {
        Self::with_time(real::time_source())
    }

    /// An empty registry whose summaries take the time from `now`.
    pub fn with_time(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { now: Arc::new(now), entries: Mutex::default(), collectors: Mutex::default() }))
    }

    /// Declares a gauge whose value is computed when it is gathered; it takes the place of one of that name.
    pub fn gauge_fn(&self, name: &str, help: &str, value: impl Fn() -> f64 + Send + Sync + 'static) {
        self.computed(name, help, MetricKind::Gauge, Box::new(value));
    }

    /// Declares a count that is kept elsewhere and read when it is gathered; it takes the place of one of that
    /// name.
    pub fn counter_fn(&self, name: &str, help: &str, value: impl Fn() -> f64 + Send + Sync + 'static) {
        self.computed(name, help, MetricKind::Counter, Box::new(value));
    }

    /// Adds a function that adds whole families at the time of gathering.
    pub fn collector(&self, collect: impl Fn(&mut Vec<MetricFamily>) + Send + Sync + 'static) {
        self.0.collectors.lock().push(Box::new(collect));
    }

    /// Reads all metrics: families by name, metrics of a family by label values. Families without a metric are
    /// left out.
    pub fn gather(&self) -> Vec<MetricFamily> {
        let mut families: Vec<MetricFamily> =
            self.0.entries.lock().iter().map(|(name, entry)| entry.family(name)).collect();
        for collect in self.0.collectors.lock().iter() {
            collect(&mut families);
        }
        families.retain(|family| !family.metrics.is_empty());
        families.sort_by(|a, b| a.name.cmp(&b.name));
        families.dedup_by(|later, first| later.name == first.name);
        families
    }

    fn computed(&self, name: &str, help: &str, kind: MetricKind, value: Box<dyn Fn() -> f64 + Send + Sync>) {
        let entry = Entry { help: help.to_owned(), kind, source: Source::Computed(value) };
        self.0.entries.lock().insert(name.to_owned(), entry);
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Registry({} names)", self.0.entries.lock().len())
    }
}

impl Entry {
    fn family(&self, name: &str) -> MetricFamily {
        let metrics = match &self.source {
            Source::Counter(handle) => alone(handle),
            Source::CounterF(handle) => alone(handle),
            Source::Gauge(handle) => alone(handle),
            Source::Histogram(handle) => alone(handle),
            Source::Summary(handle) => alone(handle),
            Source::Counters(family) => family.metrics(),
            Source::CounterFs(family) => family.metrics(),
            Source::Gauges(family) => family.metrics(),
            Source::Histograms(family) => family.metrics(),
            Source::Summaries(family) => family.metrics(),
            Source::Computed(compute) => {
                let value = match self.kind {
                    MetricKind::Counter => Value::Counter(compute()),
                    _ => Value::Gauge(compute()),
                };
                vec![Metric { labels: Vec::new(), value }]
            }
        };
        MetricFamily {
            name: name.to_owned(),
            help: self.help.clone(),
            kind: self.kind,
            unit: String::new(),
            metrics,
        }
    }
}

fn alone(handle: &impl Child) -> Vec<Metric> {
    vec![Metric { labels: Vec::new(), value: handle.value() }]
}
