//! Native histograms as both versions of remote write and remote read lay them out.

mod encode;

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram, Histogram, Span};

use super::Error;
use super::message::Message;
use crate::proto::{Value, zigzag};

pub use encode::{encode_float_histogram, encode_histogram};

/// A histogram as it was sent, not checked.
#[derive(Debug, Clone, PartialEq)]
pub enum SentHistogram {
    /// With whole-number counts.
    Int(Box<Histogram>),
    /// With fractional counts.
    Float(Box<FloatHistogram>),
}

/// More buckets than this nobody has; each takes eight times its length in a body.
const BUCKETS_MAX: usize = 1 << 18;

/// Everything that a message tells, both forms at once.
#[derive(Default)]
struct Fields {
    is_float: bool,
    count: u64,
    count_float: f64,
    sum: f64,
    schema: i32,
    zero_threshold: f64,
    zero_count: u64,
    zero_count_float: f64,
    negative_spans: Vec<Span>,
    negative_deltas: Vec<i64>,
    negative_counts: Vec<f64>,
    positive_spans: Vec<Span>,
    positive_deltas: Vec<i64>,
    positive_counts: Vec<f64>,
    reset_hint: CounterResetHint,
    timestamp: i64,
    start_timestamp: i64,
    custom_values: Vec<f64>,
}

impl SentHistogram {
    /// Reads a histogram message; gives its time and its start time (0 for none) too.
    ///
    /// # Errors
    /// Where the bytes are no such message, or have more buckets than any histogram.
    pub fn decode(message: &[u8]) -> Result<(i64, i64, Self), Error> {
        let mut fields = Fields::default();
        let mut message = Message::new("Histogram", message);
        while let Some((number, value)) = message.next()? {
            fields.take(number, value)?;
        }
        Ok((fields.timestamp, fields.start_timestamp, fields.into_histogram()))
    }
}

impl Fields {
    fn take(&mut self, number: u32, value: Value<'_>) -> Result<(), Error> {
        match number {
            // Of the two forms of a number the one that comes last counts.
            1 => (self.is_float, self.count) = (false, value.number_of("CountInt")?),
            2 => (self.is_float, self.count_float) = (true, value.float_of("CountFloat")?),
            3 => self.sum = value.float_of("Sum")?,
            4 => self.schema = zigzag(value.number_of("Schema")?) as i32,
            5 => self.zero_threshold = value.float_of("ZeroThreshold")?,
            6 => self.zero_count = value.number_of("ZeroCountInt")?,
            7 => self.zero_count_float = value.float_of("ZeroCountFloat")?,
            8 => add_span(&mut self.negative_spans, value, "NegativeSpans")?,
            9 => add_deltas(&mut self.negative_deltas, value, "NegativeDeltas")?,
            10 => add_counts(&mut self.negative_counts, value, "NegativeCounts")?,
            11 => add_span(&mut self.positive_spans, value, "PositiveSpans")?,
            12 => add_deltas(&mut self.positive_deltas, value, "PositiveDeltas")?,
            13 => add_counts(&mut self.positive_counts, value, "PositiveCounts")?,
            14 => self.reset_hint = reset_hint(value.number_of("ResetHint")?),
            15 => self.timestamp = value.number_of("Timestamp")? as i64,
            16 => add_counts(&mut self.custom_values, value, "CustomValues")?,
            17 => self.start_timestamp = value.number_of("StartTimestamp")? as i64,
            _ => {}
        }
        Ok(())
    }

    fn into_histogram(self) -> SentHistogram {
        let custom_values: Arc<[f64]> = self.custom_values.into();
        if self.is_float {
            return SentHistogram::Float(Box::new(FloatHistogram {
                counter_reset_hint: self.reset_hint,
                schema: self.schema,
                zero_threshold: self.zero_threshold,
                zero_count: self.zero_count_float,
                count: self.count_float,
                sum: self.sum,
                positive_spans: self.positive_spans,
                negative_spans: self.negative_spans,
                positive_buckets: self.positive_counts,
                negative_buckets: self.negative_counts,
                custom_values,
            }));
        }
        SentHistogram::Int(Box::new(Histogram {
            counter_reset_hint: self.reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count,
            count: self.count,
            sum: self.sum,
            positive_spans: self.positive_spans,
            negative_spans: self.negative_spans,
            positive_buckets: self.positive_deltas,
            negative_buckets: self.negative_deltas,
            custom_values,
        }))
    }
}

fn add_span(spans: &mut Vec<Span>, value: Value<'_>, field: &'static str) -> Result<(), Error> {
    let mut span = Span::default();
    let mut fields = Message::new("BucketSpan", value.bytes_of(field)?);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => span.offset = zigzag(value.number_of("Offset")?) as i32,
            2 => span.length = value.number_of("Length")? as u32,
            _ => {}
        }
    }
    spans.push(span);
    within_limit(spans.len())
}

fn add_deltas(deltas: &mut Vec<i64>, value: Value<'_>, field: &'static str) -> Result<(), Error> {
    if let Value::Bytes(packed) = value {
        within_limit(deltas.len() + packed.iter().filter(|byte| **byte < 0x80).count())?;
    }
    value.numbers_of(field, |number| deltas.push(zigzag(number)))?;
    within_limit(deltas.len())
}

fn add_counts(counts: &mut Vec<f64>, value: Value<'_>, field: &'static str) -> Result<(), Error> {
    value.floats_of(field, counts)?;
    within_limit(counts.len())
}

fn within_limit(count: usize) -> Result<(), Error> {
    if count > BUCKETS_MAX { Err(Error::TooMany { what: "buckets" }) } else { Ok(()) }
}

fn reset_hint(number: u64) -> CounterResetHint {
    match number {
        1 => CounterResetHint::Reset,
        2 => CounterResetHint::NotReset,
        3 => CounterResetHint::Gauge,
        _ => CounterResetHint::Unknown,
    }
}
