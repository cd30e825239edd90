//! Delimited `io.prometheus.client.MetricFamily` messages (specification, section 3.4).

#[cfg(test)]
mod tests;

use model::histogram::{CounterResetHint, Span};
use model::{FloatHistogram, MetricType};

use crate::exposition::{Family, Metric, MetricValue};

/// Appends families as messages, each with its length before it.
pub fn write_protobuf(families: &[Family], out: &mut Vec<u8>) {
    let mut message = Message::default();
    for family in families {
        message.0.clear();
        message.text(1, &family.name);
        if !family.help.is_empty() {
            message.text(2, &family.help);
        }
        message.number(3, type_code(family));
        for metric in &family.metrics {
            message.part(4, |part| write_metric(part, family.metric_type, metric));
        }
        if !family.unit.is_empty() {
            message.text(5, &family.unit);
        }
        push_varint(out, message.0.len() as u64);
        out.extend_from_slice(&message.0);
    }
}

/// The number of a family's type; a native histogram that is a gauge tells it by its hint.
fn type_code(family: &Family) -> u64 {
    let gauge = family.metrics.iter().any(|metric| match &metric.value {
        MetricValue::Native(histogram) => histogram.counter_reset_hint == CounterResetHint::Gauge,
        _ => false,
    });
    match family.metric_type {
        MetricType::Counter => 0,
        MetricType::Gauge | MetricType::Info | MetricType::StateSet => 1,
        MetricType::Summary => 2,
        MetricType::Unknown => 3,
        MetricType::Histogram if !gauge => 4,
        MetricType::Histogram | MetricType::GaugeHistogram => 5,
    }
}

fn write_metric(message: &mut Message, metric_type: MetricType, metric: &Metric) {
    for (name, value) in &metric.labels {
        message.part(1, |label| {
            label.text(1, name);
            label.text(2, value);
        });
    }
    match &metric.value {
        MetricValue::Number(value) => {
            let field = match metric_type {
                MetricType::Gauge | MetricType::Info | MetricType::StateSet => 2,
                MetricType::Counter => 3,
                _ => 5,
            };
            message.part(field, |number| number.double(1, *value));
        }
        MetricValue::Summary { count, sum, quantiles } => message.part(4, |summary| {
            summary.number(1, *count);
            summary.double(2, *sum);
            for (quantile, value) in quantiles {
                summary.part(3, |part| {
                    part.double(1, *quantile);
                    part.double(2, *value);
                });
            }
        }),
        MetricValue::Histogram { count, sum, buckets } => message.part(7, |histogram| {
            histogram.number(1, *count);
            histogram.double(2, *sum);
            for (bound, cumulative) in buckets {
                histogram.part(3, |bucket| {
                    bucket.number(1, *cumulative);
                    bucket.double(2, *bound);
                });
            }
        }),
        MetricValue::Native(histogram) => message.part(7, |part| write_native(part, histogram)),
    }
    if let Some(timestamp) = metric.timestamp {
        // Times before the epoch are negative numbers of 64 bits.
        message.number(6, timestamp as u64);
    }
}

fn write_native(message: &mut Message, histogram: &FloatHistogram) {
    message.double(2, histogram.sum);
    message.double(4, histogram.count);
    message.number(5, zigzag(histogram.schema));
    message.double(6, histogram.zero_threshold);
    message.double(8, histogram.zero_count);
    write_spans(message, 9, &histogram.negative_spans);
    histogram.negative_buckets.iter().for_each(|count| message.double(11, *count));
    write_spans(message, 12, &histogram.positive_spans);
    if histogram.positive_spans.is_empty() && histogram.negative_spans.is_empty() {
        // Without a span a reader takes an empty histogram for a classic one.
        write_spans(message, 12, &[Span::default()]);
    }
    histogram.positive_buckets.iter().for_each(|count| message.double(14, *count));
}

fn write_spans(message: &mut Message, field: u32, spans: &[Span]) {
    for span in spans {
        message.part(field, |part| {
            part.number(1, zigzag(span.offset));
            part.number(2, u64::from(span.length));
        });
    }
}

const fn zigzag(value: i32) -> u64 {
    ((value << 1) ^ (value >> 31)) as u32 as u64
}

fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A message being written, field by field.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn key(&mut self, field: u32, wire_type: u32) {
        push_varint(&mut self.0, u64::from(field << 3 | wire_type));
    }

    fn number(&mut self, field: u32, value: u64) {
        self.key(field, 0);
        push_varint(&mut self.0, value);
    }

    fn double(&mut self, field: u32, value: f64) {
        self.key(field, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn text(&mut self, field: u32, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, 2);
        push_varint(&mut self.0, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// A message inside this one.
    fn part(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        let mut part = Self::default();
        write(&mut part);
        self.bytes(field, &part.0);
    }
}
