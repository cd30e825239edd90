//! The state that the next histogram of a chunk is written against.

use model::is_stale_nan;

use super::ResetHeader;
use super::chunk_header::{ChunkHeader, HEADER_BYTES};
use super::decoder::Decoder;
use super::expand::relaid;
use super::kind::{Counts, HistogramKind, Side};
use super::layout::{Layout, bucket_count};
use super::plan::Plan;
use crate::bits::{BitWriter, ByteBuffer, write_varbit_int};
use crate::error::Error;
use crate::fields::{Field, FloatField, IntField};
use crate::start::StartTimes;

/// Appends histograms of one kind to a chunk whose bytes lie elsewhere.
///
/// The buffer of each call must be the one of the call before.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramAppender<H: HistogramKind> {
    pub(super) header: ChunkHeader,
    pub(super) layout: Layout,
    pub(super) timestamp: IntField,
    pub(super) starts: StartTimes,
    pub(super) numbers: Counts<H::Field>,
    /// Unused bits in the last byte.
    pub(super) free: u8,
}

/// What became of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is in the chunk.
    InPlace,
    /// It is in the chunk, which was written anew with the sample's buckets in all samples.
    Recoded,
    /// It is nowhere: it must begin a new chunk with this header, see [`HistogramAppender::start`].
    NeedsNewChunk(ResetHeader),
}

impl<H: HistogramKind> HistogramAppender<H> {
    /// Starts a chunk with its first sample: whatever `buffer` holds is cleared.
    ///
    /// `with_starts` chooses an encoding with start times; without, `start` is not kept. A start time of 0 is none.
    ///
    /// # Errors
    /// [`Error::BucketCount`].
    pub fn start<B: ByteBuffer>(
        buffer: &mut B,
        with_starts: bool,
        reset: ResetHeader,
        (timestamp, start): (i64, i64),
        histogram: &H,
    ) -> Result<Self, Error> {
        // The end of a series has no buckets, and a chunk that begins with it an empty layout.
        let stale = is_stale_nan(histogram.shape().sum).then(H::stale);
        let histogram = stale.as_ref().unwrap_or(histogram);
        check_buckets(histogram)?;
        let shape = histogram.shape();
        let layout = Layout {
            schema: shape.schema,
            zero_threshold: shape.zero_threshold,
            positive_spans: shape.positive_spans.to_vec(),
            negative_spans: shape.negative_spans.to_vec(),
            custom_values: shape.custom_values.clone(),
        };
        let numbers = Counts {
            count: H::Field::new(histogram.count()),
            zero_count: H::Field::new(histogram.zero_count()),
            sum: FloatField::new(shape.sum.to_bits()),
            positive: histogram.values(Side::Positive).map(H::Field::new).collect(),
            negative: histogram.values(Side::Negative).map(H::Field::new).collect(),
        };
        let header = ChunkHeader { count: 1, reset, start_byte: with_starts.then_some(0) };
        let timestamp = IntField::new(timestamp);
        let mut appender = Self { header, layout, timestamp, starts: StartTimes::NONE, numbers, free: 0 };
        appender.write_first(buffer, start);
        Ok(appender)
    }

    /// Takes up a chunk that was written before; what stands behind its last sample is cut off.
    ///
    /// # Errors
    /// Where the bytes are no chunk, or one without samples.
    pub fn resume<B: ByteBuffer>(buffer: &mut B, with_starts: bool) -> Result<Self, Error> {
        let decoder = Decoder::<H>::new(buffer.bytes(), with_starts)?;
        let (appender, len) = decoder.into_appender()?;
        buffer.truncate(len);
        Ok(appender)
    }

    /// Appends a sample where the chunk can take it.
    ///
    /// # Errors
    /// [`Error::BucketCount`], and [`Error::Full`] after 65,535 samples (16,383 with start times); the chunk is
    /// as it was.
    pub fn append<B: ByteBuffer>(
        &mut self,
        buffer: &mut B,
        (timestamp, start): (i64, i64),
        histogram: &H,
    ) -> Result<Appended, Error> {
        check_buckets(histogram)?;
        match self.plan(histogram) {
            Plan::NewChunk(reset) => Ok(Appended::NeedsNewChunk(reset)),
            Plan::Append => {
                self.write_next(buffer, timestamp, start, histogram)?;
                Ok(Appended::InPlace)
            }
            Plan::Relayout(positive_spans, negative_spans) => {
                self.header.next_count()?;
                let layout = Layout { positive_spans, negative_spans, ..self.layout.clone() };
                let histogram = relaid_histogram(histogram, &layout);
                if layout == self.layout {
                    self.write_next(buffer, timestamp, start, &histogram)?;
                    return Ok(Appended::InPlace);
                }
                let (mut recoded, mut bytes) = self.recoded(buffer.bytes(), &layout)?;
                recoded.write_next(&mut bytes, timestamp, start, &histogram)?;
                buffer.truncate(0);
                buffer.extend(&bytes);
                *self = recoded;
                Ok(Appended::Recoded)
            }
        }
    }

    /// The header of a new chunk that begins with `histogram` behind this one, whatever the reason it begins.
    pub fn header_after(&self, histogram: &H) -> ResetHeader {
        match self.plan(histogram) {
            Plan::NewChunk(reset) => reset,
            Plan::Append | Plan::Relayout(..) if self.header.reset == ResetHeader::Gauge => {
                ResetHeader::Gauge
            }
            Plan::Append | Plan::Relayout(..) => ResetHeader::NotReset,
        }
    }

    /// Number of samples in the chunk.
    pub fn count(&self) -> u16 {
        self.header.count
    }

    /// Timestamp of the last sample.
    pub fn last_timestamp(&self) -> i64 {
        self.timestamp.value
    }

    /// Whether the encoding has room for start times.
    pub fn with_starts(&self) -> bool {
        self.header.start_byte.is_some()
    }

    /// What the chunk's header says of a counter reset.
    pub fn reset_header(&self) -> ResetHeader {
        self.header.reset
    }

    /// The last sample.
    pub fn last(&self) -> H {
        let hint = super::decoder::hint(self.header.reset, self.header.count - 1);
        H::decoded(&self.layout, hint, &self.numbers)
    }

    /// Bytes on the heap, without those of the chunk.
    pub fn heap_bytes(&self) -> usize {
        let buckets = self.numbers.positive.capacity() + self.numbers.negative.capacity();
        let spans = self.layout.positive_spans.capacity() + self.layout.negative_spans.capacity();
        buckets * size_of::<H::Field>()
            + spans * size_of::<model::Span>()
            + self.layout.custom_values.len() * 8
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn numbers(&self) -> &Counts<H::Field> {
        &self.numbers
    }

    fn write_first<B: ByteBuffer>(&mut self, buffer: &mut B, start: i64) {
        buffer.truncate(0);
        buffer.extend(&[0; HEADER_BYTES]);
        let mut writer = BitWriter::new(buffer, 0);
        self.layout.write(&mut writer);
        write_varbit_int(&mut writer, self.timestamp.value);
        H::write_first_count(&mut writer, self.numbers.count);
        H::write_first_count(&mut writer, self.numbers.zero_count);
        self.numbers.sum.write_first(&mut writer);
        for field in self.numbers.positive.iter().chain(&self.numbers.negative) {
            field.write_first(&mut writer);
        }
        if self.header.start_byte.is_some() {
            self.starts.write(&mut writer, 0, (0, self.timestamp.value), start);
        }
        self.finish(writer, 1);
    }

    /// Writes a sample that has the chunk's layout, or marks the end of the series.
    fn write_next<B: ByteBuffer>(
        &mut self,
        buffer: &mut B,
        timestamp: i64,
        start: i64,
        histogram: &H,
    ) -> Result<(), Error> {
        let count = self.header.next_count()?;
        let before = self.timestamp.value;
        let mut writer = BitWriter::new(buffer, self.free);
        self.timestamp.write_next(&mut writer, timestamp);
        let numbers = &mut self.numbers;
        if is_stale_nan(histogram.shape().sum) {
            H::write_stale_counts(&mut writer, numbers);
            numbers.sum.write_next(&mut writer, histogram.shape().sum.to_bits());
        } else {
            numbers.count.write_next(&mut writer, histogram.count());
            numbers.zero_count.write_next(&mut writer, histogram.zero_count());
            numbers.sum.write_next(&mut writer, histogram.shape().sum.to_bits());
            for (field, value) in numbers.positive.iter_mut().zip(histogram.values(Side::Positive)) {
                field.write_next(&mut writer, value);
            }
            for (field, value) in numbers.negative.iter_mut().zip(histogram.values(Side::Negative)) {
                field.write_next(&mut writer, value);
            }
        }
        if self.header.start_byte.is_some() {
            self.starts.write(&mut writer, count - 1, (before, timestamp), start);
        }
        self.finish(writer, count);
        Ok(())
    }

    fn finish<B: ByteBuffer>(&mut self, writer: BitWriter<'_, B>, count: u16) {
        let (buffer, free) = writer.finish_with_buffer();
        self.free = free;
        self.header.count = count;
        self.header.start_byte = self.header.start_byte.map(|_| self.starts.header());
        self.header.write(buffer);
    }

    /// The chunk written anew in a layout that has all of its buckets.
    fn recoded(&self, bytes: &[u8], layout: &Layout) -> Result<(Self, Vec<u8>), Error> {
        let with_starts = self.header.start_byte.is_some();
        let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 4);
        let mut appender: Option<Self> = None;
        let mut result = Ok(());
        Decoder::<H>::new(bytes, with_starts)?.for_each(
            |timestamp, start, numbers, decoded_layout, hint| {
                let histogram = H::decoded(decoded_layout, hint, numbers);
                let histogram = relaid_histogram(&histogram, layout);
                let written = match &mut appender {
                    Some(appender) => appender.write_next(&mut out, timestamp, start, &histogram),
                    None => {
                        let reset = self.header.reset;
                        Self::start(&mut out, with_starts, reset, (timestamp, start), &histogram)
                            .map(|started| appender = Some(started))
                    }
                };
                result = result.and(written);
            },
        )?;
        result?;
        let appender = appender.ok_or(Error::Truncated { len: bytes.len(), samples: 0 })?;
        Ok((appender, out))
    }
}

fn check_buckets<H: HistogramKind>(histogram: &H) -> Result<(), Error> {
    let shape = histogram.shape();
    for (spans, side) in [(shape.positive_spans, Side::Positive), (shape.negative_spans, Side::Negative)] {
        let (laid_out, buckets) = (bucket_count(spans), histogram.values(side).len());
        if laid_out != buckets {
            return Err(Error::BucketCount { buckets, laid_out });
        }
    }
    Ok(())
}

/// The histogram with the spans of `layout`, which have all of its buckets.
fn relaid_histogram<H: HistogramKind>(histogram: &H, layout: &Layout) -> H {
    let shape = histogram.shape();
    let side = |from, to: &[model::Span], side| {
        relaid((from, H::counts(histogram.values(side))), to, bucket_count(to))
    };
    let positive = side(shape.positive_spans, &layout.positive_spans, Side::Positive);
    let negative = side(shape.negative_spans, &layout.negative_spans, Side::Negative);
    histogram.with_buckets(layout, &positive, &negative)
}
