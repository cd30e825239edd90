//! The body of one histogram.

use std::sync::Arc;

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram, Histogram, Span};

use super::cursor::{Cursor, DecodeError, put_float, put_uvarint, put_varint};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Histogram, DecodeError> {
    let (counter_reset_hint, schema, zero_threshold) = read_head(cursor)?;
    let zero_count = cursor.uvarint("a zero count")?;
    let count = cursor.uvarint("a count")?;
    let sum = cursor.float("a sum")?;
    let positive_spans = read_spans(cursor)?;
    let negative_spans = read_spans(cursor)?;
    let positive_buckets = read_buckets(cursor, &positive_spans, 1, |cursor| cursor.varint("a bucket"))?;
    let negative_buckets = read_buckets(cursor, &negative_spans, 1, |cursor| cursor.varint("a bucket"))?;
    let custom_values = read_custom_values(cursor, schema)?;
    Ok(Histogram {
        counter_reset_hint,
        schema,
        zero_threshold,
        zero_count,
        count,
        sum,
        positive_spans,
        negative_spans,
        positive_buckets,
        negative_buckets,
        custom_values,
    })
}

pub(super) fn read_float(cursor: &mut Cursor<'_>) -> Result<FloatHistogram, DecodeError> {
    let (counter_reset_hint, schema, zero_threshold) = read_head(cursor)?;
    let zero_count = cursor.float("a zero count")?;
    let count = cursor.float("a count")?;
    let sum = cursor.float("a sum")?;
    let positive_spans = read_spans(cursor)?;
    let negative_spans = read_spans(cursor)?;
    let positive_buckets = read_buckets(cursor, &positive_spans, 8, |cursor| cursor.float("a bucket"))?;
    let negative_buckets = read_buckets(cursor, &negative_spans, 8, |cursor| cursor.float("a bucket"))?;
    let custom_values = read_custom_values(cursor, schema)?;
    Ok(FloatHistogram {
        counter_reset_hint,
        schema,
        zero_threshold,
        zero_count,
        count,
        sum,
        positive_spans,
        negative_spans,
        positive_buckets,
        negative_buckets,
        custom_values,
    })
}

fn read_head(cursor: &mut Cursor<'_>) -> Result<(CounterResetHint, i32, f64), DecodeError> {
    let hint = match cursor.byte("a counter reset hint")? {
        1 => CounterResetHint::Reset,
        2 => CounterResetHint::NotReset,
        3 => CounterResetHint::Gauge,
        _ => CounterResetHint::Unknown,
    };
    let schema = cursor.varint("a schema")?;
    let schema = i32::try_from(schema).map_err(|_| DecodeError::Number("a schema"))?;
    Ok((hint, schema, cursor.float("a zero threshold")?))
}

fn read_spans(cursor: &mut Cursor<'_>) -> Result<Vec<Span>, DecodeError> {
    let count = cursor.count("spans", 2)?;
    let mut spans = Vec::with_capacity(count);
    for _ in 0..count {
        let offset = cursor.varint("a span")?;
        let offset = i32::try_from(offset).map_err(|_| DecodeError::Number("a span"))?;
        let length = cursor.uvarint("a span")?;
        let length = u32::try_from(length).map_err(|_| DecodeError::Number("a span"))?;
        spans.push(Span { offset, length });
    }
    Ok(spans)
}

fn read_buckets<T>(
    cursor: &mut Cursor<'_>,
    spans: &[Span],
    each: usize,
    read: impl Fn(&mut Cursor<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let count = cursor.count("buckets", each)?;
    let laid_out = spans.iter().map(|span| u64::from(span.length)).sum();
    if count as u64 != laid_out {
        return Err(DecodeError::Buckets { buckets: count, spans: laid_out });
    }
    (0..count).map(|_| read(cursor)).collect()
}

fn read_custom_values(cursor: &mut Cursor<'_>, schema: i32) -> Result<Arc<[f64]>, DecodeError> {
    if schema != CUSTOM_BUCKETS_SCHEMA {
        return Ok(Arc::default());
    }
    (0..cursor.count("bucket bounds", 8)?).map(|_| cursor.float("a bucket bound")).collect()
}

pub(super) fn put(out: &mut Vec<u8>, histogram: &Histogram) {
    put_head(out, histogram.counter_reset_hint, histogram.schema, histogram.zero_threshold);
    put_uvarint(out, histogram.zero_count);
    put_uvarint(out, histogram.count);
    put_float(out, histogram.sum);
    put_spans(out, &histogram.positive_spans);
    put_spans(out, &histogram.negative_spans);
    for buckets in [&histogram.positive_buckets, &histogram.negative_buckets] {
        put_uvarint(out, buckets.len() as u64);
        buckets.iter().for_each(|bucket| put_varint(out, *bucket));
    }
    put_custom_values(out, histogram.schema, &histogram.custom_values);
}

pub(super) fn put_float_histogram(out: &mut Vec<u8>, histogram: &FloatHistogram) {
    put_head(out, histogram.counter_reset_hint, histogram.schema, histogram.zero_threshold);
    put_float(out, histogram.zero_count);
    put_float(out, histogram.count);
    put_float(out, histogram.sum);
    put_spans(out, &histogram.positive_spans);
    put_spans(out, &histogram.negative_spans);
    for buckets in [&histogram.positive_buckets, &histogram.negative_buckets] {
        put_uvarint(out, buckets.len() as u64);
        buckets.iter().for_each(|bucket| put_float(out, *bucket));
    }
    put_custom_values(out, histogram.schema, &histogram.custom_values);
}

fn put_head(out: &mut Vec<u8>, hint: CounterResetHint, schema: i32, zero_threshold: f64) {
    out.push(match hint {
        CounterResetHint::Unknown => 0,
        CounterResetHint::Reset => 1,
        CounterResetHint::NotReset => 2,
        CounterResetHint::Gauge => 3,
    });
    put_varint(out, i64::from(schema));
    put_float(out, zero_threshold);
}

fn put_spans(out: &mut Vec<u8>, spans: &[Span]) {
    put_uvarint(out, spans.len() as u64);
    for span in spans {
        put_varint(out, i64::from(span.offset));
        put_uvarint(out, u64::from(span.length));
    }
}

fn put_custom_values(out: &mut Vec<u8>, schema: i32, values: &[f64]) {
    if schema == CUSTOM_BUCKETS_SCHEMA {
        put_uvarint(out, values.len() as u64);
        values.iter().for_each(|value| put_float(out, *value));
    }
}
