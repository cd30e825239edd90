//! Chunks of blocks taken apart and made anew without what is deleted of them.

use std::borrow::Cow;

use chunks::Encoding;
pub use chunks::recode::Chunk;
pub(crate) use chunks::recode::{Sample, Value, decode, encode, merge};
use storage::{EncodedChunk, SampleColumns};

use super::Intervals;

/// Chunks by time, those that overlap written anew as ones that do not. They are given in the order of their
/// precedence: of samples at one time that of the first chunk stays.
pub(crate) fn without_overlaps(chunks: Vec<Chunk<'_>>) -> Result<Vec<Chunk<'_>>, chunks::Error> {
    let mut ranked: Vec<(usize, Chunk<'_>)> = chunks.into_iter().enumerate().collect();
    ranked.sort_by_key(|(rank, chunk)| (chunk.start, *rank));
    let mut out = Vec::with_capacity(ranked.len());
    let mut run: Vec<(usize, Chunk<'_>)> = Vec::new();
    let mut end = i64::MIN;
    for (rank, chunk) in ranked {
        if !run.is_empty() && chunk.start > end {
            merge_run(std::mem::take(&mut run), &mut out)?;
        }
        end = end.max(chunk.end);
        // The same chunk of two sources, as when one was restored beside what became of it.
        if !run.iter().any(|(_, other)| *other == chunk) {
            run.push((rank, chunk));
        }
    }
    merge_run(run, &mut out)?;
    Ok(out)
}

/// Chunks of which each overlaps another.
fn merge_run<'a>(mut run: Vec<(usize, Chunk<'a>)>, out: &mut Vec<Chunk<'a>>) -> Result<(), chunks::Error> {
    if run.len() <= 1 {
        out.extend(run.pop().map(|(_, chunk)| chunk));
        return Ok(());
    }
    run.sort_by_key(|(rank, _)| *rank);
    let decoded = |(_, chunk): &(usize, Chunk<'_>)| {
        let mut samples = Vec::new();
        decode(chunk.encoding, &chunk.data, &mut samples).map(|()| samples)
    };
    let sources = run.iter().map(decoded).collect::<Result<Vec<_>, _>>()?;
    out.extend(encode(&merge(sources))?);
    Ok(())
}

/// As [`without_overlaps`], of the chunks that stores give out.
pub(crate) fn merge_encoded(chunks: Vec<EncodedChunk>) -> storage::Result<Vec<EncodedChunk>> {
    let corrupt = |error: chunks::Error| storage::Error::Corrupt(error.to_string());
    let decoded = |chunk: EncodedChunk| {
        let EncodedChunk { start, end, encoding, data } = chunk;
        Ok(Chunk { start, end, encoding: Encoding::from_id(encoding)?, data: Cow::Owned(data) })
    };
    let chunks = chunks.into_iter().map(decoded).collect::<Result<Vec<_>, _>>().map_err(corrupt)?;
    let merged = without_overlaps(chunks).map_err(corrupt)?;
    Ok(merged.into_iter().map(encoded).collect())
}

/// A chunk as stores give it out.
pub(crate) fn encoded(chunk: Chunk<'_>) -> EncodedChunk {
    let Chunk { start, end, encoding, data } = chunk;
    EncodedChunk { start, end, encoding: encoding.id(), data: data.into_owned() }
}

/// Adds a sample behind those of the columns.
pub(crate) fn push(out: &mut SampleColumns, sample: Sample) {
    match sample.value {
        Value::Float(value) => out.push_float(sample.timestamp, sample.start, value),
        Value::Histogram(histogram) => {
            out.push_histogram(sample.timestamp, sample.start, histogram.to_float());
        }
        Value::FloatHistogram(histogram) => {
            out.push_histogram(sample.timestamp, sample.start, *histogram);
        }
    }
}

/// Removes what is deleted.
pub(crate) fn remove_deleted(samples: &mut Vec<Sample>, deleted: &Intervals) {
    samples.retain(|sample| !deleted.contains(sample.timestamp));
}
