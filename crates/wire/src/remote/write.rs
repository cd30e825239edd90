//! Requests of remote write for those who send, and the pieces that messages are made of.

/// Appends a number of variable length.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_tag(out: &mut Vec<u8>, field: u32, wire_type: u32) {
    put_varint(out, u64::from(field << 3 | wire_type));
}

pub(crate) fn put_varint_field(out: &mut Vec<u8>, field: u32, value: u64) {
    put_tag(out, field, 0);
    put_varint(out, value);
}

pub(super) fn put_zigzag(out: &mut Vec<u8>, field: u32, value: i64) {
    if value != 0 {
        put_varint_field(out, field, (value << 1) as u64 ^ (value >> 63) as u64);
    }
}

pub(crate) fn put_double(out: &mut Vec<u8>, field: u32, value: f64) {
    put_tag(out, field, 1);
    out.extend_from_slice(&value.to_le_bytes());
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    put_tag(out, field, 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(super) fn put_packed_zigzags(out: &mut Vec<u8>, field: u32, values: &[i64]) {
    if !values.is_empty() {
        put_message(out, field, |out| {
            for value in values {
                put_varint(out, (value << 1) as u64 ^ (value >> 63) as u64);
            }
        });
    }
}

pub(super) fn put_packed_doubles(out: &mut Vec<u8>, field: u32, values: &[f64]) {
    if !values.is_empty() {
        put_tag(out, field, 2);
        put_varint(out, values.len() as u64 * 8);
        out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
}

/// Appends a message within a message, its length in front.
pub(super) fn put_message(out: &mut Vec<u8>, field: u32, write: impl FnOnce(&mut Vec<u8>)) {
    put_tag(out, field, 2);
    let place = out.len();
    out.push(0);
    write(out);
    let len = out.len() - place - 1;
    if let (Ok(short), Some(first)) = (u8::try_from(len), out.get_mut(place))
        && short < 0x80
    {
        *first = short;
        return;
    }
    // Longer than the one byte that was left for it: the message moves.
    let mut prefix = Vec::with_capacity(10);
    put_varint(&mut prefix, len as u64);
    out.splice(place..=place, prefix);
}

/// A float sample to be sent: time and start time (0 for none) in milliseconds, and the value.
pub type SampleToSend = (i64, i64, f64);

/// The labels of a series as version 1.0 carries them: encoded once, sent often.
pub fn encode_labels<'a>(out: &mut Vec<u8>, labels: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (name, value) in labels {
        put_message(out, 1, |out| {
            put_bytes(out, 1, name.as_bytes());
            put_bytes(out, 2, value.as_bytes());
        });
    }
}

/// Appends a series with one sample to a request of version 1.0; `labels` are those of [`encode_labels`].
pub fn put_series_v1(request: &mut Vec<u8>, labels: &[u8], timestamp: i64, value: f64) {
    put_message(request, 1, |out| {
        out.extend_from_slice(labels);
        put_message(out, 2, |out| put_sample(out, (timestamp, 0, value)));
    });
}

/// Appends a sample's fields; what is 0 is left out.
pub fn put_sample(out: &mut Vec<u8>, (timestamp, start, value): SampleToSend) {
    if value.to_bits() != 0 {
        put_double(out, 1, value);
    }
    if timestamp != 0 {
        put_varint_field(out, 2, timestamp as u64);
    }
    if start != 0 {
        put_varint_field(out, 3, start as u64);
    }
}

/// Appends a line of the table of a request of version 2.0; the first one is empty.
pub fn put_symbol_v2(request: &mut Vec<u8>, text: &str) {
    put_bytes(request, 4, text.as_bytes());
}

/// Appends a series with one sample to a request of version 2.0; `labels` are lines of the table.
pub fn put_series_v2(request: &mut Vec<u8>, labels: &[u32], sample: SampleToSend) {
    put_message(request, 5, |out| {
        put_message(out, 1, |out| {
            for line in labels {
                put_varint(out, u64::from(*line));
            }
        });
        put_message(out, 2, |out| put_sample(out, sample));
    });
}
