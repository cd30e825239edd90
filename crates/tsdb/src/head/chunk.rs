//! Chunks of the head: the open one of a series that samples are appended to, and the full ones.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use chunks::{Appended, Encoding, HistogramAppender, ResetHeader, Xor2Appender, XorAppender};
use storage::TimeRange;
use wal::record::LastSample;

use super::chunk_buffer::{ChunkBytes, FloatBytes};
use super::kinds::{HeadHistogram, Writer};

/// When a chunk ends, and how it is encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkShape {
    /// Chunks end where a range does.
    pub(crate) range_ms: i64,
    /// How many floats a chunk is meant to hold.
    pub(crate) samples: u32,
    /// Whether floats are encoded with room for start timestamps.
    pub(crate) xor2: bool,
    /// Whether histograms are.
    pub(crate) histogram_starts: bool,
}

/// A float chunk beyond this many bytes takes no more samples, so that it stays within 1 KiB.
const XOR_BYTES_MAX: usize = 1005;
/// How long a chunk of histograms is meant to be; at twice the length it ends.
const HISTOGRAM_BYTES: usize = 1024;
/// A chunk of fewer histograms ends with the chunk range alone.
const HISTOGRAMS_MIN: u16 = 10;

impl ChunkShape {
    /// The end of the chunk range that a time lies in.
    fn range_end(self, timestamp: i64) -> i64 {
        timestamp.div_euclid(self.range_ms).saturating_add(1).saturating_mul(self.range_ms)
    }
}

/// Where to end a chunk that began at `start` and is full to one part in `parts` at `now`, so that the chunks up to
/// `end` get about equal shares.
fn predicted_end(start: i64, now: i64, end: i64, parts: f64) -> i64 {
    let whole_chunk = (now.saturating_sub(start).saturating_add(1)) as f64 * parts;
    let chunks = (end.saturating_sub(start) as f64 / whole_chunk).floor();
    if chunks <= 1.0 { end } else { start + ((end - start) as f64 / chunks) as i64 }
}

/// The chunk that a series is being appended to.
///
/// Its parts stand in the order in which an append needs them: see [`Series`](super::series::Series).
#[derive(Debug)]
#[repr(C)]
pub(crate) struct OpenChunk {
    writer: Writer,
    /// Samples from this time on go to the next chunk.
    cut_at: i64,
    start: i64,
    /// The encoded samples; of floats, the number of samples in front is not kept up to date.
    bytes: ChunkBytes,
}

/// What became of a histogram that was offered to the open chunk.
pub(crate) enum Offered {
    /// It is in the chunk.
    Taken,
    /// It begins a new chunk with this header.
    Refused(ResetHeader),
}

impl OpenChunk {
    /// A chunk of floats whose first sample will be at `start`.
    pub(crate) fn floats(start: i64, shape: ChunkShape) -> Self {
        let (writer, bytes) = if shape.xor2 {
            let mut bytes = Vec::new();
            (Writer::Xor2(Box::new(Xor2Appender::new(&mut bytes))), ChunkBytes::Plain(bytes))
        } else {
            let mut bytes = FloatBytes::new();
            (Writer::Xor(XorAppender::new(&mut bytes)), ChunkBytes::Floats(bytes))
        };
        Self { writer, cut_at: shape.range_end(start), start, bytes }
    }

    /// A chunk that begins with a histogram.
    ///
    /// # Errors
    /// Where the histogram's buckets are not those that its spans lay out.
    pub(crate) fn histograms<H: HeadHistogram>(
        time: (i64, i64),
        histogram: &H,
        reset: ResetHeader,
        shape: ChunkShape,
    ) -> Result<Self, chunks::Error> {
        let mut bytes = Vec::new();
        let appender = HistogramAppender::start(&mut bytes, shape.histogram_starts, reset, time, histogram)?;
        let bytes = ChunkBytes::Plain(bytes);
        Ok(Self { writer: H::writer(appender), cut_at: shape.range_end(time.0), start: time.0, bytes })
    }

    /// A chunk that was open before, and began at `start`.
    ///
    /// # Errors
    /// Where the bytes are no chunk, or one without samples.
    pub(crate) fn resume(
        encoding: Encoding,
        data: &[u8],
        start: i64,
        shape: ChunkShape,
    ) -> Result<Self, chunks::Error> {
        let mut bytes = data.to_vec();
        let with_starts = matches!(encoding, Encoding::HistogramSt | Encoding::FloatHistogramSt);
        let writer = match encoding {
            Encoding::Xor => Writer::Xor(XorAppender::resume(&mut bytes)?),
            Encoding::Xor2 => Writer::Xor2(Box::new(Xor2Appender::resume(&mut bytes)?)),
            Encoding::Histogram | Encoding::HistogramSt => {
                Writer::Histogram(Box::new(HistogramAppender::resume(&mut bytes, with_starts)?))
            }
            Encoding::FloatHistogram | Encoding::FloatHistogramSt => {
                Writer::FloatHistogram(Box::new(HistogramAppender::resume(&mut bytes, with_starts)?))
            }
        };
        let bytes = match &writer {
            Writer::Xor(_) => ChunkBytes::Floats(FloatBytes::from(bytes.as_slice())),
            Writer::Xor2(_) | Writer::Histogram(_) | Writer::FloatHistogram(_) => ChunkBytes::Plain(bytes),
        };
        let mut open = Self { writer, cut_at: shape.range_end(start), start, bytes };
        open.cut_at = open.resumed_cut(shape);
        Ok(open)
    }

    /// Where a resumed chunk ends, as if its samples had come evenly.
    fn resumed_cut(&self, shape: ChunkShape) -> i64 {
        if self.holds_floats() {
            if shape.xor2 != matches!(self.writer, Writer::Xor2(_)) {
                // Encodings were switched: it takes no more.
                return i64::MIN;
            }
            let (count, quarter) = (i64::from(self.count()), i64::from(shape.samples / 4));
            if count < quarter {
                return self.cut_at;
            }
            let even = self.end().saturating_sub(self.start) / (count - 1).max(1);
            let then = self.start.saturating_add(even.saturating_mul(quarter - 1));
            return predicted_end(self.start, then, self.cut_at, 4.0);
        }
        if self.with_starts() != shape.histogram_starts {
            return i64::MIN;
        }
        let bytes = self.bytes.len();
        if bytes < HISTOGRAM_BYTES / 4 {
            return self.cut_at;
        }
        predicted_end(self.start, self.end(), self.cut_at, HISTOGRAM_BYTES as f64 / bytes as f64)
    }

    /// Whether a float at this time goes into this chunk.
    pub(crate) fn takes_float(&self, timestamp: i64, shape: ChunkShape) -> bool {
        let samples = shape.samples.saturating_mul(2).min(u32::from(u16::MAX));
        self.holds_floats()
            && timestamp < self.cut_at
            && u32::from(self.count()) < samples
            && self.bytes.len() <= XOR_BYTES_MAX
    }

    /// Adds a float to a chunk of plain floats where it is newer than all of them and there is room; says whether it
    /// did. What it does is what [`OpenChunk::takes_float`] and [`OpenChunk::append_float`] do, in one go.
    #[inline]
    pub(crate) fn append_next(&mut self, timestamp: i64, value: f64, shape: ChunkShape) -> bool {
        let (Writer::Xor(appender), ChunkBytes::Floats(bytes)) = (&mut self.writer, &mut self.bytes) else {
            return false;
        };
        let samples = shape.samples.saturating_mul(2).min(u32::from(u16::MAX));
        let fits = appender.last_timestamp().is_some_and(|last| timestamp > last)
            && timestamp < self.cut_at
            && u32::from(appender.count()) < samples
            && bytes.len() <= XOR_BYTES_MAX;
        if !fits || appender.append(bytes, timestamp, value).is_err() {
            return false;
        }
        if u32::from(appender.count()) == shape.samples / 4 {
            self.cut_at = predicted_end(self.start, timestamp, self.cut_at, 4.0);
        }
        true
    }

    /// Time of the newest sample of a chunk of plain floats.
    #[inline]
    pub(crate) fn last_float_time(&self) -> Option<i64> {
        match &self.writer {
            Writer::Xor(appender) => appender.last_timestamp(),
            Writer::Xor2(_) | Writer::Histogram(_) | Writer::FloatHistogram(_) => None,
        }
    }

    /// Adds a float that is newer than all samples; a start time of 0 is none.
    pub(crate) fn append_float(&mut self, (timestamp, start): (i64, i64), value: f64, shape: ChunkShape) {
        // The only failure is a full chunk, which `takes_float` has excluded.
        let _ = match (&mut self.writer, &mut self.bytes) {
            (Writer::Xor(appender), ChunkBytes::Floats(bytes)) => appender.append(bytes, timestamp, value),
            (Writer::Xor2(appender), ChunkBytes::Plain(bytes)) => {
                appender.append(bytes, (timestamp, start), value)
            }
            _ => return,
        };
        if u32::from(self.count()) == shape.samples / 4 {
            self.cut_at = predicted_end(self.start, timestamp, self.cut_at, 4.0);
        }
    }

    /// Adds a histogram that is newer than all samples, where this chunk can take it.
    ///
    /// # Errors
    /// Where the histogram's buckets are not those that its spans lay out.
    pub(crate) fn offer<H: HeadHistogram>(
        &mut self,
        time: (i64, i64),
        histogram: &H,
        shape: ChunkShape,
    ) -> Result<Offered, chunks::Error> {
        let (before, count) = (self.bytes.len(), self.count());
        let is_over = (time.0 >= self.cut_at || before >= 2 * HISTOGRAM_BYTES)
            && (count >= HISTOGRAMS_MIN || time.0 >= shape.range_end(self.start));
        let (Some(appender), ChunkBytes::Plain(bytes)) = (H::appender(&mut self.writer), &mut self.bytes)
        else {
            return Ok(Offered::Refused(ResetHeader::of_hint(histogram.reset_hint())));
        };
        if is_over {
            return Ok(Offered::Refused(appender.header_after(histogram)));
        }
        match appender.append(bytes, time, histogram) {
            Ok(Appended::InPlace | Appended::Recoded) => {}
            Ok(Appended::NeedsNewChunk(reset)) => return Ok(Offered::Refused(reset)),
            Err(chunks::Error::Full) => return Ok(Offered::Refused(appender.header_after(histogram))),
            Err(error) => return Err(error),
        }
        let quarter = HISTOGRAM_BYTES / 4;
        let after = bytes.len();
        if before < quarter && after >= quarter {
            let parts = HISTOGRAM_BYTES as f64 / after as f64;
            self.cut_at = predicted_end(self.start, time.0, self.cut_at, parts);
        }
        Ok(Offered::Taken)
    }

    /// Reads what the next append needs, for the processor to have it.
    #[inline]
    pub(super) fn fetch(&self) -> u32 {
        match &self.bytes {
            ChunkBytes::Floats(bytes) => bytes.fetch(),
            ChunkBytes::Plain(bytes) => u32::from(bytes.last().copied().unwrap_or_default()),
        }
    }

    fn holds_floats(&self) -> bool {
        matches!(self.writer, Writer::Xor(_) | Writer::Xor2(_))
    }

    pub(crate) fn count(&self) -> u16 {
        match &self.writer {
            Writer::Xor(appender) => appender.count(),
            Writer::Xor2(appender) => appender.count(),
            Writer::Histogram(appender) => appender.count(),
            Writer::FloatHistogram(appender) => appender.count(),
        }
    }

    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    #[inline]
    pub(crate) fn end(&self) -> i64 {
        match &self.writer {
            Writer::Xor(appender) => appender.last_timestamp().unwrap_or(self.start),
            Writer::Xor2(appender) => appender.last_timestamp().unwrap_or(self.start),
            Writer::Histogram(appender) => appender.last_timestamp(),
            Writer::FloatHistogram(appender) => appender.last_timestamp(),
        }
    }

    /// Whether histograms are encoded with start timestamps.
    fn with_starts(&self) -> bool {
        match &self.writer {
            Writer::Xor(_) | Writer::Xor2(_) => false,
            Writer::Histogram(appender) => appender.with_starts(),
            Writer::FloatHistogram(appender) => appender.with_starts(),
        }
    }

    /// From its oldest sample to its newest.
    pub(crate) fn span(&self) -> TimeRange {
        TimeRange::new(self.start, self.end())
    }

    /// Value of the newest sample, where that is a float.
    pub(crate) fn last_float(&self) -> Option<f64> {
        match &self.writer {
            Writer::Xor(appender) => appender.last_value(),
            Writer::Xor2(appender) => appender.last_value(),
            Writer::Histogram(_) | Writer::FloatHistogram(_) => None,
        }
    }

    /// Whether the newest sample is this histogram.
    pub(crate) fn ends_with<H: HeadHistogram>(&self, histogram: &H) -> bool {
        H::appender_ref(&self.writer).is_some_and(|appender| appender.last().is_same(histogram))
    }

    pub(crate) fn encoding(&self) -> Encoding {
        match &self.writer {
            Writer::Xor(_) => Encoding::Xor,
            Writer::Xor2(_) => Encoding::Xor2,
            Writer::Histogram(_) if self.with_starts() => Encoding::HistogramSt,
            Writer::Histogram(_) => Encoding::Histogram,
            Writer::FloatHistogram(_) if self.with_starts() => Encoding::FloatHistogramSt,
            Writer::FloatHistogram(_) => Encoding::FloatHistogram,
        }
    }

    /// The newest sample; `None` without any.
    pub(crate) fn last_sample(&self) -> Option<LastSample> {
        match &self.writer {
            Writer::Xor(_) | Writer::Xor2(_) => self.last_float().map(LastSample::Float),
            Writer::Histogram(appender) => Some(LastSample::Histogram(appender.last())),
            Writer::FloatHistogram(appender) => Some(LastSample::FloatHistogram(appender.last())),
        }
    }

    /// Writes the number of samples into a copy of the bytes, where the appender has left that to others.
    fn set_count(&self, bytes: &mut [u8]) {
        let count = match &self.writer {
            Writer::Xor(appender) => appender.count(),
            Writer::Xor2(_) | Writer::Histogram(_) | Writer::FloatHistogram(_) => return,
        };
        if let Some(header) = bytes.first_chunk_mut() {
            *header = count.to_be_bytes();
        }
    }

    /// The encoded samples.
    pub(crate) fn data(&self) -> Vec<u8> {
        let mut bytes = self.bytes.to_vec();
        self.set_count(&mut bytes);
        bytes
    }

    /// The chunk as it is now.
    pub(crate) fn copy(&self) -> FullChunk {
        let bytes = self.data().into();
        FullChunk { start: self.start, end: self.end(), encoding: self.encoding(), bytes }
    }

    /// Ends the chunk.
    pub(crate) fn seal(self) -> FullChunk {
        self.copy()
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
