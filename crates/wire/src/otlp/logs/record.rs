//! A record of a log.

use std::borrow::Cow;

use super::super::Error;
use super::super::attributes::value_text;
use super::super::message::{fixed, text};
use super::flatten::Flat;
use super::{Place, Rules, place};
use crate::loki::Pairs;
use crate::proto::Value;
use crate::remote::message::Message;

/// What of a record is neither label nor structured metadata.
pub(super) struct Record<'a> {
    /// Nanoseconds, if the record tells any time.
    pub(super) timestamp: Option<i64>,
    pub(super) line: Cow<'a, str>,
}

/// Adds a count, unless it is zero.
pub(super) fn push_count(metadata: &mut Flat<'_>, name: &'static str, count: u64) {
    if count > 0 {
        metadata.push((Cow::Borrowed(name), Cow::Owned(count.to_string())));
    }
}

impl<'a> Record<'a> {
    /// Reads a record, its attributes into `labels` and `metadata`.
    pub(super) fn read(
        message: &'a [u8],
        rules: &dyn Rules,
        labels: &mut Pairs<'a>,
        metadata: &mut Flat<'a>,
    ) -> Result<Self, Error> {
        let (mut time, mut observed) = (0, 0);
        let mut line = Cow::Borrowed("");
        let mut fields = Message::new("LogRecord", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => time = fixed(value, "TimeUnixNano")?,
                11 => observed = fixed(value, "ObservedTimeUnixNano")?,
                2 => push_count(metadata, "severity_number", value.number_of("SeverityNumber")?),
                3 => {
                    let severity = text(value, "SeverityText")?;
                    let is_label = rules.severity_text_is_label();
                    if !severity.is_empty() {
                        let pair = (Cow::Borrowed("severity_text"), Cow::Borrowed(severity));
                        if is_label { labels.push(pair) } else { metadata.push(pair) }
                    }
                }
                5 => line = value_text(value.bytes_of("Body")?)?,
                6 => place(value.bytes_of("Attributes")?, Place::Record, rules, labels, metadata)?,
                7 => push_count(
                    metadata,
                    "dropped_attributes_count",
                    value.number_of("DroppedAttributesCount")?,
                ),
                8 => push_flags(metadata, value)?,
                9 => push_hex(metadata, "trace_id", value.bytes_of("TraceId")?),
                10 => push_hex(metadata, "span_id", value.bytes_of("SpanId")?),
                _ => {}
            }
        }
        if time != 0 && observed != 0 {
            push_count(metadata, "observed_timestamp", observed);
        }
        let told = [time, observed].into_iter().find(|time| *time != 0);
        let timestamp = told.map(|time| i64::try_from(time).unwrap_or(i64::MAX));
        Ok(Self { timestamp, line })
    }
}

fn push_flags(metadata: &mut Flat<'_>, value: Value<'_>) -> Result<(), Error> {
    match value {
        Value::Fixed32(flags) => push_count(metadata, "flags", u64::from(flags)),
        value => return Err(crate::remote::Error::wrong("Flags", value).into()),
    }
    Ok(())
}

/// Adds an id in hexadecimal digits, unless it is zero.
fn push_hex(metadata: &mut Flat<'_>, name: &'static str, id: &[u8]) {
    if id.iter().any(|byte| *byte != 0) {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
        let text = id.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        metadata.push((Cow::Borrowed(name), Cow::Owned(text)));
    }
}
