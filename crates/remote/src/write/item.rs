//! What waits to be sent.

use std::sync::Arc;

use model::{FloatHistogram, Histogram, Labels};
use wire::remote::{ItemToSend, ValueToSend};

use super::series::Series;
use crate::metrics::Kind;

/// A value of a series.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) series: Arc<Series>,
    /// In milliseconds since the Unix epoch.
    pub(super) timestamp: i64,
    /// Since when a counter has counted; 0 for not known.
    pub(super) start: i64,
    pub(super) value: Value,
    /// The part of the log that it was read from.
    pub(super) epoch: u64,
}

#[derive(Debug)]
pub(super) enum Value {
    Float(f64),
    Histogram(Box<Histogram>),
    FloatHistogram(Box<FloatHistogram>),
    Exemplar(f64, Labels),
}

impl Item {
    pub(super) fn kind(&self) -> Kind {
        match self.value {
            Value::Float(_) => Kind::Sample,
            Value::Histogram(_) | Value::FloatHistogram(_) => Kind::Histogram,
            Value::Exemplar(..) => Kind::Exemplar,
        }
    }

    pub(super) fn to_send(&self) -> ItemToSend<'_> {
        let value = match &self.value {
            Value::Float(value) => ValueToSend::Float(*value),
            Value::Histogram(histogram) => ValueToSend::Histogram(histogram),
            Value::FloatHistogram(histogram) => ValueToSend::FloatHistogram(histogram),
            Value::Exemplar(value, labels) => ValueToSend::Exemplar(*value, labels),
        };
        ItemToSend { timestamp: self.timestamp, start: self.start, value }
    }
}

/// How many of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) samples: usize,
    pub(super) histograms: usize,
    pub(super) exemplars: usize,
}

impl Counts {
    pub(super) fn of(items: &[Item]) -> Self {
        let mut counts = Self::default();
        for item in items {
            match item.kind() {
                Kind::Sample => counts.samples += 1,
                Kind::Histogram => counts.histograms += 1,
                Kind::Exemplar => counts.exemplars += 1,
            }
        }
        counts
    }
}
