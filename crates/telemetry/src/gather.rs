//! Gathered metrics as plain data, for the writers of exposition formats.

/// All metrics of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricFamily {
    /// The metric's name, for counters with its `_total`.
    pub name: String,
    /// One sentence on what it is.
    pub help: String,
    /// What its values are.
    pub kind: MetricKind,
    /// The unit where it is declared apart from the name; empty mostly.
    pub unit: String,
    /// One for each combination of label values, in their order.
    pub metrics: Vec<Metric>,
}

/// What the values of a metric are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// A count that only grows.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Observations in buckets.
    Histogram,
    /// Observations as quantiles.
    Summary,
    /// Not known.
    Untyped,
}

/// One metric with its labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Names and values in the order of declaration.
    pub labels: Vec<(String, String)>,
    /// The present value.
    pub value: Value,
}

/// The value of one metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A count.
    Counter(f64),
    /// A gauge's value.
    Gauge(f64),
    /// A value of unknown meaning.
    Untyped(f64),
    /// Cumulative buckets.
    Histogram {
        /// The number of observations.
        count: u64,
        /// Their sum.
        sum: f64,
        /// Upper bound and number of observations up to it, ascending; the last bound is infinite.
        buckets: Vec<(f64, u64)>,
    },
    /// Quantiles.
    Summary {
        /// The number of observations.
        count: u64,
        /// Their sum.
        sum: f64,
        /// Quantile and value; NaN where nothing was observed lately.
        quantiles: Vec<(f64, f64)>,
    },
}
