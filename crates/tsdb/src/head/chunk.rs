//! Chunks of the head: the open one of a series that samples are appended to, and the full ones.

use std::sync::Arc;

use chunks::{ByteBuffer, Encoding, XorAppender};

/// When a chunk ends: after so many samples, and at the borders of the chunk range.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkShape {
    pub(crate) range_ms: i64,
    pub(crate) samples: u32,
}

/// A float chunk beyond this many bytes takes no more samples, so that it stays within 1 KiB.
const XOR_BYTES_MAX: usize = 1005;

impl ChunkShape {
    /// The end of the chunk range that a time lies in.
    fn range_end(self, timestamp: i64) -> i64 {
        timestamp.div_euclid(self.range_ms).saturating_add(1).saturating_mul(self.range_ms)
    }

    /// Where to end a chunk that began at `start` and is a quarter full at `now`, so that the chunks up to `end`
    /// get about equal numbers of samples.
    fn predicted_end(start: i64, now: i64, end: i64) -> i64 {
        let whole_chunk = now.saturating_sub(start).saturating_add(1).saturating_mul(4);
        let chunks = end.saturating_sub(start) / whole_chunk.max(1);
        if chunks <= 1 { end } else { start + (end - start) / chunks }
    }
}

/// The float chunk that a series is being appended to.
#[derive(Debug)]
pub(crate) struct OpenChunk {
    appender: XorAppender,
    bytes: ChunkBuffer,
    start: i64,
    /// Samples from this time on go to the next chunk.
    cut_at: i64,
}

impl OpenChunk {
    /// A chunk whose first sample will be at `start`.
    pub(crate) fn new(start: i64, shape: ChunkShape) -> Self {
        let mut bytes = ChunkBuffer::default();
        let appender = XorAppender::new(&mut bytes);
        Self { appender, bytes, start, cut_at: shape.range_end(start) }
    }

    /// Whether a sample at this time belongs to the next chunk.
    pub(crate) fn is_over(&self, timestamp: i64, shape: ChunkShape) -> bool {
        timestamp >= self.cut_at
            || u32::from(self.appender.count()) >= shape.samples.saturating_mul(2)
            || self.appender.count() == u16::MAX
            || self.bytes.0.len() > XOR_BYTES_MAX
    }

    /// Adds a sample that is newer than all others.
    pub(crate) fn append(&mut self, timestamp: i64, value: f64, shape: ChunkShape) {
        // The only failure is a full chunk, which `is_over` has excluded.
        let _ = self.appender.append(&mut self.bytes, timestamp, value);
        if u32::from(self.appender.count()) == shape.samples / 4 {
            self.cut_at = ChunkShape::predicted_end(self.start, timestamp, self.cut_at);
        }
    }

    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    pub(crate) fn end(&self) -> i64 {
        self.appender.last_timestamp().unwrap_or(self.start)
    }

    pub(crate) fn last_value(&self) -> Option<f64> {
        self.appender.last_value()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes.0
    }

    /// Ends the chunk.
    pub(crate) fn seal(self) -> FullChunk {
        let (start, end) = (self.start, self.end());
        FullChunk { start, end, encoding: Encoding::Xor, bytes: self.bytes.0.into() }
    }
}

/// A chunk that takes no more samples.
#[derive(Debug, Clone)]
pub(crate) struct FullChunk {
    /// Time of the first sample.
    pub(crate) start: i64,
    /// Time of the last sample.
    pub(crate) end: i64,
    pub(crate) encoding: Encoding,
    pub(crate) bytes: Arc<[u8]>,
}

/// The bytes of an open chunk. It grows in the allocator's own steps: doubling would leave half of it unused, and
/// this is the largest part of a series.
#[derive(Debug, Default)]
struct ChunkBuffer(Vec<u8>);

impl ByteBuffer for ChunkBuffer {
    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let step = if needed <= 128 { 16 } else { 64 };
            self.0.reserve_exact(needed.next_multiple_of(step) - self.0.len());
        }
        self.0.extend_from_slice(bytes);
    }

    fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ChunkShape = ChunkShape { range_ms: 7_200_000, samples: 120 };

    fn chunk_lengths(interval: i64, samples: i64) -> Vec<u16> {
        let mut lengths = Vec::new();
        let mut open = OpenChunk::new(0, SHAPE);
        for timestamp in (0..samples).map(|number| number * interval) {
            if open.is_over(timestamp, SHAPE) {
                lengths.push(open.appender.count());
                open = OpenChunk::new(timestamp, SHAPE);
            }
            open.append(timestamp, timestamp as f64, SHAPE);
        }
        lengths.push(open.appender.count());
        lengths
    }

    #[test]
    fn chunks_share_the_range_evenly_and_end_with_it() {
        // Two hours at 15 s are 480 samples: four chunks of 120.
        assert_eq!(chunk_lengths(15_000, 960), [120; 8]);
        // At 60 s they are 120: one chunk.
        assert_eq!(chunk_lengths(60_000, 240), [120, 120]);
        // At 40 s they are 180; one chunk would be too long for two of 120, so it ends with the range.
        assert_eq!(chunk_lengths(40_000, 180), [180]);
        // Slower ones end with the range whatever they hold.
        assert_eq!(chunk_lengths(3_600_000, 4), [2, 2]);
    }

    #[test]
    fn a_chunk_of_hard_values_stays_within_its_bytes() {
        let mut open = OpenChunk::new(0, SHAPE);
        let mut timestamp = 0;
        while !open.is_over(timestamp, SHAPE) {
            open.append(timestamp, (timestamp as f64 * 0.7).sin(), SHAPE);
            timestamp += 5_000 + timestamp % 7 * 31;
        }
        assert!(open.bytes().len() <= 1024, "{}", open.bytes().len());
        assert!(open.appender.count() > 90);
    }

    #[test]
    fn twice_the_samples_end_a_chunk_whose_rate_has_risen() {
        let mut open = OpenChunk::new(0, SHAPE);
        let mut number = 0;
        let time = |number: i64| if number < 40 { number * 15_000 } else { 600_000 + number };
        while !open.is_over(time(number), SHAPE) {
            open.append(time(number), 1.0, SHAPE);
            number += 1;
        }
        assert_eq!(number, 240);
    }
}
