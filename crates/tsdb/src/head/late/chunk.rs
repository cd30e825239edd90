//! Chunks of samples that came out of order, in memory or in a file.

use std::sync::Arc;

use chunks::recode::{self, Chunk, Sample};
use storage::TimeRange;

use super::{ChunkFiles, Error, FileChunk, FullChunk};

/// A chunk of samples that came out of order.
#[derive(Debug, Clone)]
pub(crate) enum LateChunk {
    /// In memory.
    Memory(FullChunk),
    /// In a file.
    File(FileChunk),
}

impl LateChunk {
    /// From the first sample to the last.
    pub(crate) fn range(&self) -> TimeRange {
        match self {
            Self::Memory(chunk) => TimeRange::new(chunk.start, chunk.end),
            Self::File(chunk) => TimeRange::new(chunk.start(), chunk.end()),
        }
    }

    /// Takes the chunk apart, behind what `out` holds.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Chunk`].
    pub(crate) fn decode(&self, files: &ChunkFiles, out: &mut Vec<Sample>) -> Result<(), Error> {
        match self {
            Self::Memory(chunk) => recode::decode(chunk.encoding, &chunk.bytes, out)?,
            Self::File(chunk) => {
                let mut bytes = Vec::new();
                files.read(chunk, &mut bytes)?;
                recode::decode(chunk.encoding(), &bytes, out)?;
            }
        }
        Ok(())
    }

    /// Says that nothing reads the chunk any more.
    pub(crate) fn release(&self, files: &ChunkFiles) {
        if let Self::File(chunk) = self {
            files.release(chunk);
        }
    }
}

/// Makes chunks of samples that are sorted by time, none longer than a file can say.
pub(super) fn encode(samples: &[Sample]) -> Vec<FullChunk> {
    let span_max = i64::from(u32::MAX);
    let mut chunks = Vec::new();
    let mut rest = samples;
    while let Some(first) = rest.first() {
        let end = first.timestamp.saturating_add(span_max);
        let len = rest.partition_point(|sample| sample.timestamp < end);
        let (part, behind) = rest.split_at_checked(len.max(1)).unwrap_or((rest, &[]));
        chunks.extend(encode_part(part));
        rest = behind;
    }
    chunks
}

fn encode_part(samples: &[Sample]) -> Vec<FullChunk> {
    let full = |Chunk { start, end, encoding, data }: Chunk<'_>| FullChunk {
        start,
        end,
        encoding,
        bytes: Arc::from(data.into_owned()),
    };
    match recode::encode(samples) {
        Ok(chunks) => chunks.into_iter().map(full).collect(),
        // A histogram whose buckets are not those of its spans: refused when it comes, so there is none.
        Err(_) => samples
            .iter()
            .filter_map(|sample| recode::encode(std::slice::from_ref(sample)).ok())
            .flatten()
            .map(full)
            .collect(),
    }
}
