//! Histograms to messages.

use model::{CounterResetHint, FloatHistogram, Histogram, Span};

use crate::remote::write::{
    put_double, put_message, put_packed_doubles, put_packed_zigzags, put_varint_field, put_zigzag,
};

/// What both forms of histograms have.
struct Outline<'a> {
    schema: i32,
    zero_threshold: f64,
    sum: f64,
    negative_spans: &'a [Span],
    positive_spans: &'a [Span],
    hint: CounterResetHint,
    custom_values: &'a [f64],
}

/// Appends a histogram message with whole-number counts; a start time of 0 is none.
pub fn encode_histogram(out: &mut Vec<u8>, (timestamp, start): (i64, i64), histogram: &Histogram) {
    // The two forms of count are told apart by which one is there, so that 0 is written too.
    put_varint_field(out, 1, histogram.count);
    let outline = Outline {
        schema: histogram.schema,
        zero_threshold: histogram.zero_threshold,
        sum: histogram.sum,
        negative_spans: &histogram.negative_spans,
        positive_spans: &histogram.positive_spans,
        hint: histogram.counter_reset_hint,
        custom_values: &histogram.custom_values,
    };
    outline.put_head(out);
    put_varint_field(out, 6, histogram.zero_count);
    put_spans(out, 8, outline.negative_spans);
    put_packed_zigzags(out, 9, &histogram.negative_buckets);
    put_spans(out, 11, outline.positive_spans);
    put_packed_zigzags(out, 12, &histogram.positive_buckets);
    outline.put_tail(out, timestamp, start);
}

/// Appends a histogram message with fractional counts; a start time of 0 is none.
pub fn encode_float_histogram(out: &mut Vec<u8>, (timestamp, start): (i64, i64), histogram: &FloatHistogram) {
    put_double(out, 2, histogram.count);
    let outline = Outline {
        schema: histogram.schema,
        zero_threshold: histogram.zero_threshold,
        sum: histogram.sum,
        negative_spans: &histogram.negative_spans,
        positive_spans: &histogram.positive_spans,
        hint: histogram.counter_reset_hint,
        custom_values: &histogram.custom_values,
    };
    outline.put_head(out);
    put_double(out, 7, histogram.zero_count);
    put_spans(out, 8, outline.negative_spans);
    put_packed_doubles(out, 10, &histogram.negative_buckets);
    put_spans(out, 11, outline.positive_spans);
    put_packed_doubles(out, 13, &histogram.positive_buckets);
    outline.put_tail(out, timestamp, start);
}

impl Outline<'_> {
    fn put_head(&self, out: &mut Vec<u8>) {
        if self.sum.to_bits() != 0 {
            put_double(out, 3, self.sum);
        }
        put_zigzag(out, 4, i64::from(self.schema));
        if self.zero_threshold.to_bits() != 0 {
            put_double(out, 5, self.zero_threshold);
        }
    }

    fn put_tail(&self, out: &mut Vec<u8>, timestamp: i64, start: i64) {
        let hint = match self.hint {
            CounterResetHint::Unknown => 0,
            CounterResetHint::Reset => 1,
            CounterResetHint::NotReset => 2,
            CounterResetHint::Gauge => 3,
        };
        if hint != 0 {
            put_varint_field(out, 14, hint);
        }
        if timestamp != 0 {
            put_varint_field(out, 15, timestamp as u64);
        }
        put_packed_doubles(out, 16, self.custom_values);
        if start != 0 {
            put_varint_field(out, 17, start as u64);
        }
    }
}

fn put_spans(out: &mut Vec<u8>, field: u32, spans: &[Span]) {
    for span in spans {
        put_message(out, field, |out| {
            put_zigzag(out, 1, i64::from(span.offset));
            if span.length != 0 {
                put_varint_field(out, 2, u64::from(span.length));
            }
        });
    }
}
