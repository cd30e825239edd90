//! Samples that came out of order: a series keeps them aside until blocks of their own take them.
//!
//! The newest stand as they came, older ones in chunks that may overlap anything. The write-behind log (`log.rs`)
//! holds them all; of chunks that went to a file it holds the place too (`filing.rs`), so that a start
//! (`replay.rs`) finds them there. After the head's next block all that came out of order goes to blocks
//! (`compact.rs`), and the log is cut.

mod chunk;
mod commit;
mod compact;
mod filing;
mod log;
mod metrics;
mod records;
mod replay;
#[cfg(test)]
mod tests;
mod window;

use chunks::recode::{self, Sample};
use storage::TimeRange;

use super::chunk::FullChunk;
use super::files::{ChunkFiles, FileChunk};
use super::isolation::CommitId;
use crate::Error;
use crate::block::Interval;
pub(crate) use chunk::LateChunk;
pub(crate) use compact::LateSpan;
pub(crate) use log::{LateLog, LateParts};
pub(crate) use metrics::LateMetrics;
pub(crate) use records::{LateSamples, push_records};
pub(crate) use replay::{Ambiguous, LateReplay};
pub(crate) use window::LateState;

/// A series' samples that came out of order.
#[derive(Debug, Default)]
pub(crate) struct Late {
    /// Not encoded yet; sorted by time, each time once.
    open: Vec<OpenSample>,
    /// Encoded, the first to be encoded first; they may overlap each other.
    chunks: Vec<LateChunk>,
    /// So many of the first chunks are on their way into blocks.
    leaving: usize,
    /// At how many open samples the next attempt to encode them is made, if one has failed.
    retry_at: usize,
}

#[derive(Debug, Clone)]
struct OpenSample {
    commit: CommitId,
    sample: Sample,
}

/// What is read of a series under its lock; decoding comes after.
#[derive(Debug, Default)]
pub(crate) struct TakenLate {
    chunks: Vec<LateChunk>,
    samples: Vec<Sample>,
}

/// So many samples stand as they came before they are encoded.
pub(crate) const OPEN_MAX: usize = 32;
/// The original lets so many stand; a start waits for more before it encodes, since its log says where they went.
pub(crate) const OPEN_MAX_RECOVERED: usize = 256;

impl Late {
    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.chunks.is_empty()
    }

    /// The number of chunks; open samples count as one.
    pub(crate) fn count(&self) -> u64 {
        self.chunks.len() as u64 + u64::from(!self.open.is_empty())
    }

    /// The spans of time of its chunks and its open samples.
    pub(crate) fn spans(&self) -> impl Iterator<Item = TimeRange> + '_ {
        let time = |sample: &OpenSample| sample.sample.timestamp;
        let open = self.open.first().map(time).zip(self.open.last().map(time));
        let open = open.map(|(first, last)| TimeRange::new(first, last));
        self.chunks.iter().map(LateChunk::range).chain(open)
    }

    /// Times of the first sample and of the last one.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let first = self.spans().map(|span| span.start).min();
        first.zip(self.spans().map(|span| span.end).max())
    }

    /// Whether any part of it has to do with a span of time.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        self.spans().any(|span| span.overlaps(range))
    }

    /// Adds a sample; `false` where there is an open one of the same time, which stays.
    pub(crate) fn insert(&mut self, commit: CommitId, sample: Sample) -> bool {
        let place = self.open.partition_point(|other| other.sample.timestamp < sample.timestamp);
        if self.open.get(place).is_some_and(|other| other.sample.timestamp == sample.timestamp) {
            return false;
        }
        self.open.insert(place, OpenSample { commit, sample });
        true
    }

    /// Encodes the open samples if there are `full` of them that every reader sees; says whether it did.
    pub(crate) fn seal_if_full(&mut self, low_watermark: CommitId, full: usize) -> bool {
        if self.open.len() < self.retry_at.max(full) {
            return false;
        }
        if self.open.iter().filter(|sample| sample.commit <= low_watermark).count() < full {
            self.retry_at = self.open.len().saturating_mul(2);
            return false;
        }
        self.seal(low_watermark);
        true
    }

    /// Encodes the open samples that every reader sees: those in chunks are hidden from nobody.
    pub(crate) fn seal(&mut self, low_watermark: CommitId) {
        let all = std::mem::take(&mut self.open);
        let (seen, unseen): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|sample| sample.commit <= low_watermark);
        (self.open, self.retry_at) = (unseen, 0);
        let seen: Vec<Sample> = seen.into_iter().map(|sample| sample.sample).collect();
        self.chunks.extend(chunk::encode(&seen).into_iter().map(LateChunk::Memory));
    }

    /// What a reader with this horizon sees in a span of time.
    pub(crate) fn take(&self, range: TimeRange, horizon: CommitId) -> TakenLate {
        let chunks = self.chunks.iter().filter(|chunk| chunk.range().overlaps(range)).cloned().collect();
        let seen = self.open.iter().filter(|open| open.commit <= horizon).map(|open| &open.sample);
        TakenLate {
            chunks,
            samples: seen.filter(|sample| range.contains(sample.timestamp)).cloned().collect(),
        }
    }

    /// Takes a chunk that a file holds, as a start finds it; open samples that stand in it go.
    pub(crate) fn attach(&mut self, chunk: FileChunk, samples: &[Sample]) {
        let times: Vec<i64> = samples.iter().map(|sample| sample.timestamp).collect();
        self.open.retain(|open| times.binary_search(&open.sample.timestamp).is_err());
        self.chunks.push(LateChunk::File(chunk));
    }

    /// Removes the samples of a span of time.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Chunk`]: a chunk that cannot be read stays as it is.
    pub(crate) fn delete(&mut self, interval: Interval, files: &ChunkFiles) -> Result<(), Error> {
        let is_deleted = |time: i64| interval.start <= time && time <= interval.end;
        self.open.retain(|open| !is_deleted(open.sample.timestamp));
        let mut outcome = Ok(());
        let mut kept = Vec::with_capacity(self.chunks.len());
        let mut leaving = 0;
        for (place, chunk) in std::mem::take(&mut self.chunks).into_iter().enumerate() {
            if !chunk.range().overlaps(TimeRange::new(interval.start, interval.end)) {
                kept.push(chunk);
            } else {
                let mut samples = Vec::new();
                match chunk.decode(files, &mut samples) {
                    Ok(()) => {
                        samples.retain(|sample| !is_deleted(sample.timestamp));
                        kept.extend(chunk::encode(&samples).into_iter().map(LateChunk::Memory));
                        chunk.release(files);
                    }
                    Err(error) => {
                        outcome = Err(error);
                        kept.push(chunk);
                    }
                }
            }
            if place < self.leaving {
                leaving = kept.len();
            }
        }
        (self.chunks, self.leaving) = (kept, leaving);
        outcome
    }
}

impl TakenLate {
    /// The samples by time; of those at one time the one that came first.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Chunk`].
    pub(crate) fn decode(self, files: &ChunkFiles) -> Result<Vec<Sample>, Error> {
        let mut sources = Vec::with_capacity(self.chunks.len() + 1);
        for chunk in &self.chunks {
            let mut samples = Vec::new();
            chunk.decode(files, &mut samples)?;
            sources.push(samples);
        }
        if sources.is_empty() {
            return Ok(self.samples);
        }
        sources.push(self.samples);
        Ok(recode::merge(sources))
    }
}
