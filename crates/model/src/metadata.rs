//! What is known of a metric beside its samples: type, unit and help text.

use std::fmt;

/// The type of a metric as its source declared it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum MetricType {
    /// Not declared, or `untyped`.
    #[default]
    Unknown,
    /// A count that only grows or starts again.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Observations in buckets.
    Histogram,
    /// A histogram whose buckets may shrink.
    GaugeHistogram,
    /// Observations as quantiles.
    Summary,
    /// A constant 1 that carries labels.
    Info,
    /// One series per state.
    StateSet,
}

impl MetricType {
    /// The name as the API and OpenMetrics spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
        }
    }

    /// The number in metadata records of the WAL (specification, section 6.3).
    pub const fn wal_code(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Counter => 1,
            Self::Gauge => 2,
            Self::Histogram => 3,
            Self::GaugeHistogram => 4,
            Self::Summary => 5,
            Self::Info => 6,
            Self::StateSet => 7,
        }
    }

    /// The type of a number in metadata records of the WAL; unknown numbers are [`MetricType::Unknown`].
    pub const fn from_wal_code(code: u8) -> Self {
        match code {
            1 => Self::Counter,
            2 => Self::Gauge,
            3 => Self::Histogram,
            4 => Self::GaugeHistogram,
            5 => Self::Summary,
            6 => Self::Info,
            7 => Self::StateSet,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for MetricType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Type, unit and help text of a metric.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Metadata {
    /// The declared type.
    pub metric_type: MetricType,
    /// The unit, empty where none was declared.
    pub unit: String,
    /// The help text, unescaped.
    pub help: String,
}
