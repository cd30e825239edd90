//! Chunks as a store gives them to what a client has asked for: none reaches out of the time, and none overlaps
//! another.

use chunks::Encoding;
use chunks::recode::{self, Sample};
use storage::{EncodedChunk, SeriesSet, TimeRange};

use super::Failure;

/// The chunks of a series, those at the ends of the time cut, those that overlap made one.
pub(super) fn chunks_within(
    set: &dyn SeriesSet,
    position: usize,
    range: TimeRange,
) -> Result<Vec<EncodedChunk>, Failure> {
    let chunks = set.chunks(position, range)?;
    let is_whole = |chunk: &EncodedChunk| range.start <= chunk.start && chunk.end <= range.end;
    if chunks.is_sorted_by(|a, b| a.end < b.start) {
        let mut cut = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            if is_whole(&chunk) {
                cut.push(chunk);
            } else {
                let mut samples = decoded(&chunk)?;
                samples.retain(|sample| range.contains(sample.timestamp));
                encode_into(&samples, &mut cut)?;
            }
        }
        return Ok(cut);
    }
    let mut cut = Vec::new();
    encode_into(&merged(&chunks, range)?, &mut cut)?;
    Ok(cut)
}

/// The samples of a series.
pub(super) fn samples_within(
    set: &dyn SeriesSet,
    position: usize,
    range: TimeRange,
) -> Result<Vec<Sample>, Failure> {
    merged(&set.chunks(position, range)?, range)
}

fn merged(chunks: &[EncodedChunk], range: TimeRange) -> Result<Vec<Sample>, Failure> {
    let overlapping = !chunks.is_sorted_by(|a, b| a.end < b.start);
    let sources = chunks.iter().map(decoded).collect::<Result<Vec<_>, _>>()?;
    let mut samples =
        if overlapping { recode::merge(sources) } else { sources.into_iter().flatten().collect() };
    samples.retain(|sample| range.contains(sample.timestamp));
    Ok(samples)
}

fn decoded(chunk: &EncodedChunk) -> Result<Vec<Sample>, Failure> {
    let mut samples = Vec::new();
    let encoding = Encoding::from_id(chunk.encoding).map_err(|error| Failure::internal(error.to_string()))?;
    recode::decode(encoding, &chunk.data, &mut samples)
        .map_err(|error| Failure::internal(error.to_string()))?;
    Ok(samples)
}

fn encode_into(samples: &[Sample], out: &mut Vec<EncodedChunk>) -> Result<(), Failure> {
    let encoded = recode::encode(samples).map_err(|error| Failure::internal(error.to_string()))?;
    out.extend(encoded.into_iter().map(|chunk| EncodedChunk {
        start: chunk.start,
        end: chunk.end,
        encoding: chunk.encoding.id(),
        data: chunk.data.into_owned(),
    }));
    Ok(())
}
