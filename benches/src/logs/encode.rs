//! Bodies of Loki's push.

use super::batch::Batch;
use super::corpus;

/// How a push is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Protocol buffers, compressed with Snappy.
    Protobuf,
    /// JSON as it is.
    Json,
}

impl Form {
    /// The name that reports have.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Protobuf => "protobuf",
            Self::Json => "json",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// Writes a batch as one push; the entries of a stream stand together, as they came.
pub(super) fn encode(batch: &mut Batch, form: Form, body: &mut Vec<u8>) {
    body.clear();
    batch.by_stream();
    match form {
        Form::Protobuf => protobuf(batch, body),
        Form::Json => json(batch, body),
    }
}

fn protobuf(batch: &Batch, body: &mut Vec<u8>) {
    let mut of_stream = Vec::new();
    for entries in batch.entries().chunk_by(|a, b| a.stream == b.stream) {
        let Some(first) = entries.first() else { continue };
        of_stream.clear();
        put_bytes(&mut of_stream, 1, label_text(first.stream as usize).as_bytes());
        for entry in entries {
            let line = batch.line(entry);
            let (seconds, nanos) =
                (entry.timestamp.div_euclid(1_000_000_000), entry.timestamp.rem_euclid(1_000_000_000));
            let (seconds, nanos) = (seconds as u64, nanos as u64);
            let time = 2 + varint_len(seconds) + varint_len(nanos);
            let len = 2 + time + 1 + varint_len(line.len() as u64) + line.len();
            put_key(&mut of_stream, 2, len);
            put_key(&mut of_stream, 1, time);
            of_stream.push(1 << 3);
            put_varint(&mut of_stream, seconds);
            of_stream.push(2 << 3);
            put_varint(&mut of_stream, nanos);
            put_bytes(&mut of_stream, 2, line);
        }
        put_bytes(body, 1, &of_stream);
    }
}

/// The labels as a selector.
fn label_text(stream: usize) -> String {
    let pairs: Vec<String> =
        corpus::labels(stream).iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn varint_len(number: u64) -> usize {
    (64 - (number | 1).leading_zeros() as usize).div_ceil(7)
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_key(out: &mut Vec<u8>, field: u8, len: usize) {
    out.push(field << 3 | 2);
    put_varint(out, len as u64);
}

fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    put_key(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

fn json(batch: &Batch, body: &mut Vec<u8>) {
    body.extend_from_slice(b"{\"streams\":[");
    for (number, entries) in batch.entries().chunk_by(|a, b| a.stream == b.stream).enumerate() {
        let Some(first) = entries.first() else { continue };
        body.extend_from_slice(if number > 0 { b",{\"stream\":{" } else { b"{\"stream\":{" });
        for (place, (name, value)) in corpus::labels(first.stream as usize).iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            // None of the labels' texts needs an escape.
            body.extend_from_slice(format!("{comma}\"{name}\":\"{value}\"").as_bytes());
        }
        body.extend_from_slice(b"},\"values\":[");
        for (place, entry) in entries.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            body.extend_from_slice(format!("{comma}[\"{}\",\"", entry.timestamp).as_bytes());
            put_escaped(body, batch.line(entry));
            body.extend_from_slice(b"\"]");
        }
        body.extend_from_slice(b"]}");
    }
    body.extend_from_slice(b"]}");
}

/// Lines hold no control characters: quotes and backslashes alone need an escape.
fn put_escaped(out: &mut Vec<u8>, line: &[u8]) {
    for byte in line {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::corpus::Entry;

    fn batch() -> Batch {
        let mut batch = Batch::default();
        for (stream, timestamp, line) in [(4, 1, "a \"b\""), (1, 2_000_000_003, "c"), (4, 5, "d\\")] {
            batch.push(&Entry { stream, timestamp, line: line.as_bytes() });
        }
        batch
    }

    #[test]
    fn protobuf_is_read_back() {
        let mut body = Vec::new();
        encode(&mut batch(), Form::Protobuf, &mut body);
        let push = wire::loki::protobuf(&body).unwrap();
        let of = |stream| label_text(stream);
        let mut streams = push.streams.iter();
        for (stream, expected) in [(1, vec![(2_000_000_003, "c")]), (4, vec![(1, "a \"b\""), (5, "d\\")])] {
            let found = streams.next().unwrap();
            assert_eq!(push.text(found.labels), of(stream));
            let entries = push.entries[found.entries.clone()].iter();
            let entries: Vec<(i64, &str)> =
                entries.map(|entry| (entry.timestamp, push.text(entry.line))).collect();
            assert_eq!(entries, expected);
        }
        assert!(streams.next().is_none());
        assert!(of(4).contains("instance=\"nginx-00001\""));
    }

    #[test]
    fn json_is_read_back() {
        let mut body = Vec::new();
        encode(&mut batch(), Form::Json, &mut body);
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(value["streams"][0]["stream"]["job"], "shop");
        assert_eq!(value["streams"][1]["values"], serde_json::json!([["1", "a \"b\""], ["5", "d\\"]]));
    }
}
