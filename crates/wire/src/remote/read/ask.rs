//! Requests of remote read for those who ask.

use super::{Hints, Query, ReadRequest, SentMatcher};
use crate::remote::write::{put_bytes, put_message, put_varint, put_varint_field};

impl ReadRequest {
    /// The message, to be compressed.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for query in &self.queries {
            put_message(&mut out, 1, |out| query.encode(out));
        }
        put_message(&mut out, 2, |out| {
            for form in &self.accepted {
                put_varint(out, *form);
            }
        });
        out
    }
}

impl Query {
    fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, 1, self.start);
        put_number(out, 2, self.end);
        for matcher in &self.matchers {
            put_message(out, 3, |out| matcher.encode(out));
        }
        if let Some(hints) = &self.hints {
            put_message(out, 4, |out| hints.encode(out));
        }
    }
}

impl SentMatcher {
    fn encode(&self, out: &mut Vec<u8>) {
        if self.kind != 0 {
            put_varint_field(out, 1, self.kind);
        }
        put_text(out, 2, &self.name);
        put_text(out, 3, &self.value);
    }
}

impl Hints {
    fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, 1, self.step);
        put_text(out, 2, &self.function);
        put_number(out, 3, self.start);
        put_number(out, 4, self.end);
        for name in &self.grouping {
            put_bytes(out, 5, name.as_bytes());
        }
        put_number(out, 6, i64::from(self.by));
        put_number(out, 7, self.range);
    }
}

fn put_number(out: &mut Vec<u8>, field: u32, value: i64) {
    if value != 0 {
        put_varint_field(out, field, value as u64);
    }
}

fn put_text(out: &mut Vec<u8>, field: u32, text: &str) {
    if !text.is_empty() {
        put_bytes(out, field, text.as_bytes());
    }
}
