//! Samples and exemplars, which both versions lay out alike but for labels.

use super::Error;
use super::labels::SentLabels;
use super::message::Message;
use crate::proto::{Value, split_varint};

/// A float sample as it was sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SentSample {
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Since when the counter has counted, 0 for not known (version 2.0 alone).
    pub start_timestamp: i64,
    /// The value.
    pub value: f64,
}

const VALUE_TAG: u8 = 1 << 3 | 1;
const TIMESTAMP_TAG: u8 = 2 << 3;

/// Reads a sample.
#[inline]
pub(super) fn decode_sample(bytes: &[u8]) -> Result<SentSample, Error> {
    let mut sample = SentSample { timestamp: 0, start_timestamp: 0, value: 0.0 };
    let mut rest = bytes;
    // What senders write: the value, left out where it is 0, and the time.
    if let Some((&[VALUE_TAG, a, b, c, d, e, f, g, h], after)) = rest.split_first_chunk::<9>() {
        sample.value = f64::from_le_bytes([a, b, c, d, e, f, g, h]);
        rest = after;
    }
    if let Some((&TIMESTAMP_TAG, after)) = rest.split_first() {
        let (timestamp, after) = split_varint(after).map_err(|error| Error::of(error, "Sample"))?;
        sample.timestamp = timestamp as i64;
        rest = after;
    }
    if !rest.is_empty() {
        decode_rest(rest, &mut sample)?;
    }
    Ok(sample)
}

#[cold]
fn decode_rest(rest: &[u8], sample: &mut SentSample) -> Result<(), Error> {
    let mut fields = Message::new("Sample", rest);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => sample.value = value.float_of("Value")?,
            2 => sample.timestamp = value.number_of("Timestamp")? as i64,
            3 => sample.start_timestamp = value.number_of("StartTimestamp")? as i64,
            _ => {}
        }
    }
    Ok(())
}

/// An exemplar as it was sent, its labels apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SentExemplar {
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// The observed value.
    pub value: f64,
}

/// Reads an exemplar; `label` is called with each value of the field that tells its labels.
pub(super) fn decode_exemplar<'a>(
    bytes: &'a [u8],
    mut label: impl FnMut(Value<'a>) -> Result<(), Error>,
) -> Result<SentExemplar, Error> {
    let mut exemplar = SentExemplar { timestamp: 0, value: 0.0 };
    let mut fields = Message::new("Exemplar", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => label(value)?,
            2 => exemplar.value = value.float_of("Value")?,
            3 => exemplar.timestamp = value.number_of("Timestamp")? as i64,
            _ => {}
        }
    }
    Ok(exemplar)
}

/// Reads an exemplar of version 1.0 and its labels.
///
/// # Errors
/// Where the bytes are no exemplar.
pub(super) fn decode_labelled_exemplar<'a>(
    bytes: &'a [u8],
    labels: &mut SentLabels<'a>,
) -> Result<SentExemplar, Error> {
    labels.clear();
    decode_exemplar(bytes, |value| labels.add(value.bytes_of("Labels")?))
}
