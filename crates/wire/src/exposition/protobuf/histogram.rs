//! Histograms of the protobuf format: classic buckets and native ones in one message.

use model::histogram::{EXPONENTIAL_SCHEMA_MAX, NativeForm};
use model::{CounterResetHint, FloatHistogram, Histogram, Span};

use super::metric::{sint32, time};
use crate::exposition::error::ParseError;
use crate::proto::{Fields, ProtoError, Value, zigzag};

/// What a message says beside the layout of native buckets.
#[derive(Debug, Default)]
pub(super) struct Classic<'a> {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) buckets: Vec<Bucket<'a>>,
    pub(super) start_timestamp: Option<i64>,
    /// Whether there are native buckets, or the sign that there would be.
    pub(super) has_native: bool,
    pub(super) native_exemplars: Vec<&'a [u8]>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket<'a> {
    pub(super) bound: f64,
    /// Cumulative.
    pub(super) count: f64,
    pub(super) exemplar: Option<&'a [u8]>,
}

impl<'a> Classic<'a> {
    pub(super) fn read(message: &'a [u8]) -> Result<Self, ProtoError> {
        let mut classic = Self::default();
        let (mut whole, mut fractional) = (0, 0.0);
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => whole = value.varint(field)?,
                2 => classic.sum = value.double(field)?,
                3 => classic.buckets.push(Bucket::read(value.bytes(field)?)?),
                4 => fractional = value.double(field)?,
                6 | 8 => classic.has_native |= value.double(field)? > 0.0,
                7 => classic.has_native |= value.varint(field)? > 0,
                9 | 12 => classic.has_native = true,
                15 => classic.start_timestamp = time(value.bytes(field)?)?,
                16 => classic.native_exemplars.push(value.bytes(field)?),
                _ => {}
            }
        }
        classic.count = if fractional > 0.0 { fractional } else { whole as f64 };
        Ok(classic)
    }
}

impl<'a> Bucket<'a> {
    fn read(message: &'a [u8]) -> Result<Self, ProtoError> {
        let mut bucket = Self { bound: 0.0, count: 0.0, exemplar: None };
        let (mut whole, mut fractional) = (0, 0.0);
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => whole = value.varint(field)?,
                2 => bucket.bound = value.double(field)?,
                3 => bucket.exemplar = Some(value.bytes(field)?),
                4 => fractional = value.double(field)?,
                _ => {}
            }
        }
        bucket.count = if fractional > 0.0 { fractional } else { whole as f64 };
        Ok(bucket)
    }
}

/// Both forms of a native histogram, as far as they are read.
#[derive(Debug, Default)]
struct Native {
    whole: Histogram,
    count: f64,
    zero_count: f64,
    positive_counts: Vec<f64>,
    negative_counts: Vec<f64>,
}

/// The native histogram of a message.
///
/// # Errors
/// The layout of the buckets contradicts itself.
pub(super) fn native(message: &[u8], is_gauge: bool, family: &str) -> Result<NativeForm, ParseError> {
    let mut read = Native::default();
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        read.field(field, value)?;
    }
    let Native { mut whole, count, zero_count, positive_counts, negative_counts } = read;
    whole.counter_reset_hint = if is_gauge { CounterResetHint::Gauge } else { CounterResetHint::Unknown };
    let is_fractional = count > 0.0 || zero_count > 0.0;
    let lengths = if is_fractional {
        (positive_counts.len(), negative_counts.len())
    } else {
        (whole.positive_buckets.len(), whole.negative_buckets.len())
    };
    for (side, spans, buckets) in
        [("positive", &whole.positive_spans, lengths.0), ("negative", &whole.negative_spans, lengths.1)]
    {
        let required: u64 = spans.iter().map(|span| u64::from(span.length)).sum();
        if required != buckets as u64 {
            let reason = format!("{side} side: spans require {required} buckets, have {buckets}");
            return Err(ParseError::Histogram { metric: family.to_owned(), reason });
        }
    }
    let failed = |error: model::histogram::Error| ParseError::Histogram {
        metric: family.to_owned(),
        reason: error.to_string(),
    };
    if is_fractional {
        let mut fractional = FloatHistogram {
            counter_reset_hint: whole.counter_reset_hint,
            schema: whole.schema,
            zero_threshold: whole.zero_threshold,
            zero_count,
            count,
            sum: whole.sum,
            positive_spans: whole.positive_spans,
            negative_spans: whole.negative_spans,
            positive_buckets: positive_counts,
            negative_buckets: negative_counts,
            custom_values: whole.custom_values,
        };
        if fractional.schema > EXPONENTIAL_SCHEMA_MAX {
            fractional.reduce_resolution(EXPONENTIAL_SCHEMA_MAX).map_err(failed)?;
        }
        fractional.compact(0);
        return Ok(NativeForm::Fractional(fractional));
    }
    if whole.schema > EXPONENTIAL_SCHEMA_MAX {
        whole.reduce_resolution(EXPONENTIAL_SCHEMA_MAX).map_err(failed)?;
    }
    whole.compact(0);
    Ok(NativeForm::Whole(whole))
}

impl Native {
    fn field(&mut self, field: u32, value: Value<'_>) -> Result<(), ProtoError> {
        let whole = &mut self.whole;
        match field {
            1 => whole.count = value.varint(field)?,
            2 => whole.sum = value.double(field)?,
            4 => self.count = value.double(field)?,
            5 => whole.schema = sint32(value.varint(field)?),
            6 => whole.zero_threshold = value.double(field)?,
            7 => whole.zero_count = value.varint(field)?,
            8 => self.zero_count = value.double(field)?,
            9 => whole.negative_spans.push(span(value.bytes(field)?)?),
            10 => value.varints_into(field, |delta| whole.negative_buckets.push(zigzag(delta)))?,
            11 => value.doubles_into(field, &mut self.negative_counts)?,
            12 => whole.positive_spans.push(span(value.bytes(field)?)?),
            13 => value.varints_into(field, |delta| whole.positive_buckets.push(zigzag(delta)))?,
            14 => value.doubles_into(field, &mut self.positive_counts)?,
            _ => {}
        }
        Ok(())
    }
}

fn span(message: &[u8]) -> Result<Span, ProtoError> {
    let mut span = Span::default();
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => span.offset = sint32(value.varint(field)?),
            2 => span.length = value.varint(field)? as u32,
            _ => {}
        }
    }
    Ok(span)
}
