//! Answers become series, within bounds.

use std::collections::BTreeMap;

use http_client::Response;
use model::Labels;
use storage::{EncodedChunk, SampleColumns};
use wire::remote::read::{SentChunk, each_chunked_series, each_series, labels_of, split_frame};
use wire::remote::v1::Item;
use wire::remote::{Decompressor, SentHistogram};

use super::series::Held;
use crate::Error;

/// The most bytes of an answer that are held, decompressed.
pub(super) const ANSWER_BYTES_MAX: u64 = 512 << 20;

/// The series of an answer, sorted by their labels.
pub(super) type Series = Vec<(Labels, Held)>;

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::Read(format!("unable to unmarshal response body: {error}"))
}

fn checked(labels: Option<Labels>) -> Result<Labels, Error> {
    labels.ok_or_else(|| unreadable("a label is no valid UTF-8"))
}

/// The series of an answer with samples, still compressed.
pub(super) fn read_samples(compressed: &[u8]) -> Result<Series, Error> {
    let mut decompressor = Decompressor::default();
    let message = decompressor
        .decompress(compressed, ANSWER_BYTES_MAX as usize)
        .map_err(|error| Error::Read(format!("error reading response: {error}")))?;
    let mut found: BTreeMap<Labels, SampleColumns> = BTreeMap::new();
    each_series::<Unreadable>(message, |_, series| {
        let labels = checked(labels_of(&series)?)?;
        let columns = found.entry(labels).or_default();
        let mut items = series.items();
        while let Some(item) = items.next()? {
            match item {
                Item::Sample(sample) => columns.push_float(sample.timestamp, 0, sample.value),
                Item::Histogram(message) => {
                    let (timestamp, _, histogram) = SentHistogram::decode(message)?;
                    let histogram = match histogram {
                        SentHistogram::Int(histogram) => histogram.to_float(),
                        SentHistogram::Float(histogram) => *histogram,
                    };
                    columns.push_histogram(timestamp, 0, histogram);
                }
                Item::Exemplar(_) | Item::Metadata(_) => {}
            }
        }
        Ok(())
    })
    .map_err(|error| error.0)?;
    Ok(found.into_iter().map(|(labels, columns)| (labels, Held::Columns(in_order(columns)))).collect())
}

/// An error of the bytes, or of what they say.
struct Unreadable(Error);

impl From<wire::remote::Error> for Unreadable {
    fn from(error: wire::remote::Error) -> Self {
        Self(unreadable(error))
    }
}

impl From<Error> for Unreadable {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// Samples in the order of their times, one for each: nobody says that a store sends them so.
fn in_order(columns: SampleColumns) -> SampleColumns {
    let is_sorted = |times: &[i64]| times.is_sorted_by(|a, b| a < b);
    if is_sorted(&columns.timestamps) && is_sorted(&columns.histograms.timestamps) {
        return columns;
    }
    let mut out = SampleColumns::new();
    let mut floats: Vec<(i64, f64)> = columns.timestamps.into_iter().zip(columns.values).collect();
    floats.sort_by_key(|(time, _)| *time);
    floats.dedup_by_key(|(time, _)| *time);
    for (time, value) in floats {
        out.push_float(time, 0, value);
    }
    let column = columns.histograms;
    let mut histograms: Vec<_> = column.timestamps.into_iter().zip(column.values).collect();
    histograms.sort_by_key(|(time, _)| *time);
    histograms.dedup_by_key(|(time, _)| *time);
    for (time, value) in histograms {
        out.push_histogram(time, 0, value);
    }
    out
}

/// The series of an answer in frames of chunks, as they come.
pub(super) async fn read_chunks(mut response: Response, frame_bytes_max: u64) -> Result<Series, Error> {
    let mut found: BTreeMap<Labels, Vec<EncodedChunk>> = BTreeMap::new();
    let mut waiting: Vec<u8> = Vec::new();
    let mut total = 0_u64;
    while let Some(piece) = response.chunk().await? {
        total += piece.len() as u64;
        if total > ANSWER_BYTES_MAX {
            return Err(Error::Read(format!("the answer has more than {ANSWER_BYTES_MAX} bytes")));
        }
        waiting.extend_from_slice(&piece);
        let mut taken = 0;
        while let Some((message, len)) =
            split_frame(waiting.get(taken..).unwrap_or_default(), frame_bytes_max)
                .map_err(|error| Error::Read(error.to_string()))?
        {
            add_frame(message, &mut found).map_err(|error| error.0)?;
            taken += len;
        }
        waiting.drain(..taken);
    }
    if !waiting.is_empty() {
        return Err(Error::Read("chunkedReader: unexpected EOF".to_owned()));
    }
    let series = found.into_iter().map(|(labels, mut chunks)| {
        chunks.sort_by_key(|chunk| (chunk.start, chunk.end));
        (labels, Held::Chunks(chunks))
    });
    Ok(series.collect())
}

fn add_frame(message: &[u8], found: &mut BTreeMap<Labels, Vec<EncodedChunk>>) -> Result<(), Unreadable> {
    each_chunked_series(message, |labels, chunks| {
        let held = found.entry(checked(labels)?).or_default();
        for SentChunk { start, end, encoding, data } in chunks {
            let encoding = u8::try_from(encoding).unwrap_or(0);
            if let Err(error) = chunks::Encoding::from_id(encoding) {
                return Err(Unreadable(unreadable(error)));
            }
            held.push(EncodedChunk { start, end, encoding, data: data.to_vec() });
        }
        Ok(())
    })
}
