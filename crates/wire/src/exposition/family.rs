//! Metrics as the writers take them.

use model::name::{EscapingScheme, escape};
use model::{FloatHistogram, MetricType};
use telemetry::{MetricFamily, MetricKind, Value};

/// All metrics of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The name, for counters with its `_total`.
    pub name: String,
    /// The help text, unescaped; empty for none.
    pub help: String,
    /// The type.
    pub metric_type: MetricType,
    /// The unit, empty for none.
    pub unit: String,
    /// The metrics, in the order in which they are written.
    pub metrics: Vec<Metric>,
}

impl Family {
    /// Writes the names so that a reader of `scheme` takes them.
    pub fn escape_names(&mut self, scheme: EscapingScheme) {
        self.name = escape(&self.name, scheme).into_owned();
        for (name, _) in self.metrics.iter_mut().flat_map(|metric| &mut metric.labels) {
            *name = escape(name, scheme).into_owned();
        }
    }
}

/// One metric of a family.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Names and values, without the metric's name.
    pub labels: Vec<(String, String)>,
    /// The value.
    pub value: MetricValue,
    /// Milliseconds since the Unix epoch; `None` for "now".
    pub timestamp: Option<i64>,
}

/// The value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricValue {
    /// One number: counters, gauges and what has no type.
    Number(f64),
    /// Observations in cumulative buckets.
    Histogram {
        /// The number of observations.
        count: u64,
        /// Their sum.
        sum: f64,
        /// Upper bound and number of observations up to it, ascending, the infinite bound included.
        buckets: Vec<(f64, u64)>,
    },
    /// Observations as quantiles.
    Summary {
        /// The number of observations.
        count: u64,
        /// Their sum.
        sum: f64,
        /// Quantile and value.
        quantiles: Vec<(f64, f64)>,
    },
    /// A native histogram, which only the protobuf format can carry.
    Native(Box<FloatHistogram>),
}

impl From<MetricFamily> for Family {
    fn from(family: MetricFamily) -> Self {
        let metric_type = match family.kind {
            MetricKind::Counter => MetricType::Counter,
            MetricKind::Gauge => MetricType::Gauge,
            MetricKind::Histogram => MetricType::Histogram,
            MetricKind::Summary => MetricType::Summary,
            MetricKind::Untyped => MetricType::Unknown,
        };
        let metrics = family.metrics.into_iter().map(Metric::from).collect();
        Self { name: family.name, help: family.help, metric_type, unit: family.unit, metrics }
    }
}

impl From<telemetry::Metric> for Metric {
    fn from(metric: telemetry::Metric) -> Self {
        let value = match metric.value {
            Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => MetricValue::Number(value),
            Value::Histogram { count, sum, buckets } => MetricValue::Histogram { count, sum, buckets },
            Value::Summary { count, sum, quantiles } => MetricValue::Summary { count, sum, quantiles },
        };
        Self { labels: metric.labels, value, timestamp: None }
    }
}
