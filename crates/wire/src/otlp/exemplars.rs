//! Exemplars of points.

use std::fmt::Write;

use model::exemplar::LABEL_CHARS_MAX;
use model::{Exemplar, Labels};

use super::Error;
use super::attributes::{Attributes, push_attribute};
use super::message::fixed;
use crate::remote::message::Message;

/// The exemplars of these messages.
pub(super) fn read(messages: &[&[u8]]) -> Result<Vec<Exemplar>, Error> {
    messages.iter().map(|message| read_one(message)).collect()
}

fn read_one(message: &[u8]) -> Result<Exemplar, Error> {
    let mut attributes = Attributes::default();
    let (mut value, mut time) = (0.0, 0_u64);
    let (mut trace, mut span): (&[u8], &[u8]) = (&[], &[]);
    let mut fields = Message::new("Exemplar", message);
    while let Some((number, field)) = fields.next()? {
        match number {
            2 => time = fixed(field, "TimeUnixNano")?,
            3 => value = field.float_of("AsDouble")?,
            4 => span = field.bytes_of("SpanId")?,
            5 => trace = field.bytes_of("TraceId")?,
            6 => value = fixed(field, "AsInt")? as i64 as f64,
            7 => push_attribute(&mut attributes, field)?,
            _ => {}
        }
    }
    let mut labels = Vec::new();
    for (name, id) in [("trace_id", trace), ("span_id", span)] {
        // Zeros alone are no identifier.
        if id.iter().any(|byte| *byte != 0) {
            labels.push((name, hex(id)));
        }
    }
    let chars = |name: &str, value: &str| name.chars().count() + value.chars().count();
    let identified: usize = labels.iter().map(|(name, value)| chars(name, value)).sum();
    let described: usize = attributes.iter().map(|(name, value)| chars(name, value)).sum();
    if identified + described <= LABEL_CHARS_MAX {
        labels.extend(attributes.iter().map(|(name, value)| (*name, value.clone().into_owned())));
    }
    Ok(Exemplar { labels: Labels::from_pairs(labels), value, timestamp: Some((time / 1_000_000) as i64) })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
