//! The protobuf form of a push, walked over the decompressed bytes.
//!
//! Source: <https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs>

use super::{Error, Push, Text, ZERO_TIME};
use crate::remote::message::Message;

/// Reads a decompressed body.
///
/// # Errors
/// [`Error::Proto`], [`Error::Utf8`], [`Error::TooMany`].
pub fn protobuf(body: &[u8]) -> Result<Push<'_>, Error> {
    let mut push = Push::new();
    let mut fields = Message::new("PushRequest", body);
    while let Some((number, value)) = fields.next()? {
        if number == 1 {
            read_stream(value.bytes_of("Streams")?, &mut push)?;
        }
    }
    Ok(push)
}

fn read_stream<'a>(message: &'a [u8], push: &mut Push<'a>) -> Result<(), Error> {
    push.begin_stream(Text::EMPTY);
    let mut fields = Message::new("StreamAdapter", message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => {
                let labels = value.bytes_of("Labels")?;
                std::str::from_utf8(labels).map_err(|_| Error::Utf8("Labels"))?;
                push.set_labels(Text::Body(labels));
            }
            2 => read_entry(value.bytes_of("Entries")?, push)?,
            _ => {}
        }
    }
    Ok(())
}

fn read_entry<'a>(message: &'a [u8], push: &mut Push<'a>) -> Result<(), Error> {
    let (mut timestamp, mut line) = (ZERO_TIME, Text::EMPTY);
    let metadata_start = push.metadata.len();
    let mut fields = Message::new("EntryAdapter", message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => timestamp = read_time(value.bytes_of("Timestamp")?)?,
            2 => line = Text::Body(value.bytes_of("Line")?),
            3 => {
                let (name, text) = read_pair(value.bytes_of("StructuredMetadata")?)?;
                let pair = (push.utf8(name), push.utf8(text));
                push.add_metadata(pair.0, pair.1)?;
            }
            _ => {}
        }
    }
    push.add(timestamp, line, metadata_start)
}

fn read_time(message: &[u8]) -> Result<i64, Error> {
    let (mut seconds, mut nanos) = (0, 0);
    let mut fields = Message::new("Timestamp", message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => seconds = value.number_of("Seconds")? as i64,
            2 => nanos = i64::from(value.number_of("Nanos")? as i32),
            _ => {}
        }
    }
    Ok(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

fn read_pair(message: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let (mut name, mut text): (&[u8], &[u8]) = (&[], &[]);
    let mut fields = Message::new("LabelPairAdapter", message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => name = value.bytes_of("Name")?,
            2 => text = value.bytes_of("Value")?,
            _ => {}
        }
    }
    Ok((name, text))
}
