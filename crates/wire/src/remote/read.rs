//! Remote read: queries, and the two forms of their answers.

mod answer;
mod ask;
mod received;
#[cfg(test)]
mod tests;

use super::Error;
use super::message::Message;
use crate::proto::Value;

pub use answer::{AnswerSeries, ChunkFrames, SampleToRead, SamplesAnswer};
pub use received::{FrameError, SentChunk, each_chunked_series, each_series, labels_of, split_frame};

/// A request of remote read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadRequest {
    /// What is asked.
    pub queries: Vec<Query>,
    /// Forms of the answer that the client takes, the dearest first.
    pub accepted: Vec<u64>,
}

/// The form with samples: [`SamplesAnswer`].
pub const SAMPLES: u64 = 0;
/// The form with chunks, in frames: [`ChunkFrames`].
pub const STREAMED_XOR_CHUNKS: u64 = 1;

/// A query for series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The first millisecond.
    pub start: i64,
    /// The last millisecond.
    pub end: i64,
    /// What the labels must fulfil.
    pub matchers: Vec<SentMatcher>,
    /// What the client will do with the series.
    pub hints: Option<Hints>,
}

/// A matcher, not checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SentMatcher {
    /// 0 `=`, 1 `!=`, 2 `=~`, 3 `!~`.
    pub kind: u64,
    /// The label.
    pub name: String,
    /// The value or expression.
    pub value: String,
}

/// What a client will do with the series of a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hints {
    /// Distance of the steps, milliseconds.
    pub step: i64,
    /// The function around the selector.
    pub function: String,
    /// First time that is read, milliseconds.
    pub start: i64,
    /// Last time that is read, milliseconds.
    pub end: i64,
    /// Labels that an aggregation names.
    pub grouping: Vec<String>,
    /// Whether they are kept.
    pub by: bool,
    /// Width of the range selector, milliseconds.
    pub range: i64,
}

/// Queries and matchers that one request may have in all.
const PARTS_MAX: usize = 100_000;

impl ReadRequest {
    /// Reads a decompressed body.
    ///
    /// # Errors
    /// Where the bytes are no request.
    pub fn decode(body: &[u8]) -> Result<Self, Error> {
        let mut request = Self::default();
        let mut parts = 0;
        let mut fields = Message::new("ReadRequest", body);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => {
                    let query = Query::decode(value.bytes_of("Queries")?)?;
                    parts += 1 + query.matchers.len();
                    request.queries.push(query);
                }
                2 => {
                    if let Value::Bytes(packed) = value {
                        parts += packed.len();
                    }
                    within_limit(parts)?;
                    value.numbers_of("AcceptedResponseTypes", |form| request.accepted.push(form))?;
                    parts += 1;
                }
                _ => {}
            }
            within_limit(parts)?;
        }
        Ok(request)
    }
}

impl Query {
    fn decode(message: &[u8]) -> Result<Self, Error> {
        let mut query = Self::default();
        let mut fields = Message::new("Query", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => query.start = value.number_of("StartTimestampMs")? as i64,
                2 => query.end = value.number_of("EndTimestampMs")? as i64,
                3 => {
                    query.matchers.push(SentMatcher::decode(value.bytes_of("Matchers")?)?);
                    within_limit(query.matchers.len())?;
                }
                4 => query.hints = Some(Hints::decode(value.bytes_of("Hints")?)?),
                _ => {}
            }
        }
        Ok(query)
    }
}

impl SentMatcher {
    fn decode(message: &[u8]) -> Result<Self, Error> {
        let mut matcher = Self::default();
        let mut fields = Message::new("LabelMatcher", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => matcher.kind = value.number_of("Type")?,
                2 => matcher.name = text(value.bytes_of("Name")?),
                3 => matcher.value = text(value.bytes_of("Value")?),
                _ => {}
            }
        }
        Ok(matcher)
    }
}

impl Hints {
    fn decode(message: &[u8]) -> Result<Self, Error> {
        let mut hints = Self::default();
        let mut fields = Message::new("ReadHints", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => hints.step = value.number_of("StepMs")? as i64,
                2 => hints.function = text(value.bytes_of("Func")?),
                3 => hints.start = value.number_of("StartMs")? as i64,
                4 => hints.end = value.number_of("EndMs")? as i64,
                5 => {
                    hints.grouping.push(text(value.bytes_of("Grouping")?));
                    within_limit(hints.grouping.len())?;
                }
                6 => hints.by = value.number_of("By")? != 0,
                7 => hints.range = value.number_of("RangeMs")? as i64,
                _ => {}
            }
        }
        Ok(hints)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn within_limit(parts: usize) -> Result<(), Error> {
    if parts > PARTS_MAX { Err(Error::TooMany { what: "matchers" }) } else { Ok(()) }
}
