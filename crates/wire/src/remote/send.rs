//! What a sender writes into requests: samples of every kind, metadata, and the table of texts of version 2.0.

use std::collections::HashMap;

use model::{FloatHistogram, Histogram, Labels, Metadata};

use super::histogram::{encode_float_histogram, encode_histogram};
use super::write::{
    put_bytes, put_double, put_message, put_sample, put_symbol_v2, put_varint, put_varint_field,
};

/// What is sent of a series at one time.
#[derive(Debug, Clone, Copy)]
pub enum ValueToSend<'a> {
    /// A float.
    Float(f64),
    /// A histogram with whole counts.
    Histogram(&'a Histogram),
    /// A histogram with fractional counts.
    FloatHistogram(&'a FloatHistogram),
    /// An exemplar: its value and labels of its own.
    Exemplar(f64, &'a Labels),
}

/// A value with its time and start time in milliseconds; a start time of 0 is none.
#[derive(Debug, Clone, Copy)]
pub struct ItemToSend<'a> {
    /// When.
    pub timestamp: i64,
    /// Since when a counter has counted.
    pub start: i64,
    /// What.
    pub value: ValueToSend<'a>,
}

/// Appends a series with one value to a request of version 1.0; `labels` are those of
/// [`encode_labels`](super::write::encode_labels). Start times are not part of this version.
pub fn put_item_v1(request: &mut Vec<u8>, labels: &[u8], item: &ItemToSend<'_>) {
    put_message(request, 1, |out| {
        out.extend_from_slice(labels);
        let time = item.timestamp;
        match item.value {
            ValueToSend::Float(value) => put_message(out, 2, |out| put_sample(out, (time, 0, value))),
            ValueToSend::Histogram(histogram) => {
                put_message(out, 4, |out| encode_histogram(out, (time, 0), histogram));
            }
            ValueToSend::FloatHistogram(histogram) => {
                put_message(out, 4, |out| encode_float_histogram(out, (time, 0), histogram));
            }
            ValueToSend::Exemplar(value, labels) => put_message(out, 3, |out| {
                super::write::encode_labels(out, labels.iter());
                put_value_and_time(out, value, time);
            }),
        }
    });
}

/// Appends what is known of a metric to a request of version 1.0.
pub fn put_metadata_v1(request: &mut Vec<u8>, metric: &str, metadata: &Metadata) {
    put_message(request, 3, |out| {
        // The numbers of types are those of the log.
        let code = metadata.metric_type.wal_code();
        if code != 0 {
            put_varint_field(out, 1, u64::from(code));
        }
        for (field, text) in [(2, metric), (4, metadata.help.as_str()), (5, metadata.unit.as_str())] {
            if !text.is_empty() {
                put_bytes(out, field, text.as_bytes());
            }
        }
    });
}

fn put_value_and_time(out: &mut Vec<u8>, value: f64, timestamp: i64) {
    if value.to_bits() != 0 {
        put_double(out, 2, value);
    }
    if timestamp != 0 {
        put_varint_field(out, 3, timestamp as u64);
    }
}

/// A request of version 2.0 in the making; it may be used again and again.
#[derive(Debug, Default)]
pub struct RequestV2 {
    lines: HashMap<Box<str>, u32>,
    table: Vec<u8>,
    series: Vec<u8>,
    labels: Vec<u32>,
}

impl RequestV2 {
    /// Adds a series with one value.
    pub fn push(&mut self, labels: &Labels, metadata: Option<&Metadata>, item: &ItemToSend<'_>) {
        let refs = self.lines_of(labels);
        let texts = metadata.map(|metadata| (self.line(&metadata.help), self.line(&metadata.unit)));
        let exemplar = match item.value {
            ValueToSend::Exemplar(value, labels) => Some((value, self.lines_of(labels))),
            _ => None,
        };
        let (time, start) = (item.timestamp, item.start);
        put_message(&mut self.series, 5, |out| {
            put_lines(out, &refs);
            match item.value {
                ValueToSend::Float(value) => put_message(out, 2, |out| put_sample(out, (time, start, value))),
                ValueToSend::Histogram(histogram) => {
                    put_message(out, 3, |out| encode_histogram(out, (time, start), histogram));
                }
                ValueToSend::FloatHistogram(histogram) => {
                    put_message(out, 3, |out| encode_float_histogram(out, (time, start), histogram));
                }
                ValueToSend::Exemplar(..) => {}
            }
            if let Some((value, refs)) = &exemplar {
                put_message(out, 4, |out| {
                    put_lines(out, refs);
                    put_value_and_time(out, *value, time);
                });
            }
            if let (Some(metadata), Some((help, unit))) = (metadata, texts) {
                put_message(out, 5, |out| {
                    let fields = [(1, u32::from(metadata.metric_type.wal_code())), (3, help), (4, unit)];
                    for (field, value) in fields.into_iter().filter(|(_, value)| *value != 0) {
                        put_varint_field(out, field, u64::from(value));
                    }
                });
            }
        });
        self.labels = refs;
    }

    /// Takes the request's bytes and begins a new one.
    pub fn take(&mut self) -> Vec<u8> {
        let mut request = Vec::with_capacity(self.table.len() + self.series.len() + 2);
        // The first line is empty.
        put_symbol_v2(&mut request, "");
        request.append(&mut self.table);
        request.append(&mut self.series);
        self.lines.clear();
        request
    }

    fn lines_of(&mut self, labels: &Labels) -> Vec<u32> {
        let mut refs = std::mem::take(&mut self.labels);
        refs.clear();
        for (name, value) in labels {
            refs.push(self.line(name));
            refs.push(self.line(value));
        }
        refs
    }

    /// The line on which a text stands.
    fn line(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if let Some(line) = self.lines.get(text) {
            return *line;
        }
        let line = u32::try_from(self.lines.len() + 1).unwrap_or(u32::MAX);
        put_symbol_v2(&mut self.table, text);
        self.lines.insert(text.into(), line);
        line
    }
}

fn put_lines(out: &mut Vec<u8>, lines: &[u32]) {
    if !lines.is_empty() {
        put_message(out, 1, |out| {
            for line in lines {
                put_varint(out, u64::from(*line));
            }
        });
    }
}

#[cfg(test)]
mod tests;
