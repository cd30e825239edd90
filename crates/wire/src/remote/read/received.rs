//! Answers of remote read for those who have asked.

use model::Labels;

use crate::proto::split_varint;
use crate::remote::Error;
use crate::remote::labels::SentLabels;
use crate::remote::message::Message;
use crate::remote::v1::Series;

/// Calls `visit` with each series of an answer with samples and the number of its query; the message is decompressed.
///
/// # Errors
/// Where the bytes are no such message, and what `visit` gives.
pub fn each_series<'a, E: From<Error>>(
    message: &'a [u8],
    mut visit: impl FnMut(usize, Series<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let mut query = 0;
    let mut fields = Message::new("ReadResponse", message);
    while let Some((number, value)) = fields.next()? {
        if number != 1 {
            continue;
        }
        let mut series = Message::new("QueryResult", value.bytes_of("Results")?);
        while let Some((number, value)) = series.next()? {
            if number == 1 {
                visit(query, Series::new(value.bytes_of("Timeseries")?))?;
            }
        }
        query += 1;
    }
    Ok(())
}

/// The labels of a series of an answer, `None` where one of them is no text.
///
/// # Errors
/// Where the bytes are no labels.
pub fn labels_of(series: &Series<'_>) -> Result<Option<Labels>, Error> {
    let mut labels = SentLabels::new();
    series.labels(&mut labels)?;
    Ok(labels.to_exemplar())
}

/// A chunk of a series, as it is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SentChunk<'a> {
    /// Time of the first sample.
    pub start: i64,
    /// Time of the last sample.
    pub end: i64,
    /// The number of the encoding.
    pub encoding: u64,
    /// The encoded bytes.
    pub data: &'a [u8],
}

/// What is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The frame is longer than may be read.
    #[error("chunkedReader: message size exceeded the limit {max} bytes; got: {len} bytes")]
    TooLarge {
        /// The most that is read.
        max: u64,
        /// Length that the frame announces.
        len: u64,
    },
    /// The bytes are not those that were sent.
    #[error("chunkedReader: corrupted frame; checksum mismatch")]
    Checksum,
    /// A length that is no number.
    #[error("chunkedReader: {0}")]
    Length(Error),
}

/// Takes a whole frame off the front of what has come: its message and its length with all that is around it;
/// `None` where more must come first.
///
/// # Errors
/// [`FrameError`].
pub fn split_frame(bytes: &[u8], max: u64) -> Result<Option<(&[u8], usize)>, FrameError> {
    let Ok((len, rest)) = split_varint(bytes) else {
        // A number has ten bytes at most.
        return if bytes.len() < 10 { Ok(None) } else { Err(FrameError::Length(Error::Overflow)) };
    };
    if len > max {
        return Err(FrameError::TooLarge { max, len });
    }
    let Some((checksum, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
    let Some(message) = usize::try_from(len).ok().and_then(|len| rest.get(..len)) else { return Ok(None) };
    let actual = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, message) as u32;
    if actual != u32::from_be_bytes(*checksum) {
        return Err(FrameError::Checksum);
    }
    Ok(Some((message, bytes.len() - rest.len() + message.len())))
}

/// Calls `visit` with the labels and the chunks of each series of a frame's message.
///
/// # Errors
/// Where the bytes are no such message, and what `visit` gives.
pub fn each_chunked_series<'a, E: From<Error>>(
    message: &'a [u8],
    mut visit: impl FnMut(Option<Labels>, Vec<SentChunk<'a>>) -> Result<(), E>,
) -> Result<(), E> {
    let mut fields = Message::new("ChunkedReadResponse", message);
    while let Some((number, value)) = fields.next()? {
        if number != 1 {
            continue;
        }
        let mut labels = SentLabels::new();
        let mut chunks = Vec::new();
        let mut series = Message::new("ChunkedSeries", value.bytes_of("ChunkedSeries")?);
        while let Some((number, value)) = series.next()? {
            match number {
                1 => labels.add(value.bytes_of("Labels")?)?,
                2 => chunks.push(SentChunk::decode(value.bytes_of("Chunks")?)?),
                _ => {}
            }
        }
        visit(labels.to_exemplar(), chunks)?;
    }
    Ok(())
}

impl<'a> SentChunk<'a> {
    fn decode(message: &'a [u8]) -> Result<Self, Error> {
        let mut chunk = Self::default();
        let mut fields = Message::new("Chunk", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => chunk.start = value.number_of("MinTimeMs")? as i64,
                2 => chunk.end = value.number_of("MaxTimeMs")? as i64,
                3 => chunk.encoding = value.number_of("Type")?,
                4 => chunk.data = value.bytes_of("Data")?,
                _ => {}
            }
        }
        Ok(chunk)
    }
}
