//! What becomes of a sample beside those of the chunk: decided on state alone, nothing is written here.

use model::{CounterResetHint, Span, is_stale_nan};

use super::ResetHeader;
use super::appender::HistogramAppender;
use super::expand::{Fit, fit};
use super::kind::{HistogramKind, Shape, Side};
use crate::fields::Field;

/// Where a sample goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plan {
    /// Into the chunk as it is.
    Append,
    /// Into the chunk, once it and the sample have these spans, positive and negative.
    Relayout(Vec<Span>, Vec<Span>),
    /// Into a new chunk with this header.
    NewChunk(ResetHeader),
}

impl<H: HistogramKind> HistogramAppender<H> {
    /// Decides where a sample goes.
    pub(super) fn plan(&self, histogram: &H) -> Plan {
        let shape = histogram.shape();
        let is_gauge = shape.hint == CounterResetHint::Gauge;
        if is_gauge != (self.reset_header() == ResetHeader::Gauge) {
            return Plan::NewChunk(if is_gauge { ResetHeader::Gauge } else { ResetHeader::Unknown });
        }
        if is_gauge { self.plan_gauge(histogram) } else { self.plan_counter(histogram) }
    }

    fn plan_gauge(&self, histogram: &H) -> Plan {
        let shape = histogram.shape();
        if is_stale_nan(shape.sum) {
            return Plan::Append;
        }
        if self.is_stale() || !self.has_shape(&shape) || !self.has_bounds(&shape) {
            return Plan::NewChunk(ResetHeader::Gauge);
        }
        self.plan_buckets(histogram, true).unwrap_or(Plan::NewChunk(ResetHeader::Gauge))
    }

    fn plan_counter(&self, histogram: &H) -> Plan {
        let shape = histogram.shape();
        if shape.hint == CounterResetHint::Reset {
            return Plan::NewChunk(ResetHeader::Reset);
        }
        if is_stale_nan(shape.sum) {
            return Plan::Append;
        }
        if self.is_stale() {
            return Plan::NewChunk(ResetHeader::Unknown);
        }
        let numbers = self.numbers();
        if histogram.count_fell(numbers.count) {
            return Plan::NewChunk(ResetHeader::Reset);
        }
        if !self.has_shape(&shape) {
            return Plan::NewChunk(ResetHeader::Unknown);
        }
        if !self.has_bounds(&shape) || histogram.zero_count_fell(numbers.zero_count) {
            return Plan::NewChunk(ResetHeader::Reset);
        }
        self.plan_buckets(histogram, false).unwrap_or(Plan::NewChunk(ResetHeader::Reset))
    }

    fn plan_buckets(&self, histogram: &H, may_fall: bool) -> Option<Plan> {
        let shape = histogram.shape();
        let layout = self.layout();
        let numbers = self.numbers();
        let side = |before: (&[Span], &[H::Field]), now: &[Span], side: Side| {
            let counts_before = H::counts(before.1.iter().map(Field::value));
            fit((before.0, counts_before), (now, H::counts(histogram.values(side))), may_fall)
        };
        let positive = (&*layout.positive_spans, &*numbers.positive);
        let negative = (&*layout.negative_spans, &*numbers.negative);
        let positive = side(positive, shape.positive_spans, Side::Positive)?;
        let negative = side(negative, shape.negative_spans, Side::Negative)?;
        if (&positive, &negative) == (&Fit::Same, &Fit::Same) {
            return Some(Plan::Append);
        }
        let spans = |fit: Fit, before: &[Span]| match fit {
            Fit::Same | Fit::Now => before.to_vec(),
            Fit::Before(all) | Fit::Both(all) => all,
        };
        Some(Plan::Relayout(spans(positive, &layout.positive_spans), spans(negative, &layout.negative_spans)))
    }

    fn has_shape(&self, shape: &Shape<'_>) -> bool {
        let layout = self.layout();
        layout.schema == shape.schema && layout.zero_threshold == shape.zero_threshold
    }

    fn has_bounds(&self, shape: &Shape<'_>) -> bool {
        self.layout().custom_values == *shape.custom_values
    }

    fn is_stale(&self) -> bool {
        is_stale_nan(f64::from_bits(self.numbers().sum.value()))
    }
}
