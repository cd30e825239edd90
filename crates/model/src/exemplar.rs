//! Exemplars: single observations that point to a trace.

use crate::Labels;

/// One observation that stands for others, with labels of its own (a trace id, mostly).
#[derive(Debug, Clone, PartialEq)]
pub struct Exemplar {
    /// Labels of the exemplar, not of its series.
    pub labels: Labels,
    /// The observed value.
    pub value: f64,
    /// Milliseconds since the Unix epoch; `None` where the source gave none.
    pub timestamp: Option<i64>,
}

/// The most characters that an exemplar's label names and values may have together (OpenMetrics).
pub const LABEL_CHARS_MAX: usize = 128;
